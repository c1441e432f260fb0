"""Pages of a plan's lead and reviewers."""
