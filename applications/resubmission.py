"""What was submitted last, to read, and what changed in it since the submission before."""

from dataclasses import dataclass
from datetime import datetime

from applications.diffing import SectionChanges, changes_between
from applications.models import Application, Submission
from applications.reading import Block, read_document


@dataclass(frozen=True)
class Reading:
    """The last submission as blocks, and what differs by section from the one before.

    `since` is the time (UTC) of the one before; None, and no `changes`, after the first.
    """

    blocks: list[Block]
    changes: list[SectionChanges]
    since: datetime | None


def reading_of(application: Application) -> Reading:
    """Return what plans and DHCS read of `application` (1 query).

    Raises Submission.DoesNotExist for one that was never submitted.
    """
    rows = Submission.objects.filter(application=application).order_by("-number")[:2]
    signed = list(rows.values_list("content", "created_at"))
    if not signed:
        raise Submission.DoesNotExist(f"{application.reference} was never submitted.")
    definition = application.cycle.definition
    (content, _at), *before = signed
    blocks = read_document(content, definition)
    if not before:
        return Reading(blocks, [], None)
    [(previous, since)] = before
    return Reading(blocks, changes_between(previous, content, definition), since)
