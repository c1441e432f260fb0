"""Decision letters as tagged PDF (PDF/UA-1), set by typst."""
