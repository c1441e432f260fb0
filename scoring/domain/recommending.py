"""From a confirmed score to DHCS: prepare recommendations, change or undo them, hand them over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pghistory
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition, apply_transitions
from applications.enums import Status
from applications.models import Application
from applications.queries import applications_visible_to, last_step
from core.exceptions import WrongState
from programs.models import Cycle
from scoring import emails
from scoring.models import PlannedRecommendation
from scoring.queries.settling import holds_void_sheet, to_hand_over

BATCH = 500
NOTHING_SEEN: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True)
class Words:
    """A recommendation: yes or no, why (shown to the practice later), and a note for DHCS only."""

    recommended: bool
    reason: str
    note: str = ""


@dataclass(frozen=True)
class Effect:
    """What preparing does to one application: `before` is what was prepared; `problem` why nothing can be.

    `same` tells that exactly this is prepared already, `stale` that something else is prepared than the
    lead saw.
    """

    application: Application
    before: PlannedRecommendation | None
    problem: str
    same: bool
    stale: bool = False

    @property
    def mark(self) -> str:
        """The text that a page carries to say what it showed."""
        return base_of(self.before)


@dataclass(frozen=True)
class Ready:
    """What can be handed over: how many, how many of them recommended, and a mark.

    The mark differs after any change to what is prepared; it is empty when nothing is.
    """

    total: int
    recommended: int
    mark: str


def base_of(planned: PlannedRecommendation | None) -> str:
    """Return the text that a page carries to say which prepared words it showed; "" for none."""
    return f"{planned.planned_at:%Y%m%d%H%M%S%f}" if planned else ""


def effects(
    applications: Iterable[Application], words: Words, seen: Mapping[int, str] | None = None
) -> list[Effect]:
    """Return what preparing `words` would do to each; writes nothing. Rows come with `planned`.

    `seen` holds `base_of` what the lead saw, by application id; None compares nothing (1 query).
    """
    rows = list(applications)
    unsound = Application.objects.filter(holds_void_sheet(), pk__in=[row.pk for row in rows])
    void = set(unsound.values_list("pk", flat=True))
    return [_effect(row, words, seen, holds_void=row.pk in void) for row in rows]


@transaction.atomic
def prepare(
    ids: Iterable[int],
    *,
    words: Words,
    by: Membership,
    seen: Mapping[int, str] = NOTHING_SEEN,
) -> list[Effect]:
    """Prepare the same recommendation for many applications of the lead's plan; DHCS sees nothing yet.

    What can't be recommended now is left alone and told in its effect, and so is one for which something
    else is prepared than `seen` says (`base_of` by application id; not in it: nothing was prepared). A
    second call changes nothing.
    """
    locked = (
        applications_visible_to(by)
        .filter(pk__in=list(ids), designated_mcp=by.organisation_id)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rows = Application.objects.filter(pk__in=list(locked)).select_related("planned").order_by("pk")
    found = effects(rows, words, seen)
    now = timezone.now()
    PlannedRecommendation.objects.bulk_create(
        [
            PlannedRecommendation(
                application=one.application,
                recommended=words.recommended,
                reason=words.reason,
                note=words.note,
                planned_by=by.label,
                planned_at=now,
            )
            for one in found
            if not one.problem and not one.same
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["application"],
        update_fields=["recommended", "reason", "note", "planned_by", "planned_at"],
    )
    return found


@transaction.atomic
def prepare_one(application: Application, *, words: Words, by: Membership, seen: str = "") -> None:
    """Prepare the recommendation of one application, or change it; `seen` is `base_of` what was shown.

    Raises WrongState when nothing can be recommended now, or something else is prepared than was shown.
    """
    for one in prepare([application.pk], words=words, by=by, seen={application.pk: seen}):
        if one.problem:
            raise WrongState(f"{application.reference}: {one.problem}")


@transaction.atomic
def undo(application: Application, *, by: Membership) -> None:
    """Take a prepared recommendation back. Raises WrongState when there is none any more."""
    locked = lock(application)
    row = PlannedRecommendation.objects.filter(application=locked).first()
    if row is None:
        raise WrongState(_("Nothing is prepared for this application. Nothing was changed."))
    forget([row], by=by)


def forget(rows: Iterable[PlannedRecommendation], *, by: Membership) -> None:
    """Remove prepared recommendations whose applications are locked; the history says by whom."""
    found = list(rows)
    for row in found:
        row.planned_by, row.planned_at = by.label, timezone.now()
        pghistory.create_event(row, label="undone")
    PlannedRecommendation.objects.filter(pk__in=[row.pk for row in found]).delete()


def ready_counts(cycle: Cycle, hat: Membership) -> Ready:
    """Return what the lead can hand over now, in numbers (1 query)."""
    ready = to_hand_over(hat, cycle).select_related(None).order_by()
    found = ready.aggregate(
        total=Count("pk"),
        recommended=Count("pk", filter=Q(recommended=True)),
        last=Max("planned_at"),
    )
    mark = f"{found['total']}-{found['last']:%Y%m%d%H%M%S%f}" if found["total"] else ""
    return Ready(found["total"], found["recommended"], mark)


@transaction.atomic
def hand_over(cycle: Cycle, *, mark: str, by: Membership) -> int:
    """Hand every prepared application of the lead's plan over to DHCS; return how many.

    All or nothing; afterwards they are locked for the plan. `mark` is that of `ready_counts` as the lead
    saw it. A second call hands over nothing. Raises WrongState when something else is ready than the
    lead saw.
    """
    ready = to_hand_over(by, cycle).order_by()
    list(
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ready.values("pk"), status=Status.SCORED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rows = {row.pk: row for row in ready.order_by("application_id")}
    if not rows:
        return 0
    if mark != ready_counts(cycle, by).mark:
        message = _("What is ready has changed since you opened this page. Look at the list again.")
        raise WrongState(message)
    apply_transitions([_step(row) for row in rows.values()], by=by)
    PlannedRecommendation.objects.filter(pk__in=list(rows)).delete()
    return len(rows)


@transaction.atomic
def send_back(application: Application, *, note: str, by: Membership) -> Application:
    """Give a handed-over application back to its plan's leads, with a note, and tell them by email.

    The score stays confirmed. Raises WrongState when the application is decided or not handed over.
    """
    locked = lock(application)
    moved = apply_transition(locked, "send_back", by=by, reason=note)
    emails.sent_back(locked, note=note, key=f"transition:{last_step(moved).pk}")
    return moved


def _effect(
    row: Application, words: Words, seen: Mapping[int, str] | None, *, holds_void: bool
) -> Effect:
    before = getattr(row, "planned", None)
    same = before is not None and words == Words(before.recommended, before.reason, before.note)
    if problem := problem_of(row, holds_void=holds_void):
        return Effect(row, before, problem, same)
    stale = seen is not None and not same and seen.get(row.pk, "") != base_of(before)
    return Effect(row, before, _changed(before) if stale else "", same, stale)


def _changed(before: PlannedRecommendation | None) -> str:
    if before is None:
        return _("What was prepared for it was taken back since you opened this page.")
    message = _("%(who)s prepared something else for it since you opened this page.")
    return message % {"who": before.planned_by}


def problem_of(application: Application, *, holds_void: bool) -> str:
    """Return why nothing can be prepared for the application now, or ""."""
    if application.status == Status.SCORED and holds_void:
        return _("Its score holds a void sheet. Take the score back on its page first.")
    if application.status == Status.SCORED:
        return ""
    if application.status in Status.handed_over:
        return _("It is handed over already. DHCS can send it back.")
    if application.status in (Status.SUBMITTED, Status.IN_REVIEW):
        return _("Its MCP score is not confirmed yet.")
    return _("It is “%(state)s” now.") % {"state": application.staff_status.lower()}


def _step(row: PlannedRecommendation) -> tuple[int, str, str, dict[str, object]]:
    name = "recommend" if row.recommended else "do_not_recommend"
    changes: dict[str, object] = {
        "recommended": row.recommended,
        "recommendation_reason": row.reason,
        "recommendation_note": row.note,
    }
    return row.pk, name, row.reason, changes
