"""Confirming the scores of many applications at once, and taking them back before the hand over."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.content import facts_from_columns
from applications.domain.transitions import apply_transitions
from applications.enums import Status
from applications.models import Application
from applications.queries import applications_visible_to, hard_conflicts
from programs.priority import priority_points
from scoring.domain import assignments, differences, recommending
from scoring.domain.conflict_search import check_pairs
from scoring.domain.conflict_watch import standing_reviewers
from scoring.domain.differences import Picture
from scoring.domain.reopening import NOT_SCORED
from scoring.enums import Purpose
from scoring.models import Adjudication, Assignment, PlannedRecommendation, ScoreSheet
from scoring.official import Official
from scoring.queries import ASSIGNABLE
from scoring.queries.settling import standing_third


@dataclass(frozen=True)
class Outcome:
    """What an act does to one application, or the `problem` that leaves it alone.

    `official` is the score with its basis, from `sheets`; `added` its priority points. `mark` is a text
    that differs after any change to what the lead saw, `stale` tells of such a change.
    """

    application: Application
    official: Official | None = None
    sheets: tuple[ScoreSheet, ...] = ()
    added: int = 0
    mark: str = ""
    problem: str = ""
    stale: bool = False

    @property
    def adjusted(self) -> int | None:
        """MCP score and priority points together; None without a score."""
        return self.official.score + self.added if self.official else None

    @property
    def planned(self) -> PlannedRecommendation | None:
        """The recommendation that is prepared, for rows that came with it."""
        return getattr(self.application, "planned", None)


def effects(applications: Iterable[Application]) -> list[Outcome]:
    """Return what confirming would do to each application; writes nothing (3 queries)."""
    rows = list(applications)
    found = differences.pictures(rows)
    return [_outcome(row, found[row.pk]) for row in rows]


@transaction.atomic
def confirm_many(ids: Iterable[int], *, seen: Mapping[int, str], by: Membership) -> list[Outcome]:
    """Confirm the scores of the lead's applications that are finished and undisputed.

    The others are left alone and told in their outcome, and so is one whose sheets are not what `seen`
    (marks by application id) says. The portal looks for conflicts of interest first; what it finds
    stays stored. A second call changes nothing.
    """
    rows = _locked(ids, by)
    check_pairs(rows, [*standing_reviewers(rows), by], by=by)
    closed = set(
        hard_conflicts()
        .filter(application__in=[row.pk for row in rows], person=by.user_id)
        .values_list("application", flat=True)
    )
    found = [
        replace(one, problem=_("You have a conflict of interest with it. Another lead has to act."))
        if one.application.pk in closed
        else _held_against(one, seen)
        for one in effects(rows)
    ]
    done = [one for one in found if not one.problem]
    apply_transitions([(o.application.pk, "confirm_score", "", numbers(o)) for o in done], by=by)
    pks = [one.application.pk for one in done]
    Adjudication.objects.filter(application__in=pks, settled_at=None).delete()
    for third in _not_needed(done):
        end_third(third.application, by=by)
    return found


def undo_effects(applications: Iterable[Application]) -> list[Outcome]:
    """Return what taking the confirmed score back would do to each; writes nothing (no query).

    Rows come with `planned`.
    """
    return [_undone(row) for row in applications]


@transaction.atomic
def take_back(ids: Iterable[int], *, seen: Mapping[int, str], by: Membership) -> list[Outcome]:
    """Take confirmed scores back that are not handed over: the applications are in review again.

    The sheets stay submitted; the three numbers and a prepared recommendation go. What was handed over,
    or differs from what `seen` says, is left alone. A second call changes nothing.
    """
    found = [_held_against(one, seen) for one in undo_effects(_locked(ids, by))]
    done = [one.application.pk for one in found if not one.problem]
    steps = [(pk, "reopen_scoring", taken_back(), NOT_SCORED) for pk in done]
    apply_transitions(steps, by=by)
    recommending.forget(PlannedRecommendation.objects.filter(application__in=done), by=by)
    return found


def taken_back() -> str:
    """Return the reason that the history gives for a score that the lead took back."""
    return _("The plan took the confirmed score back.")


def numbers(outcome: Outcome) -> dict[str, object]:
    """Return the columns that confirming writes. Raises ValueError for an outcome without a score."""
    if outcome.official is None:
        raise ValueError("an outcome without a score confirms nothing")
    return {
        "mcp_score": outcome.official.score,
        "priority_points": outcome.added,
        "adjusted_score": outcome.adjusted,
        "score_basis": outcome.official.basis,
    }


def decided(application: Application, found: Picture) -> Outcome:
    """Return the official score of sheets that are all in, and the priority points."""
    rules = application.cycle.definition.selection.priority_points
    return Outcome(
        application,
        differences.result(application, found),
        tuple(found.submitted),
        priority_points(facts_from_columns(application), rules),
    )


def end_third(application: Application, *, by: Membership) -> None:
    """End a third reader's review that is still open: the sheets agree without it."""
    third = standing_third(application)
    if third is not None and not third.sheet.is_submitted:
        reason = _("The score is confirmed, so a third reader is not needed.")
        assignments.end(third, reason=reason, by=by)


