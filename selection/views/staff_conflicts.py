"""Conflicts of interest of DHCS staff: one's own, a colleague's, and all that is known of oneself."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_dhcs
from applications.enums import ConflictSource
from applications.queries import applications_visible_to, conflict_checks, hard_conflicts
from core.views import ActionView, HatView
from scoring import conflicts
from scoring.forms.conflicts import ClearConflictForm
from scoring.forms.declaring import DeclareForm
from selection.domain import staff_conflicts
from selection.forms.desk import StaffConflictForm
from selection.presenting.staff_conflicts import own_row, people_rows
from selection.queries.conflicts import own_answers, own_checks, staff_of
from selection.views.application import number

PAGE_SIZE = 50


class DeclareView(ActionView):
    """The program's questions about one application, answered by somebody of DHCS."""

    permission_required = "selection.declare_conflict"
    template_name = "selection/conflicts/declare.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def dispatch(self, request, *args, **kwargs):
        """Lead a second click, after the first one closed the application, to one's conflicts."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            if request.method == "POST" and is_dhcs(request.hat) and self._was_closed():
                return HttpResponseRedirect(reverse("selection:my_conflicts"))
            raise

    @cached_property
    def questions(self):
        """The rules that a person answers, in the language of the page."""
        return conflicts.declared(self.object.cycle.localized.scoring.conflict_rules)

    def get_form(self, data=None, files=None) -> DeclareForm:
        """Return the questions with what was answered before."""
        return DeclareForm(
            self.questions,
            own_answers(self.object, self.request.hat),
            data,
            hard_effect=_t("Yes closes this application to you."),
            soft_effect=_t("Yes is kept for approvers to see. The application stays open to you."),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what a yes does."""
        self.request.cycle = self.object.cycle
        effects = [
            _t("Your answers are kept with your name and the time."),
            _t(
                "If a yes closes the application to you, that happens at once: in the queue, search, "
                "files, exports and the workbench. What you claimed there is given back."
            ),
            _t("You can't approve a proposal that puts this application in or out by hand."),
        ]
        return super().get_context(cycle=self.object.cycle, yes_effects=effects, **extra)

    def perform(self, form):
        """Declare, and say what followed."""
        self.closed = staff_conflicts.declare(
            self.object, answers=form.answers(), notes=form.notes(), by=self.request.hat
        )
        text = _t("Your answers about %(practice)s (%(reference)s) are kept.")
        if self.closed:
            text = _t(
                "You declared a conflict of interest with %(practice)s (%(reference)s). The "
                "application is closed to you."
            )
        named = {"practice": self.object.practice.name, "reference": self.object.reference}
        messages.success(self.request, text % named)

    def get_success_url(self) -> str:
        """Return one's conflicts after one that closes the application, else its page."""
        if self.closed:
            return reverse("selection:my_conflicts")
        return reverse("selection:application", args=[self.object.pk])

    def _was_closed(self) -> bool:
        own = hard_conflicts().filter(
            application=self.kwargs["pk"], person=self.request.hat.user_id
        )
        return own.filter(source=ConflictSource.SELF).exists()


class MyConflictsView(HatView):
    """What I declared, what a colleague noted for me, and what the portal found."""

    permission_required = "selection.view_own_conflicts"
    template_name = "selection/conflicts/mine.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows after the one named by `after`, by who said it."""
        rows = own_checks(self.request.hat)
        after = number(self.request.GET.get("after", ""))
        found = list((rows.filter(pk__lt=after) if after else rows)[: PAGE_SIZE + 1])
        shown = [own_row(check) for check in found[:PAGE_SIZE]]
        titles = {
            ConflictSource.SELF: _t("What you declared"),
            ConflictSource.LEAD: _t("What a colleague noted for you"),
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


class StaffConflictsView(ActionView):
    """What is known of colleagues on one application; approvers and administrators note one."""

    permission_required = "selection.judge_conflict"
    template_name = "selection/conflicts/staff.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_form(self, data=None, files=None):
        """Return the form over the colleagues and the program's rules."""
        rules = conflicts.declared(self.object.cycle.localized.scoring.conflict_rules)
        others = staff_of(self.request.hat.organisation).exclude(user=self.request.hat.user_id)
        return StaffConflictForm(others, rules, data)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the people, the form of the act, and which conflict is being cleared."""
        self.request.cycle = self.object.cycle
        given = extra.pop("form", None)
        clearing = given if isinstance(given, ClearConflictForm) else None
        noting = (
            given if isinstance(given, StaffConflictForm) else StaffConflictsView.get_form(self)
        )
        checks = list(conflict_checks(self.object, self.request.hat.organisation))
        return super().get_context(
            cycle=self.object.cycle,
            people=people_rows(self.object, checks, self.request.hat),
            note_form=noting,
            clearing=clearing,
            cleared=clearing.data.get("check", "") if clearing else "",
            note_effects=[
                _t(
                    "Unless it is a warning only, the application closes to this person at once, in "
                    "the queue, search, files and exports."
                ),
                _t("What the person claimed there is given back. Notes and flags stay."),
                _t("The person gets an email that says who noted it, not your reason."),
            ],
            **extra,
        )

    def perform(self, form):
        """Note it, and say what followed."""
        data = form.cleaned_data
        closed = staff_conflicts.note_for(
            self.object,
            person=data["person"],
            rule=data["rule"],
            reason=data["reason"],
            by=self.request.hat,
        )
        text = _t("The conflict is noted. The application is closed to %(person)s.")
        if not closed:
            text = _t("The conflict is noted. The application stays open to %(person)s.")
        messages.success(self.request, text % {"person": data["person"].user.full_name})

    def get_success_url(self) -> str:
        """Return the same page."""
        return reverse("selection:staff_conflicts", args=[self.object.pk])


class ClearStaffConflictView(StaffConflictsView):
    """Say with a reason that something is no conflict."""

    success_message = _("The conflict is cleared.")

    def get_form(self, data=None, files=None):
        """Return the reason's form; without data the page's own form."""
        return super().get_form() if data is None else ClearConflictForm(data)

    def perform(self, form):
        """Clear it. Raises Http404 when there is no such conflict on this application."""
        known = conflict_checks(self.object, self.request.hat.organisation)
        check = get_object_or_404(known, pk=form.cleaned_data["check"])
        reason = form.cleaned_data["reason"]
        return staff_conflicts.clear(check, reason=reason, by=self.request.hat)
