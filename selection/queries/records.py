"""Reads of the sealed decision records and of the numbers by which the public knows applications."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Collate
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from programs.models import Cycle
from selection.enums import RecordKind
from selection.models import Decision, DecisionRecord, LaterAct
from selection.record.redacting import number_at, numbers_for

BIG = ("document", "public")


def records_visible_to(hat: Membership | None) -> QuerySet[DecisionRecord]:
    """Return the records that `hat` may read: all for DHCS and auditors, none for anybody else."""
    records = DecisionRecord.objects.select_related("cycle").defer(*BIG)
    if hat is None or not hat.is_active or hat.role not in Role.see_all:
        return records.none()
    return records


def chain_of(cycle: Cycle) -> QuerySet[DecisionRecord]:
    """Return the records of a cycle with their documents, the first one first."""
    return DecisionRecord.objects.filter(cycle=cycle).order_by("sequence")


def latest(cycle: Cycle) -> DecisionRecord | None:
    """Return the last record of a cycle, its documents unread until asked for; None before a release."""
    return chain_of(cycle).defer(*BIG).last()


def public_records(at: datetime | None = None) -> QuerySet[DecisionRecord]:
    """Return the records that the public may read at this moment (default: now)."""
    return DecisionRecord.objects.filter(public_from__lte=at or timezone.now())


def is_published(cycle: Cycle) -> bool:
    """Tell whether the public may read by now who was selected in the cycle (1 query)."""
    return public_records().filter(cycle=cycle).exists()


def hides_some(record: DecisionRecord, hat: Membership) -> bool:
    """Tell whether a conflict of interest hides an application in the record from `hat` (1 query)."""
    decided = Decision.objects.filter(proposal=record.proposal_id)
    return decided.exclude(application__in=applications_visible_to(hat).values("pk")).exists()


def acts_in(records: Iterable[DecisionRecord]) -> dict[int, list[LaterAct]]:
    """Return the later acts that each of these records was sealed for, by its pk (1 query)."""
    found: dict[int, list[LaterAct]] = {}
    acts = LaterAct.objects.filter(record__in=[one.pk for one in records])
    for act in acts.select_related("application"):
        found.setdefault(act.record_id, []).append(act)
    return found


def known_numbers(cycle: Cycle) -> dict[str, str]:
    """Return the public number of every reference in a release of the cycle so far."""
    known: dict[str, str] = {}
    releases = chain_of(cycle).exclude(kind=RecordKind.LATER_ACT)
    for full, public in releases.values_list("document", "public"):
        pairs = zip(_rows(full), _rows(public), strict=True)
        known |= {row["reference"]: number["reference"] for row, number in pairs}
    return known


def public_number(application: Application) -> str:
    """Return the number of an application in the public record, such as "0413"; "" before a release.

    2 queries; for many applications use `public_numbers`.
    """
    first = _first_release(application.cycle_id)
    if first is None:
        return ""
    found = first.annotate(name=Collate("application__reference", "C")).aggregate(
        total=Count("pk"),
        place=Count("pk", filter=Q(name__lte=application.reference)),
        is_in=Count("pk", filter=Q(application=application)),
    )
    if not found["is_in"]:
        return known_numbers(application.cycle).get(application.reference, "")
    return number_at(found["place"], found["total"])


def public_numbers(cycle: Cycle) -> dict[int, str]:
    """Return the public number of every application that a release of the cycle decided, by its pk."""
    first = _first_release(cycle.pk)
    if first is None:
        return {}
    released = Decision.objects.filter(proposal__cycle=cycle, proposal__released_at__isnull=False)
    pks = dict(released.order_by().values_list("application__reference", "application_id"))
    numbers = numbers_for(first.values_list("application__reference", flat=True), {})
    if not pks.keys() <= numbers.keys():
        numbers = known_numbers(cycle)
    return {pk: numbers[name] for name, pk in pks.items() if name in numbers}


def _first_release(cycle_id: int) -> QuerySet[Decision] | None:
    record = DecisionRecord.objects.filter(cycle_id=cycle_id, sequence=1).defer(*BIG).first()
    return None if record is None else Decision.objects.filter(proposal=record.proposal_id)


def _rows(text: str) -> list[dict]:
    return json.loads(text)["applications"]
