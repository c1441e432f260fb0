"""What was submitted last, to read, and what changed in it since the submission before."""

from dataclasses import dataclass
from datetime import datetime

from applications.diffing import SectionChanges, changes_between
from applications.models import Application, Submission
from applications.reading import Block, read_document


@dataclass(frozen=True)
class Reading:
    """The last submission as blocks, and what differs by section from the one before.

    `since` is the time (UTC) of the one before; None, and no `changes`, after the first. `number` is
    the number of the last submission.
    """

    blocks: list[Block]
    changes: list[SectionChanges]
    since: datetime | None
    number: int = 1


def reading_of(application: Application, *, read: int = 0) -> Reading:
    """Return what plans and DHCS read of `application` (1 query).

    `read` is the number of the submission to compare with, one that somebody read; 0, and the last
    one itself, compare with the one before. Raises Submission.DoesNotExist for one that was never
    submitted.
    """
    rows = Submission.objects.filter(application=application).order_by("-number")
    columns = rows.values_list("number", "content", "created_at")
    signed = list(columns.filter(number__gte=read - 1) if read else columns[:2])
    if not signed:
        raise Submission.DoesNotExist(f"{application.reference} was never submitted.")
    definition = application.cycle.definition
    number, content, _at = signed[0]
    blocks = read_document(content, definition)
    before = [row for row in signed[1:] if row[0] == read] or signed[1:2]
    if not before:
        return Reading(blocks, [], None, number)
    [(_number, previous, since)] = before
    return Reading(blocks, changes_between(previous, content, definition), since, number)
