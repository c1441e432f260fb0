"""Saying what one's conflicts of interest are: for one application, for all new ones, looking back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_score
from scoring import conflicts
from scoring.domain.conflicts import declare
from scoring.domain.declaring import declare_none
from scoring.enums import Ending
from scoring.forms.declaring import DeclareForm, DeclareManyForm
from scoring.models import Assignment, ScoreSheet
from scoring.queries.reviews import own_checks, reviews_of, undeclared_by

AT_ONCE = 25
PAGE_SIZE = 50


class DeclareView(ActionView):
    """Each question of the program about one application, before it opens or at any time later.

    Shows what names the application, nothing of what it says.
    """

    permission_required = "scoring.declare"
    template_name = "scoring/declare.html"

    def get_queryset(self):
        """Return the reviewer's own standing reviews."""
        return reviews_of(self.request.hat)

    def dispatch(self, request, *args, **kwargs):
        """Lead a second click, after the first one closed the application, to what was declared."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            if request.method == "POST" and self._was_closed():
                return HttpResponseRedirect(reverse("scoring:my_conflicts"))
            raise

    @cached_property
    def questions(self):
        """The rules that a person answers, in the language of the page."""
        cycle = self.object.assignment.application.cycle
        return conflicts.declared(cycle.localized.scoring.conflict_rules)

    def get_form(self, data=None, files=None) -> DeclareForm:
        """Return the questions with what was answered before."""
        before = ConflictCheck.objects.filter(
            application=self.object.assignment.application_id,
            person=self.request.hat.user_id,
            source=ConflictSource.SELF,
        )
        return DeclareForm(self.questions, {row.rule: row for row in before}, data)

    def get(self, request, *args, **kwargs):
        """Show the questions, or the sheet when the program asks none."""
        if not self.questions:
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the application by name only, and what a yes does."""
        application = self.object.assignment.application
        self.request.cycle = application.cycle
        return super().get_context(
            application=application, cycle=application.cycle, yes_effects=self._effects(), **extra
        )

    def perform(self, form):
        """Declare, and say what followed."""
        answers = form.answers()
        application = self.object.assignment.application
        hat = self.request.hat
        effects = declare(application, answers=answers, notes=form.notes(), by=hat)
        self.closed = any(answers[rule.key] and rule.hard for rule in self.questions)
        named = {"practice": application.practice.name, "reference": application.reference}
        if self.closed:
            text = _t(
                "You declared a conflict of interest with %(practice)s (%(reference)s). The "
                "application is closed to you, and your leads have been told by email."
            )
            messages.success(self.request, text % named)
        elif any(answers.values()):
            text = _t("Your lead sees what you declared. You can go on with %(practice)s.")
            messages.success(self.request, text % named)
        return effects

    def get_success_url(self) -> str:
        """Return the list after a conflict that closes it, else `next` or the sheet."""
        asked = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(asked, {self.request.get_host()})
        if getattr(self, "closed", False):
            listed = reverse("scoring:declare_new")
            return listed if asked == listed else reverse("scoring:mine")
        return asked if is_ours else reverse("scoring:sheet", args=[self.object.pk])

    def _effects(self) -> list[str]:
        items = [_t("Your answers are kept with your name and the time.")]
        if any(rule.hard for rule in self.questions):
            items.append(
                _t(
                    "If a yes takes the application from you, it closes at once, and your leads get "
                    "an email. The email says who, not which question."
                )
            )
        if self.object.is_submitted:
            items.append(_t("Your submitted scores then become void. Your lead still sees them."))
        elif self.object.started_at:
            items.append(_t("The scores you gave so far then become void."))
        return items

    def _was_closed(self) -> bool:
        own = Assignment.objects.filter(sheet=self.kwargs["pk"], reviewer=self.request.hat)
        return own.filter(ended_kind=Ending.CONFLICT).exists()


class DeclareNewView(ActionView):
    """All applications that wait for an answer on one page: tick those with a conflict."""

    permission_required = "scoring.view_reviews"
    template_name = "scoring/declare_new.html"
    form_class = DeclareManyForm

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add up to 25 applications, the questions, and which are ticked."""
        waiting = undeclared_by(self.request.hat, self.cycle) if self.cycle else []
        rows = list(waiting[: AT_ONCE + 1])
        rules = self.cycle.localized.scoring.conflict_rules if self.cycle else ()
        return super().get_context(
            cycle=self.cycle,
            rows=rows[:AT_ONCE],
            more=len(rows) > AT_ONCE,
            questions=conflicts.declared(rules),
            ticked=_numbers(self.request.POST.getlist("yes")),
            **extra,
        )

    def perform(self, form):
        """Keep "no" for what was listed and is not ticked; remember what is ticked."""
        listed = _numbers(self.request.POST.getlist("listed"))
        ticked = _numbers(self.request.POST.getlist("yes"))
        waiting = undeclared_by(self.request.hat, self.cycle) if self.cycle else ScoreSheet.objects
        rows = list(waiting.filter(pk__in=listed[:AT_ONCE]))
        self.ticked = [row for row in rows if row.pk in ticked]
        count = declare_none((row for row in rows if row.pk not in ticked), by=self.request.hat)
        if count:
            text = ngettext(
                "You have no conflict of interest with %(n)d application. It is open to you now.",
                "You have no conflict of interest with %(n)d applications. They are open to you "
                "now.",
                count,
            )
            messages.success(self.request, text % {"n": count})

    def get_success_url(self) -> str:
        """Return the questions about the first that is ticked, the rest, or the list."""
        here = reverse("scoring:declare_new")
        if self.ticked:
            return f"{reverse('scoring:declare', args=[self.ticked[0].pk])}?next={here}"
        waiting = self.cycle and undeclared_by(self.request.hat, self.cycle).exists()
        return here if waiting else reverse("scoring:mine")


class MyConflictsView(HatView):
    """What I declared, what a lead declared for me, and what the portal found."""

    permission_required = "scoring.view_reviews"
    template_name = "scoring/my_conflicts.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows after the one named by `after`, by who said it."""
        rows = own_checks(self.request.hat)
        after = _numbers([self.request.GET.get("after", "")])
        found = list((rows.filter(pk__lt=after[0]) if after else rows)[: PAGE_SIZE + 1])
        shown = [_said(check) for check in found[:PAGE_SIZE]]
        titles = {
            ConflictSource.SELF: _t("What you declared"),
            ConflictSource.LEAD: _t("What a lead declared for you"),
            ConflictSource.SYSTEM: _t("What the portal found"),
        }
        parts = [
            (source, title, [row for row in shown if row["check"].source == source])
            for source, title in titles.items()
        ]
        return super().get_context(
            parts=[part for part in parts if part[2]],
            more=found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else "",
            paged=bool(after),
            **extra,
        )


def _said(check: ConflictCheck) -> dict[str, Any]:
    rules = check.application.cycle.localized.scoring.conflict_rules
    label = next((rule.label for rule in rules if rule.key == check.rule), check.rule)
    failed = check.outcome == ConflictOutcome.FAILED
    if not failed:
        state, tone = _t("No conflict any more"), "success"
    elif check.hard:
        state, tone = _t("Closed to you"), "error"
    else:
        state, tone = _t("Your lead knows"), "warning"
    own = failed and check.source == ConflictSource.SELF
    return {
        "check": check,
        "application": check.application,
        "label": label,
        "state": state,
        "tone": tone,
        "note": check.note if own else "",
    }


def _numbers(texts: list[str]) -> list[int]:
    """Return the ids among what came from a page."""
    return [int(one) for one in texts if one.isascii() and one.isdecimal() and len(one) < 18]
