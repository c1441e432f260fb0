"""What can be done to many applications at once: flags, claims, and sending back to the plans."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.transitions import can_take
from applications.models import Application
from applications.queries import applications_visible_to, hard_conflicts
from core.exceptions import DomainError
from scoring.domain.recommending import send_back
from selection.models import BulkAct, Claim, Flag

Values = Mapping[str, Any]
Stored = list[dict[str, Any]]


@dataclass(frozen=True)
class Judged:
    """One application before and after the act, in words; or the problem that keeps it from being done."""

    before: str = ""
    after: str = ""
    problem: str = ""


Judge = Callable[[Application], Judged]


class Kind:
    """One kind of act. `waits`: it is carried out a while after it was asked for."""

    waits = False

    def judge(self, rows: Sequence[Application], values: Values, by: Membership) -> Judge:
        """Return how to judge each of `rows`."""
        raise NotImplementedError

    def apply(
        self, rows: Sequence[Application], values: Values, by: Membership, now: datetime
    ) -> dict[int, int]:
        """Do it; return the id of what was changed by application."""
        return {}

    def undo(self, effects: Stored, by: Membership, now: datetime) -> int:
        """Undo it where things are still so; return at how many."""
        return len(effects)

    def carry_out(self, effects: Stored, values: Values, by: Membership) -> None:
        """Carry out what waited, and note the `outcome` of each: "" or the problem."""


class PutFlag(Kind):
    """Put a flag on."""

    def judge(self, rows, values, by):
        """Say which flags each has, and whether this one is new."""
        flags = _flags_of(rows)

        def judged(row: Application) -> Judged:
            there = [flag.label for flag in flags.get(row.pk, [])]
            if values["label"].casefold() in (label.casefold() for label in there):
                return Judged(problem=_("It has this flag already."))
            after = ", ".join([*there, values["label"]])
            return Judged(", ".join(there) or _("No flag"), after)

        return judged

    def apply(self, rows, values, by, now):
        """Put it on each."""
        made = Flag.objects.bulk_create(
            [Flag(application=row, label=values["label"], raised_by_id=by.user_id) for row in rows]
        )
        return {flag.application_id: flag.pk for flag in made}

    def undo(self, effects, by, now):
        """Take it off again."""
        live = Flag.objects.filter(pk__in=_changed(effects), cleared_at=None)
        return live.update(cleared_at=now, cleared_by=by.user_id)


class TakeFlagOff(Kind):
    """Take a flag off."""

    def judge(self, rows, values, by):
        """Say which flags each has, and whether this one is among them."""
        flags = _flags_of(rows)

        def judged(row: Application) -> Judged:
            there = [flag.label for flag in flags.get(row.pk, [])]
            if values["label"] not in there:
                return Judged(problem=_("It does not have this flag."))
            left = [label for label in there if label != values["label"]]
            return Judged(", ".join(there), ", ".join(left) or _("No flag"))

        return judged

    def apply(self, rows, values, by, now):
        """Take it off each."""
        live = Flag.objects.filter(application__in=rows, label=values["label"], cleared_at=None)
        found = dict(live.order_by().values_list("application", "pk"))
        live.filter(pk__in=list(found.values())).update(cleared_at=now, cleared_by=by.user_id)
        return found

    def undo(self, effects, by, now):
        """Put back what nobody has put on anew."""
        taken = Flag.objects.filter(pk__in=_changed(effects), cleared_at__isnull=False)
        back = [flag for flag in taken if not _has_flag(flag)]
        rows = Flag.objects.filter(pk__in=[flag.pk for flag in back])
        return rows.update(cleared_at=None, cleared_by=None)


class ClaimFor(Kind):
    """Claim for oneself or a colleague: `values["person"]` is the user's id, `person_name` their name."""

    def judge(self, rows, values, by):
        """Say who has each, and whether the person may have it."""
        claims = _claims_of(rows)
        checks = hard_conflicts().filter(person=values["person"], application__in=rows)
        barred = set(checks.values_list("application", flat=True))

        def judged(row: Application) -> Judged:
            there = claims.get(row.pk)
            if there:
                problem = _("%(who)s has it. Release it first.")
                return Judged(problem=problem % {"who": there.person.full_name})
            if row.pk in barred:
                return Judged(problem=_("It can't be given to this person."))
            return Judged(_("Nobody has it"), values["person_name"])

        return judged

    def apply(self, rows, values, by, now):
        """Claim each."""
        made = Claim.objects.bulk_create(
            [Claim(application=row, person_id=values["person"], claimed_at=now) for row in rows]
        )
        return {claim.application_id: claim.pk for claim in made}

    def undo(self, effects, by, now):
        """End the claims that are still open."""
        return _end(Claim.objects.filter(pk__in=_changed(effects)), now)


