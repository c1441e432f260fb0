"""What people fill in when they select."""
