"""Who is next on the waitlist for what became free. Only a suggestion: staff confirm it or pass over."""

from django.db import transaction

from programs.models import Cycle
from selection.enums import OfferStatus
from selection.models import Offer
from selection.queries.waitlist import in_line, money_of


@transaction.atomic
def suggest(cycle: Cycle) -> list[Offer]:
    """Suggest a place to the next ones in rank order whose payment the free dollars reach.

    It stops at the first that does not fit: nobody is skipped for being too large. The caller has locked
    the cycle.
    """
    money = money_of(cycle)
    if money is None or money.free <= 0:
        return []
    free, found = money.free, []
    for decision in in_line(cycle).iterator(chunk_size=100):
        cost = decision.application.potential_payment or 0
        if cost > free:
            break
        free -= cost
        found.append(
            Offer(
                application_id=decision.application_id,
                decision=decision,
                status=OfferStatus.SUGGESTED,
                is_promotion=True,
            )
        )
    return Offer.objects.bulk_create(found)
