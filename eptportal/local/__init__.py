"""Servers on this machine for the demo, development and tests; production never imports this."""
