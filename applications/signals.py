"""What apps above may want to know of applications; they are told inside the transaction of the act."""

from django.dispatch import Signal

submitted = Signal()
"""Applications came in: `applications`, and `by`, the hat that signed or imported. Before any email."""

moved = Signal()
"""Applications changed their state: `steps`, the rows of the log with their applications, and `by`."""
