"""Reads of one reviewer's work: whose turn each review is, what comes next, what is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import ConflictCheck, Presence, Submission
from programs.models import Cycle
from scoring.conflicts import declared
from scoring.models import (
    Assignment,
    CriterionComment,
    CriterionScore,
    ScoreSheet,
    SheetVersion,
)
from scoring.queries.sheets import FOR_PAGE

OPEN_NOW = timedelta(seconds=60)  # a sheet that took a save since then is open somewhere
BEATING = timedelta(seconds=150)  # a page in the background may speak only once a minute


class Turn(models.IntegerChoices):
    """What the reviewer can do with a review that is not submitted, in the order of the list."""

    CORRECTED = 0, _("Corrected: read what changed")
    STARTED = 1, _("Started")
    NEW = 2, _("Not started")
    WAITING = 3, _("Corrected: waits for your lead")
    RETURNED = 4, _("With the practice for correction")
    CLOSED = 5, _("Scoring is over")


STARTABLE = (Turn.CORRECTED, Turn.STARTED, Turn.NEW)


@dataclass(frozen=True)
class Load:
    """The reviews of one person in one cycle: to do, and submitted."""

    cycle: int
    title: str
    slug: str
    due: datetime
    waiting: int
    done: int


def reviews_of(hat: Membership) -> QuerySet[ScoreSheet]:
    """Return the standing reviews of `hat` in every cycle, each with what its page shows."""
    return ScoreSheet.objects.select_related(*FOR_PAGE).filter(
        assignment__reviewer=hat, assignment__ended_at=None
    )


def to_do(hat: Membership, cycle: Cycle | None = None) -> QuerySet[ScoreSheet]:
    """Return the reviews that are not submitted: by due date, then `turn`, then as assigned.

    `cycle` keeps those of one cycle. Corrected means that the practice submitted again after the
    reviewer read an earlier submission, and the reviewer has not read the last one.
    """
    last = Submission.objects.filter(application=OuterRef("assignment__application"))
    found = reviews_of(hat).filter(submitted_at=None)
    if cycle is not None:
        found = found.filter(assignment__application__cycle=cycle)
    return (
        found.annotate(
            last_number=Subquery(last.order_by("-number").values("number")[:1]),
        )
        .annotate(turn=_turn())
        .order_by("assignment__application__cycle__scoring_due_at", "turn", "pk")
    )


def to_do_after(rows: QuerySet[ScoreSheet], turn: int, sheet: int) -> QuerySet[ScoreSheet]:
    """Return the rows of one cycle's `to_do` that come after the row with `turn` and id."""
    return rows.filter(Q(turn__gt=turn) | Q(turn=turn, pk__gt=sheet))


def with_reopening(rows: QuerySet[ScoreSheet]) -> QuerySet[ScoreSheet]:
    """Return `rows` with `reopened_for`: why the lead reopened the sheet last, or None."""
    versions = SheetVersion.objects.filter(sheet=OuterRef("pk")).order_by("-number")
    return rows.annotate(reopened_for=Subquery(versions.values("reason")[:1]))


def undeclared_by(hat: Membership, cycle: Cycle) -> QuerySet[ScoreSheet]:
    """Return the rows of `to_do` in `cycle` before which the person still has to answer."""
    found = to_do(hat, cycle)
    if not declared(cycle.definition.scoring.conflict_rules):
        return found.none()
    answered = ConflictCheck.objects.filter(
        application=OuterRef("assignment__application"),
        person=hat.user_id,
        source=ConflictSource.SELF,
    ).exclude(outcome=ConflictOutcome.PENDING)
    return found.filter(~Exists(answered))


