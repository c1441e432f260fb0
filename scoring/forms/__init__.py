"""Forms of the plan's side."""
