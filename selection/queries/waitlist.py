"""Reads of the waitlist: who is in line, what is free, and the offers that were made."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import Membership
from applications.enums import Status
from applications.queries import applications_visible_to
from programs.models import Cycle
from selection.enums import OfferStatus, RecordKind
from selection.models import Decision, DecisionRecord, Offer
from selection.queries.offers import SHOWN
from selection.queries.records import BIG

NONE = Decimal(0)
PASSED_OVER = Q(status=OfferStatus.CANCELLED, is_promotion=True) & ~Q(reason="")


@dataclass(frozen=True)
class Money:
    """Dollars of a cohort: what the release cost, what it costs now, and what suggestions keep back."""

    released: Decimal
    now: Decimal
    kept: Decimal

    @property
    def freed(self) -> Decimal:
        """What came back since the release and is not given to anybody else."""
        return self.released - self.now

    @property
    def free(self) -> Decimal:
        """What can still be suggested."""
        return self.freed - self.kept


def money_of(cycle: Cycle, *, before: Decision | None = None) -> Money | None:
    """Return the dollars of the cycle's last release, as its records say them; None before one.

    With `before` only the suggestions with a better rank keep money back.
    """
    chain = DecisionRecord.objects.filter(cycle=cycle).defer(*BIG).order_by("-sequence")
    last = chain.first()
    if last is None:
        return None
    release = chain.exclude(kind=RecordKind.LATER_ACT).first()
    assert release is not None, "the first record of a chain is a release"
    waiting = suggestions(cycle)
    if before is not None:
        waiting = waiting.filter(decision__rank__lt=before.rank or 0)
    kept = waiting.aggregate(sum=Sum("application__potential_payment"))["sum"]
    return Money(release.cost, last.cost, kept or NONE)


def suggestions(cycle: Cycle) -> QuerySet[Offer]:
    """Return the suggestions that staff can confirm: on decisions in force, of who still waits."""
    return Offer.objects.filter(
        application__cycle=cycle,
        application__status=Status.WAITLISTED,
        status=OfferStatus.SUGGESTED,
        decision__in_force=True,
    )


def waitlist(cycle: Cycle) -> QuerySet[Decision]:
    """Return the decisions in force of everybody on the waitlist, in rank order."""
    rows = Decision.objects.filter(
        application__cycle=cycle, application__status=Status.WAITLISTED, in_force=True
    )
    return rows.select_related("application").order_by("rank", "application__reference")


def in_line(cycle: Cycle) -> QuerySet[Decision]:
    """Return who of the waitlist can be suggested: neither suggested nor passed over."""
    live = Offer.objects.filter(application=OuterRef("application"), status__in=OfferStatus.live)
    passed = Offer.objects.filter(PASSED_OVER, decision=OuterRef("pk"))
    return waitlist(cycle).filter(~Exists(live), ~Exists(passed))


def offers_visible_to(hat: Membership) -> QuerySet[Offer]:
    """Return the offers of the applications that a person of DHCS may see; conflicts hide theirs."""
    visible = applications_visible_to(hat).values("pk")
    rows = Offer.objects.filter(application__in=visible)
    return rows.select_related("application__practice", "application__cycle", "decision")


def offers_on(decisions: Iterable[Decision]) -> dict[int, Offer]:
    """Return what waits for staff or was passed over on each of these decisions, by decision (1 query)."""
    rows = Offer.objects.filter(decision__in=list(decisions), is_promotion=True)
    shown = rows.filter(Q(status=OfferStatus.SUGGESTED) | PASSED_OVER)
    return {one.decision_id: one for one in shown.order_by("pk")}


def offers_of(hat: Membership, cycle: Cycle, state: str) -> QuerySet[Offer]:
    """Return the offers of a cycle in one status ("": all that practices know of), by who may see them.

    Those that wait for the practice come by deadline, the others the last one first.
    """
    rows = offers_visible_to(hat).filter(
        application__cycle=cycle, status__in=[state] if state else SHOWN
    )
    order = ("answer_by", "pk") if state == OfferStatus.OPEN else ("-pk",)
    return rows.select_related("answered_by", "confirmed_by").order_by(*order)
