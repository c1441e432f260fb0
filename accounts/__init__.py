"""People, organisations and the hats that people wear in them."""
