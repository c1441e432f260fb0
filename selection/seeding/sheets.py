"""Synthetic score sheets: points that add up to the score, and comments where the rules want them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from applications.enums import Status
from programs.schema import Criterion
from scoring.models import Assignment, CriterionComment, CriterionScore, ScoreSheet
from scoring.rubric import total_of
from selection.seeding.applications import Filed
from selection.seeding.flavours import Window
from selection.seeding.texts import sentence

HPI_POINTS: dict[int | None, int] = {1: 5, 2: 4, 3: 2, 4: 1, None: 3}
COMMENT_SHARE = 0.25
FINISHED_SHARE = 0.2
SCORING = (Status.IN_REVIEW, Status.SCORED, Status.RECOMMENDED, Status.NOT_RECOMMENDED)


@dataclass
class Scored:
    """The rows of one sheet, not stored yet."""

    assignment: Assignment
    sheet: ScoreSheet
    scores: list[CriterionScore] = field(default_factory=list)
    comments: list[CriterionComment] = field(default_factory=list)


def score(filed: Filed, window: Window) -> Scored | None:
    """Return the sheet of an application under review or scored; None in other states.

    Under review, four sheets in five are filled in partly and not submitted.
    """
    row, rng = filed.application, filed.made.rng
    submitted = row.submitted_at
    if row.status not in SCORING or submitted is None:
        return None
    reviewer = filed.staff.reviewer(rng)
    definition = row.cycle.definition
    assignment = Assignment(
        application=row,
        reviewer=reviewer,
        assigned_by=filed.staff.lead(rng).label,
        assigned_at=window.step("start_review", submitted),
    )
    done = Scored(assignment, ScoreSheet(assignment=assignment))
    criteria = definition.criteria()
    points = spread(filed.made.target.mcp_score, criteria, filed.made.target.quartile, rng)
    if row.status == Status.IN_REVIEW and rng.random() > FINISHED_SHARE:
        given = rng.randint(0, len(criteria) - 1)
        points = dict(list(points.items())[:given])
    else:
        done.sheet.submitted_at = window.step("sheet_submitted", submitted)
        done.sheet.submitted_by = reviewer.label
    if points:
        done.sheet.started_at = window.step("sheet_started", submitted)
    at = done.sheet.submitted_at or done.sheet.started_at
    _fill(done, points, criteria, definition.scoring.comment_required_at, at, rng)
    return done


def spread(
    total: int, criteria: Sequence[Criterion], quartile: int | None, rng: Random
) -> dict[str, int]:
    """Divide `total` points over the criteria, near-evenly; the one on HPI follows the quartile."""
    points = dict.fromkeys((criterion.code for criterion in criteria), 0)
    room = {criterion.code: criterion.max_points for criterion in criteria}
    for criterion in criteria:
        if criterion.sections == ("sites",):
            others = sum(room.values()) - criterion.max_points
            wanted = min(HPI_POINTS[quartile], total, criterion.max_points)
            points[criterion.code] = max(wanted, total - others)
            room.pop(criterion.code)
    left = total - sum(points.values())
    codes = list(room)
    while left:
        rng.shuffle(codes)
        for code in codes[: max(1, len(codes) * 3 // 4)]:
            if left and points[code] < room[code]:
                points[code] += 1
                left -= 1
    return points


def _fill(
    done: Scored,
    points: dict[str, int],
    criteria: Sequence[Criterion],
    comment_at: Collection[int],
    at: datetime | None,
    rng: Random,
) -> None:
    maxima = {criterion.code: criterion.max_points for criterion in criteria}
    shared = {
        "sheet": done.sheet,
        "version": 1,
        "updated_at": at,
        "updated_by": done.assignment.reviewer.user.full_name,
    }
    for code, value in points.items():
        done.scores.append(
            CriterionScore(code=code, points=value, max_points=maxima[code], **shared)
        )
        if value in comment_at or rng.random() < COMMENT_SHARE:
            text = sentence("comment", rng)
            done.comments.append(CriterionComment(code=code, text=text, **shared))
    done.sheet.total, done.sheet.given = total_of(points), len(points)
