"""A released cohort of whole payments, its owners, and its clock."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Membership
from applications.models import Application
from programs.models import Cycle
from programs.payment import potential_payment
from selection.domain import offers
from selection.models import DecisionRecord, Offer
from selection.record import verifier
from tests.selection.building import handed_over, owner_of, released

WHY = "We have no staff for this."


SCORES = {"one": 90, "two": 85, "w1": 76, "w2": 75, "w3": 74}
MEMBERS = 920


def cost_of(cycle: Cycle, members: int = MEMBERS) -> Decimal:
    """Return the potential payment of a practice of this size."""
    return potential_payment(members, cycle.definition.payment.bands)


def release(cycle: Cycle, analyst: Membership, approver: Membership, **members: int):
    """Return the applications of a released cohort, each re-read, and an owner of each by name.

    Two are selected, and three are on the waitlist, the best one first; `members` by name where they are
    not 920.
    """
    rows = {
        name: handed_over(
            cycle,
            score,
            members=members.get(name, MEMBERS),
            potential_payment=cost_of(cycle, members.get(name, MEMBERS)),
        )
        for name, score in SCORES.items()
    }
    owners = {name: owner_of(one) for name, one in rows.items()}
    released(cycle, analyst, approver)
    for one in rows.values():
        one.refresh_from_db()
    return rows, owners


def decline(application: Application, owner: Membership) -> Offer:
    """Decline the place of an application."""
    return offers.decline(application, reason=WHY, by=owner)


def late(application: Application) -> None:
    """Let the time of the application's open offer be over since a second."""
    moment = timezone.now() - timedelta(seconds=1)
    Offer.objects.filter(application=application, status="open").update(answer_by=moment)


def statuses(rows: dict[str, Application]) -> dict[str, str]:
    """Return the stored status of each."""
    found = dict(Application.objects.values_list("pk", "status"))
    return {name: found[one.pk] for name, one in rows.items()}


def suggested() -> list[int]:
    """Return the applications that the portal suggests, by rank."""
    rows = Offer.objects.filter(status="suggested").order_by("decision__rank")
    return list(rows.values_list("application", flat=True))


def records(cycle: Cycle) -> list[DecisionRecord]:
    """Return the chain of a cycle after checking it whole, full and public."""
    rows = list(DecisionRecord.objects.filter(cycle=cycle).order_by("sequence"))
    verifier.verify_chain(verifier.read(row.document.encode()) for row in rows)
    verifier.verify_chain(verifier.read(row.public.encode()) for row in rows)
    return rows
