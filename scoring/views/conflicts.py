"""Conflicts of interest on one application, as the lead of its plan sees and notes them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Membership, User
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck
from applications.queries import applications_visible_to, conflict_checks
from core.views import ActionView
from scoring import conflicts
from scoring.domain.conflict_effects import Effects
from scoring.domain.conflicts import Standing, clear, declare_for, standings
from scoring.enums import Ending
from scoring.forms.conflicts import ClearConflictForm, NoteConflictForm
from scoring.models import Assignment
from scoring.queries.conflicts import reviews_ever
from scoring.views.lead_page import LeadPage

SOURCES = {
    ConflictSource.SELF: _("declared by the reviewer"),
    ConflictSource.LEAD: _("noted by a lead"),
    ConflictSource.SYSTEM: _("found by the portal"),
}


def conflict_context(
    application: Application, hat: Membership, known_reviews: Iterable[Assignment] | None = None
) -> dict[str, Any]:
    """Return what `scoring/partials/conflicts.html` shows of everybody concerned (2 queries).

    A page that has read `reviews_ever` gives them as `known_reviews` (1 query less).

    `conflict_people`: whoever reviews or reviewed the application, or of whom a conflict is known, by
    name, each with the outcome of every rule and what became of the review. `conflict_count`: how many
    conflicts stand. `conflicts_url`: the page of the acts.
    """
    checks: dict[int, list[ConflictCheck]] = {}
    reviews: dict[int, list[Assignment]] = {}
    people: dict[int, User] = {}
    for review in reviews_ever(application) if known_reviews is None else known_reviews:
        reviews.setdefault(review.reviewer.user_id, []).append(review)
        people[review.reviewer.user_id] = review.reviewer.user
    for check in conflict_checks(application, hat.organisation):
        checks.setdefault(check.person_id, []).append(check)
        people[check.person_id] = check.person
    rows = [
        _person(application, person, checks.get(pk, []), reviews.get(pk, []), hat)
        for pk, person in people.items()
    ]
    return {
        "conflict_people": sorted(rows, key=lambda row: (row["name"], row["person"])),
        "conflict_count": sum(row["failed"] for row in rows),
        "conflicts_url": reverse("scoring:conflicts", args=[application.pk]),
    }


class ConflictsView(LeadPage, ActionView):
    """Every rule for every reviewer; the lead notes a conflict of a colleague."""

    permission_required = "applications.judge_conflict"
    template_name = "scoring/conflicts.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_form(self, data=None, files=None):
        """Return the form over the plan's reviewers and the program's rules."""
        return NoteConflictForm(self.request.hat, self._rules(), data)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the people, the form of the act, and which conflict is being cleared."""
        self.request.cycle = self.object.cycle
        given = extra.pop("form", None)
        clearing = given if isinstance(given, ClearConflictForm) else None
        note_form = given if isinstance(given, NoteConflictForm) else self._empty()
        return super().get_context(
            **conflict_context(self.object, self.request.hat),
            cycle=self.object.cycle,
            note_form=note_form,
            clearing=clearing,
            cleared=clearing.data.get("check", "") if clearing else "",
            note_effects=[
                _t(
                    "Unless it is a warning only, the application closes to this person at once, in "
                    "lists, files and exports."
                ),
                _t("The review ends then. Scores become void; you can still read them."),
                _t(
                    "The reviewer sees that you noted a conflict and of which kind, not the reason."
                ),
            ],
            **extra,
        )

    def perform(self, form):
        """Note it, and say what followed."""
        data = form.cleaned_data
        effects = declare_for(
            self.object,
            person=data["person"],
            rule=data["rule"],
            reason=data["reason"],
            by=self.request.hat,
        )
        messages.success(self.request, _followed(effects))

    def get_success_url(self) -> str:
        """Return the same page."""
        return reverse("scoring:conflicts", args=[self.object.pk])

    def _rules(self):
        return list(conflicts.declared(self.object.cycle.localized.scoring.conflict_rules))

    def _empty(self) -> NoteConflictForm:
        return NoteConflictForm(self.request.hat, self._rules())


