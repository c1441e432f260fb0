"""What one row of an export says: one criterion of one version of one sheet. Never a private note."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from core.times import PACIFIC
from programs.models import Cycle
from programs.schema import Criterion
from scoring.models import ScoreSheet
from scoring.queries.exports import read_sheets, reviewers_in

COLUMNS = (
    "application",
    "practice",
    "plan",
    "reviewer",
    "sheet",
    "state",
    "version",
    "submitted_utc",
    "submitted_pacific",
    "criterion",
    "title",
    "points",
    "max_points",
    "comment",
)
SUBMITTED, VOID, EARLIER = "submitted", "void", "earlier version"
Record = dict[str, Any]


def records(hat: Membership, cycle: Cycle, *, with_names: bool) -> Iterator[Record]:
    """Yield the rows of everything that `hat` may see in `cycle`, by application, sheet and version.

    Without `with_names` a reviewer is R1, R2 … , the same code in all rows of one export. Times are
    ISO 8601, in UTC and in Pacific time. Keys are those of COLUMNS, in that order.
    """
    codes = {pk: f"R{number}" for number, pk in enumerate(reviewers_in(hat, cycle), start=1)}
    criteria = cycle.localized.criteria()
    for sheet in read_sheets(hat, cycle):
        reviewer = sheet.assignment.reviewer
        head = _head(sheet) | {
            "reviewer": reviewer.user.full_name if with_names else codes.get(reviewer.pk, "R")
        }
        yield from _of_sheet(sheet, head, criteria)


def _head(sheet: ScoreSheet) -> Record:
    application = sheet.assignment.application
    plan = application.designated_mcp
    row: Record = dict.fromkeys(COLUMNS, "")
    return row | {
        "application": application.reference,
        "practice": application.practice.name,
        "plan": plan.name if plan else _("Not chosen"),
        "sheet": sheet.pk,
    }


def _of_sheet(sheet: ScoreSheet, head: Record, criteria: Sequence[Criterion]) -> Iterator[Record]:
    versions = list(sheet.earlier.all())
    for version in versions:
        about: Record = {"state": EARLIER, "version": version.number} | _times(version.submitted_at)
        for criterion in criteria:
            found = version.content.get(criterion.code, {})
            values = {"points": found.get("points"), "comment": found.get("comment", "")}
            yield head | about | _about(criterion) | values
    if sheet.submitted_at is None:
        return
    state = VOID if sheet.voided_at is not None else SUBMITTED
    about = {"state": state, "version": len(versions) + 1} | _times(sheet.submitted_at)
    points = {row.code: row.points for row in sheet.scores.all()}
    comments = {row.code: row.text for row in sheet.comments.all()}
    for criterion in criteria:
        values = {"points": points.get(criterion.code), "comment": comments.get(criterion.code, "")}
        yield head | about | _about(criterion) | values


def _about(criterion: Criterion) -> Record:
    return {
        "criterion": criterion.code,
        "title": criterion.title,
        "max_points": criterion.max_points,
    }


def _times(moment: datetime) -> Record:
    return {
        "submitted_utc": moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "submitted_pacific": moment.astimezone(PACIFIC).isoformat(timespec="seconds"),
    }
