"""Forms of the practice's pages."""
