"""Marks a proposal as stale when an application that it rests on moves."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from applications.models import ApplicationTransition
from applications.signals import moved
from selection.domain import staleness


@receiver(moved, dispatch_uid="stale_proposals")
def look_at_steps(steps: Sequence[ApplicationTransition], **_signal: Any) -> None:
    """Look at what moved."""
    staleness.look_at(steps)