class ClearConflictView(ConflictsView):
    """Say with a reason that something is no conflict."""

    success_message = _("The conflict is cleared. A review that has ended stays ended.")

    def get_form(self, data=None, files=None):
        """Return the reason's form; without data the page's own form."""
        return super().get_form() if data is None else ClearConflictForm(data)

    def perform(self, form):
        """Clear it. Raises Http404 when there is no such conflict on this application."""
        known = conflict_checks(self.object, self.request.hat.organisation)
        check = get_object_or_404(known, pk=form.cleaned_data["check"])
        return clear(check, reason=form.cleaned_data["reason"], by=self.request.hat)


def _person(
    application: Application,
    person: User,
    checks: list[ConflictCheck],
    reviews: list[Assignment],
    hat: Membership,
) -> dict[str, Any]:
    asked = bool(reviews) or any(check.source == ConflictSource.SELF for check in checks)
    rules = [
        _rule(standing, hat)
        for standing in standings(application, checks)
        if asked or standing.checks
    ]
    failed = [row for row in rules if row["failed"]]
    pending = [row for row in rules if row["outcome"] == ConflictOutcome.PENDING]
    return {
        "person": person.pk,
        "name": person.full_name,
        "is_me": person.pk == hat.user_id,
        "rules": rules,
        "failed": len(failed),
        "summary": _summary(failed, pending),
        "tone": _worst(rules),
        "reviews": [_review(review) for review in reviews],
    }


def _rule(standing: Standing, hat: Membership) -> dict[str, Any]:
    return {
        "label": standing.rule.label,
        "hard": standing.rule.hard,
        "outcome": standing.outcome,
        "failed": standing.outcome == ConflictOutcome.FAILED,
        "state": ConflictOutcome(standing.outcome).label,
        "tone": _tone(standing),
        "said": [
            {
                "pk": check.pk,
                "source": SOURCES[ConflictSource(check.source)],
                "by": check.stated_by,
                "at": check.stated_at,
                "note": check.note,
                "failed": check.outcome == ConflictOutcome.FAILED,
                "can_clear": check.outcome == ConflictOutcome.FAILED
                and check.person_id != hat.user_id,
            }
            for check in standing.checks
        ],
    }


def _worst(rules: list[dict]) -> str:
    tones = {row["tone"] for row in rules}
    return next((one for one in ("error", "warning", "neutral") if one in tones), "success")


def _tone(standing: Standing) -> str:
    if standing.outcome == ConflictOutcome.FAILED:
        return "error" if standing.rule.hard else "warning"
    return "neutral" if standing.outcome == ConflictOutcome.PENDING else "success"


def _summary(failed: list[dict], pending: list[dict]) -> str:
    if failed:
        text = ngettext("%(n)d conflict", "%(n)d conflicts", len(failed))
        return text % {"n": len(failed)}
    return _t("Not answered yet") if pending else _t("No conflict")


def _review(review: Assignment) -> dict[str, Any]:
    sheet = review.sheet
    if sheet.voided_at and sheet.is_submitted:
        state = _t("Void: %(total)d points do not count") % {"total": sheet.total}
    elif review.ended_at is not None:
        kind = review.get_ended_kind_display() if review.ended_kind else _t("Ended")
        state = str(kind)
    else:
        state = _t("Submitted") if sheet.is_submitted else _t("Reviewing")
    return {
        "sheet": sheet.pk,
        "state": state,
        "ended": review.ended_at,
        "reason": review.ended_reason,
        "void": sheet.voided_at is not None,
        "declined": review.ended_kind == Ending.DECLINED,
    }


def _followed(effects: Effects) -> str:
    if effects.counted:
        return _t(
            "The conflict is noted and the review has ended. The confirmed MCP score still holds its "
            "points: tell DHCS before a decision."
        )
    if effects.ended:
        return _t("The conflict is noted and the review has ended. Choose another reviewer.")
    return _t("The conflict is noted.")
