"""Applications: what a practice writes, signs and follows."""