class Release(Kind):
    """End claims, one's own and those of colleagues."""

    def judge(self, rows, values, by):
        """Say who has each."""
        claims = _claims_of(rows)

        def judged(row: Application) -> Judged:
            there = claims.get(row.pk)
            if there is None:
                return Judged(problem=_("Nobody has it."))
            return Judged(there.person.full_name, _("Nobody has it"))

        return judged

    def apply(self, rows, values, by, now):
        """End the claims."""
        live = Claim.objects.filter(application__in=rows, ended_at=None)
        found = dict(live.order_by().values_list("application", "pk"))
        _end(live, now)
        return found

    def undo(self, effects, by, now):
        """Give back what nobody has claimed since."""
        rows = Claim.objects.select_related("application").filter(pk__in=_changed(effects))
        taken = _claims_of([claim.application for claim in rows])
        back = [claim.pk for claim in rows if claim.application_id not in taken]
        return Claim.objects.filter(pk__in=back).update(ended_at=None, is_done=False)


class SendBack(Kind):
    """Give handed-over applications back to their plans, with one note; waits before it is done."""

    waits = True

    def judge(self, rows, values, by):
        """Say which can go back, and which go back already."""
        leaving = _leaving(rows)

        def judged(row: Application) -> Judged:
            if row.pk in leaving:
                return Judged(problem=_("It is being sent back already."))
            if not can_take(row, "send_back", by):
                problem = _("It is “%(state)s”: it can't be sent back.")
                return Judged(problem=problem % {"state": row.staff_status.lower()})
            return Judged(row.staff_status, _("With its plan"))

        return judged

    def carry_out(self, effects, values, by):
        """Send each back that still can go."""
        rows = applications_visible_to(by).in_bulk([one["application"] for one in effects])
        for one in effects:
            one["outcome"] = _sent_back(rows.get(one["application"]), values["note"], by)


def _sent_back(row: Application | None, note: str, by: Membership) -> str:
    if row is None or not can_take(row, "send_back", by):
        return _("It could not be sent back any more. Nothing was changed.")
    try:
        with transaction.atomic():
            send_back(row, note=note, by=by)
    except DomainError as error:
        return str(error)
    return ""


def _flags_of(rows: Iterable[Application]) -> dict[int, list[Flag]]:
    found: dict[int, list[Flag]] = {}
    for flag in Flag.objects.filter(application__in=list(rows), cleared_at=None).order_by("label"):
        found.setdefault(flag.application_id, []).append(flag)
    return found


def _has_flag(flag: Flag) -> bool:
    live = Flag.objects.filter(application=flag.application_id, cleared_at=None)
    return live.filter(label__iexact=flag.label).exists()


def _claims_of(rows: Iterable[Application]) -> dict[int, Claim]:
    live = Claim.objects.filter(application__in=list(rows), ended_at=None).select_related("person")
    return {claim.application_id: claim for claim in live}


def _end(claims: Any, now: datetime) -> int:
    return claims.filter(ended_at=None).update(ended_at=now)


def _leaving(rows: Sequence[Application]) -> set[int]:
    """Return which are in an act that waits to be carried out (1 query)."""
    cycles = {row.cycle_id for row in rows}
    acts = BulkAct.objects.filter(
        cycle__in=cycles, kind="send_back", carried_out_at=None, undone_at=None
    )
    return {one["application"] for act in acts for one in act.effects if "outcome" not in one}


def _changed(effects: Stored) -> list[int]:
    return [one["changed"] for one in effects if one["changed"]]


KINDS: Mapping[str, Kind] = {
    "flag": PutFlag(),
    "unflag": TakeFlagOff(),
    "claim": ClaimFor(),
    "release": Release(),
    "send_back": SendBack(),
}
