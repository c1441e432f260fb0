"""What DHCS's side does when something happens below it: one module for each topic."""

from selection.receivers import conflicts, proposals, searching

__all__ = ["conflicts", "proposals", "searching"]