def own_checks(hat: Membership) -> QuerySet[ConflictCheck]:
    """Return what was found about the person on applications of the hat's plan, the last first.

    What the person declared; what others said only of applications that the person was given. A check
    that was a conflict and is none any more keeps its note and is among them.
    """
    given = Assignment.objects.filter(
        application=OuterRef("application"), reviewer__user=hat.user_id
    )
    said = Q(outcome=ConflictOutcome.FAILED) | ~Q(note="")
    return (
        ConflictCheck.objects.filter(
            said, person=hat.user_id, application__designated_mcp=hat.organisation_id
        )
        .filter(Q(source=ConflictSource.SELF) | Exists(given))
        .select_related("application__practice", "application__cycle")
        .order_by("-pk")
    )


def done_by(hat: Membership, cycle: Cycle) -> QuerySet[ScoreSheet]:
    """Return the submitted reviews of `hat` in `cycle`, the last first."""
    return (
        reviews_of(hat)
        .filter(submitted_at__isnull=False, assignment__application__cycle=cycle)
        .order_by("-submitted_at", "-pk")
    )


def done_after(rows: QuerySet[ScoreSheet], sheet: int) -> QuerySet[ScoreSheet]:
    """Return the rows of `done_by` that come after the one with id `sheet`."""
    moment = ScoreSheet.objects.filter(pk=sheet).values("submitted_at")[:1]
    earlier = Q(submitted_at__lt=Subquery(moment))
    return rows.filter(earlier | Q(submitted_at=Subquery(moment), pk__lt=sheet))


def next_for(hat: Membership, cycle: Cycle | None, skip: int | None) -> ScoreSheet | None:
    """Return the review to score now: of `cycle` before any other, else None when there is none.

    `skip` is the id of a sheet that is not asked for. One that is open in another window comes after
    all others; so does `skip`. It is open while its page says so, and without script for 60 seconds
    after a save.
    """
    now = timezone.now()
    written = [
        Exists(rows.objects.filter(sheet=OuterRef("pk"), updated_at__gte=now - OPEN_NOW))
        for rows in (CriterionScore, CriterionComment)
    ]
    beating = Presence.objects.filter(
        application=OuterRef("assignment__application"),
        hat__user=hat.user_id,
        hat__organisation=hat.organisation_id,
        seen_at__gte=now - BEATING,
    )
    here = Q(assignment__application__cycle=cycle)
    found = to_do(hat).filter(Q(turn__in=STARTABLE))
    found = found.annotate(
        held=Case(
            When(pk=skip or 0, then=2),
            When(Exists(beating) | written[0] | written[1], then=1),
            default=0,
        ),
        elsewhere=Case(When(here, then=0), default=1) if cycle else Value(0),
    )
    return found.order_by("held", "elsewhere", *found.query.order_by).first()


def loads_of(hat: Membership) -> list[Load]:
    """Return the number of reviews of `hat` by cycle, the one that is due first at the front."""
    cycle = "assignment__application__cycle"
    names = [f"{cycle}__{name}" for name in ("id", "title", "slug", "scoring_due_at")]
    rows = (
        ScoreSheet.objects.filter(assignment__reviewer=hat, assignment__ended_at=None)
        .values_list(*names)
        .annotate(
            waiting=Count("pk", filter=Q(submitted_at=None)),
            done=Count("pk", filter=Q(submitted_at__isnull=False)),
        )
        .order_by(f"{cycle}__scoring_due_at", f"{cycle}__id")
    )
    return [Load(*row) for row in rows]


def _turn() -> Case:
    status = "assignment__application__status"
    read = "assignment__read_submission"
    unread = Q(**{f"{read}__gt": 0}, last_number__gt=F(read))
    return Case(
        When(Q(**{status: Status.IN_REVIEW}) & unread, then=Turn.CORRECTED),
        When(Q(**{status: Status.IN_REVIEW}, started_at__isnull=False), then=Turn.STARTED),
        When(Q(**{status: Status.IN_REVIEW}), then=Turn.NEW),
        When(Q(**{status: Status.SUBMITTED}), then=Turn.WAITING),
        When(Q(**{status: Status.RETURNED}), then=Turn.RETURNED),
        default=Turn.CLOSED,
        output_field=models.SmallIntegerField(),
    )
