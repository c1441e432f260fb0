"""Template tags of DHCS's side, also for pages of the practice."""
