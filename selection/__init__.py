"""Selection: the DHCS queue, priority points, threshold, decisions and their release."""
