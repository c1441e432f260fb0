"""What apps above may want to know of applications; they are told inside the transaction of the act."""

from django.dispatch import Signal

submitted = Signal()
"""An application came in: `application`, and `by`, the hat that signed. Sent before any email."""
