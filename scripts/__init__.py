"""Programs for the people who work on the portal; the portal itself imports none of them."""
