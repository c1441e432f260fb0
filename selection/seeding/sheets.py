"""Synthetic score sheets: points that add up to the score, and comments where the rules want them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from accounts.models import Membership
from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import ConflictCheck
from programs.schema import Criterion
from scoring import conflicts
from scoring.models import Assignment, CriterionComment, CriterionScore, ScoreSheet
from scoring.rubric import total_of
from selection.seeding.applications import Filed
from selection.seeding.flavours import Window
from selection.seeding.texts import sentence

HPI_POINTS: dict[int | None, int] = {1: 5, 2: 4, 3: 2, 4: 1, None: 3}
COMMENT_SHARE = 0.25
FINISHED_SHARE = 0.4
SECOND_SHARE_OPEN, SECOND_SHARE = 0.6, 0.25
AGREEING = 4  # points from the official score on either side
DIFFERING = 16
SCORING = (Status.IN_REVIEW, Status.SCORED, Status.RECOMMENDED, Status.NOT_RECOMMENDED)


@dataclass
class Scored:
    """The rows of one sheet, not stored yet."""

    assignment: Assignment
    sheet: ScoreSheet
    scores: list[CriterionScore] = field(default_factory=list)
    comments: list[CriterionComment] = field(default_factory=list)
    checks: list[ConflictCheck] = field(default_factory=list)


def score(filed: Filed, window: Window) -> list[Scored]:
    """Return the sheets of an application under review or scored; none in other states.

    Under review, three sheets in five are filled in partly and not submitted. Some finished reviews have
    a second sheet: near the first where the score is official, often far from it where it is not yet.
    """
    row, rng = filed.application, filed.made.rng
    if row.status not in SCORING or row.submitted_at is None:
        return []
    total, first = filed.made.target.mcp_score, filed.staff.reviewer(rng)
    if row.status == Status.IN_REVIEW and rng.random() > FINISHED_SHARE:
        given = rng.randint(0, len(row.cycle.definition.criteria()) - 1)
        return [_sheet(filed, window, first, total, given=given)]
    second = SECOND_SHARE_OPEN if row.mcp_score is None else SECOND_SHARE
    others = [one for one in filed.staff.reviewers if one.pk != first.pk]
    if not others or rng.random() > second:
        return [_sheet(filed, window, first, total)]
    apart = rng.randint(0, AGREEING if row.mcp_score is not None else DIFFERING)
    apart = min(apart, total, row.cycle.definition.rubric.total - total)
    if row.mcp_score is not None:
        row.score_basis = "mean_of_2"
    totals = (total + apart, total - apart)
    reviewers = (first, rng.choice(others))
    return [
        _sheet(filed, window, reviewer, points)
        for reviewer, points in zip(reviewers, totals, strict=True)
    ]


def _sheet(
    filed: Filed, window: Window, reviewer: Membership, total: int, given: int | None = None
) -> Scored:
    """Return one sheet of `total` points: submitted, or with the first `given` criteria only."""
    row, rng = filed.application, filed.made.rng
    submitted, definition = row.submitted_at or window.end, row.cycle.definition
    assignment = Assignment(
        application=row,
        reviewer=reviewer,
        assigned_by=filed.staff.lead(rng).label,
        assigned_at=window.step("start_review", submitted),
        read_submission=1,
    )
    done = Scored(assignment, ScoreSheet(assignment=assignment))
    points = spread(total, definition.criteria(), filed.made.target.quartile, rng)
    if given is None:
        done.sheet.submitted_at = window.step("sheet_submitted", submitted)
        done.sheet.submitted_by = reviewer.label
    else:
        points = dict(list(points.items())[:given])
    if points:
        done.sheet.started_at = window.step("sheet_started", submitted)
        done.checks = _declared(done, window.step("sheet_started", submitted))
    at = done.sheet.submitted_at or done.sheet.started_at
    _fill(done, points, definition.criteria(), definition.scoring.comment_required_at, at, rng)
    return done


def _declared(done: Scored, at: datetime) -> list[ConflictCheck]:
    """Return the reviewer's answers before the documents opened: no conflict by any rule."""
    assignment = done.assignment
    rules = assignment.application.cycle.definition.scoring.conflict_rules
    return [
        ConflictCheck(
            application=assignment.application,
            person=assignment.reviewer.user,
            rule=rule.key,
            source=ConflictSource.SELF,
            hard=rule.hard,
            outcome=ConflictOutcome.PASSED,
            stated_by=assignment.reviewer.label,
            stated_at=at,
        )
        for rule in conflicts.declared(rules)
    ]


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
