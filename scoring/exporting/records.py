"""What one row of an export says: one criterion of one version of one sheet, or of a consensus.

Never a private note.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
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
    "purpose",
    "state",
    "version",
    "submitted_utc",
    "submitted_pacific",
    "criterion",
    "title",
    "points",
    "max_points",
    "comment",
    "official_score",
    "official_basis",
)
SUBMITTED, REPLACED, VOID, EARLIER = "submitted", "replaced", "void", "earlier version"
AGREED = "consensus"
STATES = (SUBMITTED, REPLACED, VOID, EARLIER, AGREED)
LEAD = "lead"  # instead of the name, where reviewers are codes
Record = dict[str, Any]


def records(hat: Membership, cycle: Cycle, *, with_names: bool) -> Iterator[Record]:
    """Yield the rows of everything that `hat` may see in `cycle`, by application, sheet and version.

    What the lead settled by consensus comes after the sheets of its application. Without
    `with_names` a reviewer is R1, R2 … , the same code in all rows of one export. Times are
    ISO 8601, in UTC and in Pacific time. Keys are those of COLUMNS, in that order; what they and the
    states mean is in docs/score-export.md.
    """
    codes = {pk: f"R{number}" for number, pk in enumerate(reviewers_in(hat, cycle), start=1)}
    criteria = cycle.localized.criteria()
    sheets = groupby(read_sheets(hat, cycle), lambda sheet: sheet.assignment.application_id)
    for _pk, group in sheets:
        for sheet in group:
            application, reviewer = sheet.assignment.application, sheet.assignment.reviewer
            head = _head(application) | {
                "sheet": sheet.pk,
                "purpose": sheet.assignment.purpose,
                "reviewer": reviewer.user.full_name if with_names else codes.get(reviewer.pk, "R"),
            }
            yield from _of_sheet(sheet, head, criteria)
        yield from _of_agreements(application, criteria, with_names=with_names)


def _head(application: Application) -> Record:
    plan = application.designated_mcp
    row: Record = dict.fromkeys(COLUMNS, "")
    return row | {
        "application": application.reference,
        "practice": application.practice.name,
        "plan": plan.name if plan else _("Not chosen"),
        "official_score": application.mcp_score,
        "official_basis": application.score_basis,
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
    about = {"state": _state(sheet), "version": len(versions) + 1} | _times(sheet.submitted_at)
    points = {row.code: row.points for row in sheet.scores.all()}
    comments = {row.code: row.text for row in sheet.comments.all()}
    for criterion in criteria:
        values = {"points": points.get(criterion.code), "comment": comments.get(criterion.code, "")}
        yield head | about | _about(criterion) | values


def _of_agreements(
    application: Any, criteria: Sequence[Criterion], *, with_names: bool
) -> Iterator[Record]:
    for number, settled in enumerate(application.agreed, start=1):
        who = settled.settled_by if with_names else LEAD
        about: Record = {"reviewer": who, "purpose": AGREED, "state": AGREED, "version": number}
        head = _head(application) | about | _times(settled.settled_at)
        for criterion in criteria:
            if found := settled.points.get(criterion.code):
                values = {"points": found["points"], "comment": found.get("reason", "")}
                yield head | _about(criterion) | values


def _state(sheet: ScoreSheet) -> str:
    if sheet.voided_at is not None:
        return VOID
    return SUBMITTED if sheet.assignment.ended_at is None else REPLACED


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
