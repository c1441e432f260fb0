"""Reads of the messages between a practice and its plan."""

from dataclasses import dataclass

from applications.enums import Status
from applications.models import Application, Message

PAGE_SIZE = 50


@dataclass(frozen=True)
class Thread:
    """One page of messages, newest last. `earlier` is the id to go on from, or None."""

    rows: list[Message]
    earlier: int | None


def thread_of(application: Application, before: str = "") -> Thread:
    """Return the last messages, or those before the one whose id is `before` (1 query)."""
    rows = Message.objects.filter(application=application).order_by("-pk")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    shown = found[:PAGE_SIZE][::-1]
    return Thread(shown, shown[0].pk if more else None)


def is_open_for_messages(application: Application) -> bool:
    """Whether practice and plan can write to each other: submitted once, and not ended."""
    submitted = application.submitted_at is not None and application.designated_mcp_id is not None
    return submitted and application.status not in Status.ended