def _outcome(application: Application, found: Picture) -> Outcome:
    if problem := _problem(application, found):
        return Outcome(application, problem=problem)
    one = decided(application, found)
    said = f"{found.mark} {one.official} {one.added}"
    return replace(one, mark=hashlib.sha256(said.encode()).hexdigest()[:16])


def _problem(application: Application, found: Picture) -> str:
    if application.status == Status.SCORED:
        return _("Its score is confirmed already.")
    if application.status not in ASSIGNABLE:
        return _("It is “%(state)s” now.") % {"state": application.staff_status.lower()}
    return _of_sheets(application, found)


def _of_sheets(application: Application, found: Picture) -> str:
    if not found.sheets:
        return _("Nobody scores it yet.")
    if application.status == Status.SUBMITTED:
        return _("It was corrected. Resume its review first.")
    if found.is_open:
        return _("Its sheets differ too much. Settle the difference first.")
    waiting = [one.assignment.reviewer for one in found.sheets if not one.is_submitted]
    if waiting:
        names = ", ".join(hat.user.full_name for hat in waiting)
        return _("Still to submit their scores: %(names)s.") % {"names": names}
    return ""


def _undone(application: Application) -> Outcome:
    if application.status == Status.SCORED:
        score, basis = application.mcp_score or 0, application.score_basis
        planned = getattr(application, "planned", None)
        mark = f"{application.scored_at:%Y%m%d%H%M%S%f}-{recommending.base_of(planned)}"
        return Outcome(
            application, Official(score, basis), (), application.priority_points or 0, mark
        )
    if application.status in Status.handed_over:
        return Outcome(application, problem=_("It is handed over already. DHCS can send it back."))
    if application.status == Status.IN_REVIEW:
        return Outcome(application, problem=_("Its MCP score is not confirmed."))
    state = application.staff_status.lower()
    return Outcome(application, problem=_("It is “%(state)s” now.") % {"state": state})


def _held_against(one: Outcome, seen: Mapping[int, str]) -> Outcome:
    if one.problem or seen.get(one.application.pk) == one.mark:
        return one
    return replace(one, stale=True, problem=_("It has changed since you looked. Read it again."))


def _locked(ids: Iterable[int], by: Membership) -> list[Application]:
    """Lock what the lead may act on, in the order of ids, and return it as it is then."""
    locked = (
        applications_visible_to(by)
        .filter(pk__in=list(ids), designated_mcp=by.organisation_id)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rows = Application.objects.filter(pk__in=list(locked)).order_by("pk")
    return list(rows.select_related("cycle", "practice", "designated_mcp", "planned"))


def _not_needed(done: Iterable[Outcome]) -> list[Assignment]:
    """Return open third reviews of applications that are settled without them (1 query)."""
    return list(
        Assignment.objects.filter(
            application__in=[one.application.pk for one in done],
            ended_at=None,
            purpose=Purpose.THIRD_READER,
            sheet__submitted_at=None,
        )
        .select_related("application")
        .order_by("application_id")
    )
