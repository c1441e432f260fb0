"""One act on many applications: what it would do to each, doing it, and undoing it while that is possible.

Flags and claims change at once and can be undone for a while. What leaves DHCS (sending back) waits
first: until it is carried out it can be undone, and nobody outside knows of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from selection.domain.bulk_kinds import KINDS, Judged, Kind
from selection.models import BulkAct

MOST = 1000
WAIT = timedelta(seconds=60)
UNDO_WITHIN = timedelta(minutes=15)
BATCH = 50
LEFT = "left_alone"
CARRY_OUT_TASK = "selection.carry_out_bulk_act"


@dataclass(frozen=True)
class Effect:
    """What the act does to one application: `before` and `after` in words, or why it does nothing."""

    application: Application
    before: str
    after: str
    problem: str


def effects(
    rows: Iterable[Application], *, kind: str, values: Mapping[str, Any], by: Membership
) -> list[Effect]:
    """Return what the act would do to each; writes nothing."""
    listed = list(rows)
    judge = KINDS[kind].judge(listed, values, by)
    return [_effect(row, judge(row)) for row in listed]


@transaction.atomic
def do(
    rows: QuerySet[Application],
    *,
    cycle: Cycle,
    kind: str,
    values: Mapping[str, Any],
    by: Membership,
) -> BulkAct:
    """Do the act to each of `rows` (what `by` may see) where it can be done, and return what was done.

    What was left alone is kept with its reason (`left_alone`).
    Raises DomainError for more than `MOST` applications, or when it can be done to none of them.
    """
    pks = list(
        rows.order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .values_list("pk", flat=True)[: MOST + 1]
    )
    if len(pks) > MOST:
        message = _("Choose at most %(n)s applications at once. Narrow the view first.")
        raise DomainError(message % {"n": f"{MOST:,}"})
    locked = list(applications_visible_to(by).filter(pk__in=pks).order_by("pk"))
    acted: Kind = KINDS[kind]
    found = effects(locked, kind=kind, values=values, by=by)
    done = [one for one in found if not one.problem]
    if not done:
        raise DomainError(_("This can be done to none of the applications you chose."))
    now = timezone.now()
    changed = acted.apply([one.application for one in done], values, by, now)
    act = BulkAct.objects.create(
        cycle=cycle,
        kind=kind,
        values={**values, "hat": by.pk, LEFT: [_left(one) for one in found if one.problem]},
        effects=[_stored(one, changed.get(one.application.pk)) for one in done],
        done_by_id=by.user_id,
        done_at=now,
        pending_until=now + WAIT if acted.waits else None,
        carried_out_at=None if acted.waits else now,
    )
    if acted.waits:
        transaction.on_commit(lambda: _ring(act.pk), robust=True)
    return act


def can_undo(act: BulkAct, now: datetime) -> bool:
    """Tell whether the act can be undone at `now` (UTC)."""
    if act.undone_at is not None:
        return False
    if KINDS[act.kind].waits:
        return act.carried_out_at is None
    return now - act.done_at < UNDO_WITHIN


@transaction.atomic
def undo(act: BulkAct, *, by: Membership) -> int:
    """Undo the act wherever things are still as it left them; return at how many applications.

    What was carried out already stays: `gone` tells which. Raises WrongState when the act was undone
    before, was carried out, or is too long ago.
    """
    locked = BulkAct.objects.select_for_update(of=("self",)).get(pk=act.pk)
    now = timezone.now()
    if locked.undone_at is not None:
        raise WrongState(_("This was undone already."))
    if not can_undo(locked, now):
        raise WrongState(_("It is too late to undo this. Look at the applications one by one."))
    locked.undone_at = now
    locked.save(update_fields=["undone_at"])
    left = [one for one in locked.effects if "outcome" not in one]
    return KINDS[locked.kind].undo(left, by, now)


def gone(act: BulkAct) -> list[dict[str, Any]]:
    """Return the effects that were carried out before the act was undone, and stay."""
    return [one for one in act.effects if one.get("outcome") == "" and act.undone_at is not None]


def left_alone(act: BulkAct) -> list[dict[str, Any]]:
    """Return what was chosen and left alone, with the `problem` of each; acts of before kept none."""
    return act.values.get(LEFT, [])


def due(now: datetime) -> QuerySet[BulkAct]:
    """Return what waited long enough (UTC) and is to be carried out."""
    return BulkAct.objects.filter(
        pending_until__lte=now, carried_out_at=None, undone_at=None
    ).order_by("pk")


def carry_out(pk: int) -> bool:
    """Carry out an act that waited, batch after batch; tell whether there was work.

    Each batch is a transaction of its own that notes what became of each application: stopped at any
    moment, it goes on where it was, and does nothing twice.
    """
    worked = False
    while _carry_out_some(pk):
        worked = True
    return worked


@transaction.atomic
def _carry_out_some(pk: int) -> bool:
    act = (
        due(timezone.now()).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
    )
    if act is None:
        return False
    waiting = [one for one in act.effects if "outcome" not in one][:BATCH]
    hat = Membership.objects.select_related("organisation", "user").get(pk=act.values["hat"])
    KINDS[act.kind].carry_out(waiting, act.values, hat)
    if all("outcome" in one for one in act.effects):
        act.carried_out_at = timezone.now()
    act.save(update_fields=["effects", "carried_out_at"])
    return True


def _effect(row: Application, judged: Judged) -> Effect:
    return Effect(row, judged.before, judged.after, judged.problem)


def _left(effect: Effect) -> dict[str, Any]:
    return _named(effect.application) | {"problem": effect.problem}


def _stored(effect: Effect, changed: Any) -> dict[str, Any]:
    """Return an effect as it is kept: references, words, and the id of what was changed."""
    words = {"before": effect.before, "after": effect.after, "changed": changed}
    return _named(effect.application) | words


def _named(row: Application) -> dict[str, Any]:
    return {"application": row.pk, "reference": row.reference, "practice": row.practice.name}


def _ring(pk: int) -> None:
    seconds = WAIT.total_seconds() + 1
    current_app.send_task(CARRY_OUT_TASK, args=[pk], countdown=seconds)
