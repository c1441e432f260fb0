"""The applications of the queue: what is asked of it as a queryset, and what a row shows."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from programs.models import Cycle
from selection.filters import RELEVANCE, USUAL, Asked, Order
from selection.models import Claim, Flag
from selection.queries.searching import Search, matching, search_for, with_relevance

SHOWN = (
    "reference",
    "status",
    "county",
    "population",
    "practice_types",
    "tribal",
    "members",
    "hpi_quartile",
    "potential_payment",
    "mcp_score",
    "priority_points",
    "adjusted_score",
    "recommended",
    "submitted_at",
    "practice__name",
    "designated_mcp__name",
)
LIMITS = {
    "mcp_min": "mcp_score__gte",
    "mcp_max": "mcp_score__lte",
    "adjusted_min": "adjusted_score__gte",
    "adjusted_max": "adjusted_score__lte",
}


def found_by(
    asked: Asked, hat: Membership, cycle: Cycle | None
) -> tuple[QuerySet[Application], Order, Search | None]:
    """Return what is asked for and visible to `hat`, its order, and the search (1 query with words).

    Ordered by relevance when words are searched, no other order is asked for, and few enough match.
    """
    rows = applications_visible_to(hat).filter(cycle=cycle)
    rows = rows.filter(narrowing(asked, hat))
    if not asked.words:
        return rows, asked.order, None
    search = search_for(asked.words, cycle)
    rows = matching(rows, search)
    if asked.order != RELEVANCE:
        return rows, asked.order, search
    if search.is_broad or not search.words:
        return rows, USUAL, search
    return with_relevance(rows, search), RELEVANCE, search


def narrowing(asked: Asked, hat: Membership) -> Q:
    """Return the filters of the facets and the limits; the words are not among them."""
    found = Q()
    for facet in asked.chosen:
        found &= _one_of(facet, asked.values(facet), hat)
    for name, value in asked.limits.items():
        found &= Q(**{LIMITS[name]: value})
    return found


def for_the_list(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Read only what a row of the queue shows, with its flags and who has it."""
    flags = Flag.objects.filter(application=OuterRef("pk"), cleared_at=None).order_by("label")
    claim = Claim.objects.filter(application=OuterRef("pk"), ended_at=None)
    return (
        applications.select_related(None)
        .select_related("practice", "designated_mcp")
        .only(*SHOWN)
        .annotate(
            flag_labels=ArraySubquery(flags.values("label")),
            claimed_by=Subquery(claim.values("person__full_name")[:1]),
        )
    )


def open_claim() -> Exists:
    """Return whether somebody works on the application of the outer query."""
    return Exists(Claim.objects.filter(application=OuterRef("pk"), ended_at=None))


def _one_of(facet: str, values: tuple[str, ...], hat: Membership) -> Q:
    """Return the filter for one facet: any of the values."""
    if facet == "claimed":
        return reduce(or_, [_claimed(value, hat) for value in values], Q())
    special = SPECIAL.get(facet)
    return special(values) if special else Q(**{f"{facet}__in": list(values)})


def _flagged(values: tuple[str, ...]) -> Q:
    flags = Flag.objects.filter(label__in=values, cleared_at=None)
    return Q(pk__in=flags.values("application"))


def _in_quartile(values: tuple[str, ...]) -> Q:
    rated = Q(hpi_quartile__in=[int(value) for value in values if value != "none"])
    return rated | Q(hpi_quartile__isnull=True) if "none" in values else rated


def _claimed(value: str, hat: Membership) -> Q:
    if value == "nobody":
        return Q(~open_claim())
    claims = Claim.objects.filter(ended_at=None)
    if value == "me":
        claims = claims.filter(person=hat.user_id)
    return Q(pk__in=claims.values("application"))


SPECIAL: Mapping[str, Callable[[tuple[str, ...]], Q]] = {
    "flag": _flagged,
    "practice_type": lambda values: Q(practice_types__overlap=list(values)),
    "tribal": lambda values: Q(tribal__in=[value == "yes" for value in values]),
    "hpi": _in_quartile,
    "plan": lambda values: Q(designated_mcp__in=[int(value) for value in values]),
}
