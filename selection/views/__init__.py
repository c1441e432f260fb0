"""Pages of DHCS."""
