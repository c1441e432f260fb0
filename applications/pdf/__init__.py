"""Applications and receipts as tagged PDF (PDF/UA-1), set by typst."""
