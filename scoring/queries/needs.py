"""What waits for the lead: each need is a condition over the plan's applications.

The overview counts the needs and the list of applications filters by them, so both always agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import Application, ApplicationTransition, ConflictCheck
from programs.models import Cycle
from scoring.conflicts import declared
from scoring.enums import Ending, Purpose
from scoring.models import Adjudication, Assignment, PlannedRecommendation
from scoring.needs import Need
from scoring.queries.settling import holds_void_sheet
from scoring.queries.work import ASSIGNABLE

SOON = timedelta(days=7)  # a review that nobody has started so near to the due date is at risk


@dataclass(frozen=True)
class Moment:
    """A cycle at a time (UTC): when scores are due, and what its program asks of reviewers."""

    now: datetime
    due: datetime
    reviewers_each: int
    asks: bool

    @property
    def is_over(self) -> bool:
        """Whether the due date is behind."""
        return self.now > self.due

    @property
    def is_near(self) -> bool:
        """Whether scoring is due within a week."""
        return not self.is_over and self.due - self.now <= SOON


def moment(cycle: Cycle, now: datetime) -> Moment:
    """Return what the needs depend on besides the rows."""
    scoring = cycle.definition.scoring
    return Moment(
        now=now,
        due=cycle.scoring_due_at,
        reviewers_each=scoring.reviewers_per_application,
        asks=bool(declared(scoring.conflict_rules)),
    )


def with_need(applications: QuerySet[Application], need: str, at: Moment) -> QuerySet[Application]:
    """Keep the applications that have the need. Raises ValueError for an unknown one."""
    found = _facts(applications).filter(conditions(at)[Need(need)])
    return applications.filter(pk__in=found.values("pk"))


def need_counts(applications: QuerySet[Application], at: Moment) -> Mapping[str, int]:
    """Return the number of applications by need (1 query)."""
    counted = {str(need): Count("pk", filter=holds) for need, holds in conditions(at).items()}
    return _facts(applications).aggregate(**counted)


def conditions(at: Moment) -> Mapping[Need, Q]:
    """Return when each need holds, in terms of the facts, in the order of the enum."""
    lacks, in_review = _lacks(at), Q(status=Status.IN_REVIEW)
    return {
        Need.UNASSIGNED: lacks & Q(conflicts=0, declines=0),
        Need.CONFLICT: lacks & Q(conflicts__gt=0),
        Need.DECLINED: lacks & Q(conflicts=0, declines__gt=0),
        Need.CORRECTED: _CORRECTED,
        Need.OVERDUE: _OPEN if at.is_over else NOTHING,
        Need.AT_RISK: _OPEN & Q(idle__gt=0) if at.is_near else NOTHING,
        Need.UNDECLARED: _OPEN & Q(unanswered=True) if at.asks else NOTHING,
        Need.DIFFERENCE: in_review & Q(differs=True),
        Need.TO_CONFIRM: in_review & Q(differs=False, waiting=0, standing__gt=0) & ~lacks,
        Need.VOID_SHEET: _SCORED & Q(holds_void=True),
        Need.SENT_BACK: _SOUND & Q(came_back=True),
        Need.TO_RECOMMEND: _SOUND & Q(came_back=False, prepared=False),
        Need.TO_HAND_OVER: _SOUND & Q(came_back=False, prepared=True),
    }


def _facts(applications: QuerySet[Application]) -> QuerySet:
    """Return pk and status with what the conditions read: numbers of reviews, and marks."""
    standing = Q(assignments__ended_at=None, assignments__isnull=False)
    open_ones = standing & Q(assignments__sheet__submitted_at=None)
    return (
        applications.order_by()
        .values("pk", "status")
        .annotate(
            have=_count(standing & Q(assignments__purpose=Purpose.SCORE)),
            standing=_count(standing),
            waiting=_count(open_ones),
            idle=_count(open_ones & Q(assignments__sheet__started_at=None)),
            conflicts=_count(Q(assignments__ended_kind=Ending.CONFLICT)),
            declines=_count(Q(assignments__ended_kind=Ending.DECLINED)),
            unanswered=_unanswered(),
            differs=_differs(),
            prepared=Exists(PlannedRecommendation.objects.filter(application=OuterRef("pk"))),
            came_back=_came_back(),
            holds_void=holds_void_sheet(),
        )
    )


def _count(condition: Q) -> Count:
    return Count("assignments", filter=condition)


def _unanswered() -> Exists:
    answered = ConflictCheck.objects.filter(
        application=OuterRef("application"),
        person=OuterRef("reviewer__user"),
        source=ConflictSource.SELF,
    ).exclude(outcome=ConflictOutcome.PENDING)
    open_ones = Assignment.objects.filter(
        application=OuterRef("pk"), ended_at=None, sheet__submitted_at=None
    )
    return Exists(open_ones.filter(~Exists(answered)))


def _differs() -> Exists:
    """An open difference that waits for the lead: no third reader has a sheet to submit."""
    mine = Q(third=None) | Q(third__ended_at__isnull=False)
    found = Adjudication.objects.filter(application=OuterRef("pk"), settled_at=None)
    return Exists(found.filter(mine | Q(third__sheet__submitted_at__isnull=False)))


def _came_back() -> Exists:
    """DHCS sent it back, nothing happened since, and no recommendation was prepared since."""
    back = ApplicationTransition.objects.filter(application=OuterRef("pk"), name="send_back")
    later = ApplicationTransition.objects.filter(
        application=OuterRef("application"), pk__gt=OuterRef("pk")
    )
    planned = PlannedRecommendation.objects.filter(
        application=OuterRef("application"), planned_at__gt=OuterRef("created_at")
    )
    return Exists(back.filter(~Exists(later), ~Exists(planned)))


def _lacks(at: Moment) -> Q:
    """Fewer reviewers than the program asks for; what was corrected waits to be resumed instead."""
    few = Q(status__in=ASSIGNABLE, have__lt=at.reviewers_each)
    return few & ~_CORRECTED


NOTHING = Q(status="")  # what no row is; an empty list would make Django skip the whole query
_CORRECTED = Q(status=Status.SUBMITTED, standing__gt=0)
_OPEN = Q(status__in=ASSIGNABLE, waiting__gt=0)
_SCORED = Q(status=Status.SCORED)
_SOUND = _SCORED & Q(holds_void=False)
