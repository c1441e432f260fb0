"""Reads of offers: the last one of an application, and those whose time comes."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from applications.models import Application
from notifications.models import OutboxEmail
from programs.models import Cycle
from selection.enums import OfferStatus
from selection.models import Offer

REMINDER = "offer_reminder"
SHOWN = OfferStatus.OPEN, OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.EXPIRED


def offer_of(application: Application) -> Offer | None:
    """Return the last offer that the practice may know of, or None; suggestions are not for it."""
    offers = Offer.objects.filter(application=application, status__in=SHOWN)
    return offers.select_related("answered_by").order_by("pk").last()


def offers_of(applications: Iterable[int]) -> dict[int, Offer]:
    """Return the last offer that each practice may know of, by the application's id (1 query)."""
    offers = Offer.objects.filter(application__in=applications, status__in=SHOWN)
    return {offer.application_id: offer for offer in offers.order_by("pk")}


def due(now: datetime) -> QuerySet[Offer]:
    """Return the open offers whose time was over at `now` (UTC)."""
    return Offer.objects.filter(status=OfferStatus.OPEN, answer_by__lt=now)


def to_remind(now: datetime, before: timedelta) -> QuerySet[Offer]:
    """Return the open offers that end within `before` of `now` and were not reminded of, soonest first.

    Who was offered the place within that time knows it from the offer.
    """
    key = Concat(Value("offer:"), Cast(OuterRef("pk"), CharField()))
    told = OutboxEmail.objects.filter(kind=REMINDER, dedupe_key=key)
    return (
        Offer.objects.filter(
            ~Exists(told),
            status=OfferStatus.OPEN,
            answer_by__gte=now,
            answer_by__lte=now + before,
            created_at__lt=F("answer_by") - before,
        )
        .select_related("application__practice", "application__cycle")
        .order_by("answer_by", "pk")
    )


def offer_counts(cycle: Cycle) -> Counter[str]:
    """Return how many offers of the decisions of a cycle are in each status (1 query)."""
    rows = Offer.objects.filter(application__cycle=cycle).values_list("status")
    return Counter(dict(rows.annotate(n=Count("pk")).order_by()))
