"""Reads for recommending: what a plan can prepare, has prepared and handed over in a cycle."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from accounts.models import Membership
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from applications.queries import applications_visible_to
from programs.models import Cycle
from scoring.models import Adjudication
from scoring.queries.settling import holds_void_sheet

TO_PREPARE, PREPARED, SENT_BACK, HANDED_OVER = "to_prepare", "prepared", "sent_back", "handed_over"
VOID_SHEET = "void_sheet"
OVER_AND_LATER = (*Status.handed_over, *Status.decided)
NOT_READY = (Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED, Status.SCORED)
_SCORED = Q(status=Status.SCORED, holds_void=False)
PARTS = {
    TO_PREPARE: _SCORED & Q(planned=None),
    PREPARED: _SCORED & Q(planned__isnull=False),
    VOID_SHEET: Q(status=Status.SCORED, holds_void=True),
    SENT_BACK: _SCORED & Q(recommended__isnull=False, planned=None),
    HANDED_OVER: Q(status__in=OVER_AND_LATER),
}


def recommendable(hat: Membership, cycle: Cycle | None) -> QuerySet[Application]:
    """Return the applications of the lead's plan in `cycle` that have an official score.

    Each comes with `planned`, and with `holds_void`: whether a sheet in the score is void.
    """
    mine = applications_visible_to(hat).filter(cycle=cycle, designated_mcp=hat.organisation_id)
    found = mine.filter(status__in=(Status.SCORED, *OVER_AND_LATER)).select_related("planned")
    return found.annotate(holds_void=holds_void_sheet())


def counts_by_part(applications: QuerySet[Application]) -> Mapping[str, int]:
    """Return how many are in each part, such as to prepare or handed over (1 query)."""
    counts = {part: Count("pk", filter=condition) for part, condition in PARTS.items()}
    return applications.select_related(None).order_by().aggregate(**counts)


def by_mcp_score(applications: QuerySet[Application], *, lowest_first: bool = False):
    """Order by MCP score, highest first unless told otherwise, then by id."""
    return applications.order_by("mcp_score" if lowest_first else F("mcp_score").desc(), "pk")


def after_mcp_score(
    applications: QuerySet[Application], score: int, pk: int, *, lowest_first: bool = False
) -> QuerySet[Application]:
    """Return what comes after the row of `score` and `pk` in the order of `by_mcp_score`."""
    beyond = Q(mcp_score__gt=score) if lowest_first else Q(mcp_score__lt=score)
    return applications.filter(beyond | Q(mcp_score=score, pk__gt=pk))


def handed_over_at(ids: Iterable[int]) -> dict[int, datetime]:
    """Return when (UTC) each application was last handed over to DHCS, by its id (1 query)."""
    steps = ApplicationTransition.objects.filter(
        application__in=list(ids), name__in=("recommend", "do_not_recommend")
    )
    rows = steps.order_by().values_list("application_id").annotate(at=Max("created_at"))
    return dict(rows)


def not_ready(hat: Membership, cycle: Cycle) -> Mapping[str, int]:
    """Return how many applications of the plan can't be handed over yet, by what they wait for.

    `void_sheet` (in the confirmed score), `nothing_prepared`, `apart` (a difference is open),
    `in_review`, `submitted` (not in review yet), `returned` (1 query).
    """
    mine = applications_visible_to(hat).filter(
        cycle=cycle, designated_mcp=hat.organisation_id, status__in=NOT_READY
    )
    sound = Q(status=Status.SCORED, holds_void=False)
    waiting = Adjudication.objects.filter(application=OuterRef("pk"), settled_at=None)
    reviewing = Q(status=Status.IN_REVIEW)
    return (
        mine.select_related(None)
        .order_by()
        .annotate(is_apart=Exists(waiting), holds_void=holds_void_sheet())
        .aggregate(
            void_sheet=Count("pk", filter=Q(status=Status.SCORED, holds_void=True)),
            nothing_prepared=Count("pk", filter=sound & Q(planned=None)),
            apart=Count("pk", filter=reviewing & Q(is_apart=True)),
            in_review=Count("pk", filter=reviewing & Q(is_apart=False)),
            submitted=Count("pk", filter=Q(status=Status.SUBMITTED)),
            returned=Count("pk", filter=Q(status=Status.RETURNED)),
        )
    )
