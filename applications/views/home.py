"""The practice's first page: what to do now, how far it is, what happens next."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.middleware import SESSION_KEY
from accounts.queries import people_of
from applications.correspondence import is_open_for_messages
from applications.domain import practices, submission
from applications.domain.transitions import can_take
from applications.enums import Status
from applications.forms.practice import NewPracticeForm
from applications.models import Application
from applications.presenting import Situation, next_step
from applications.queries import applications_elsewhere, last_submission
from applications.views.base import PracticeView, section_rows, settled
from applications.views.check import carry_answers
from applications.views.correcting import notes_for
from applications.views.held import held_lines
from applications.whereabouts import timeline
from core.exceptions import DomainError
from core.views import signed_in


class HomeView(PracticeView):
    """The single next step, the checklist, the timeline."""

    template_name = "applications/home.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the application's state; without one the page invites to begin."""
        application, cycle = self.application, self.cycle
        practice = self.request.hat.organisation
        window = self.window
        notes = notes_for(self.dossier) if application else []
        context = {
            "cycle": cycle,
            "application": application,
            "step": next_step(Situation(cycle, window, application, self.dossier, notes)),
            "timeline": timeline(cycle, window, application) if cycle else [],
            "people": people_of(practice),
            "elsewhere": self._elsewhere(),
            "notes": notes,
            "may_begin": bool(window and not window.has_closed()),
        }
        if application:
            context |= self._of_application(application, window)
        return super().get_context(**context, **extra)

    def _elsewhere(self) -> list[Application]:
        """Return what was submitted to other cycles; the cycle was found with whether there is any."""
        if not getattr(self.cycle, "has_elsewhere", True):
            return []
        return applications_elsewhere(self.request.hat.organisation, self.cycle)

    def _of_application(self, application, window) -> dict[str, Any]:
        rows = section_rows(self.dossier)
        kept = application.status == Status.DRAFT and window.has_closed()
        open_now = application.is_editable and not kept
        return {
            "held_lines": held_lines(self.dossier, self.request.user) if open_now else [],
            "checklist": [row | {"note": ""} for row in rows[:-1]] if kept else rows,
            "done": len(settled(rows)),
            "submission": None if application.is_editable else last_submission(application),
            "can_withdraw": can_take(application, "withdraw", self.request.hat),
            "can_write": is_open_for_messages(application),
            "kept": kept,
        }


class ApplicationView(PracticeView):
    """`/application/`: the application's checklist, or where one begins."""

    def get(self, request, *args, **kwargs):
        """Go to the first section that lacks something, else to review, else home."""
        if self.application is None or not self.application.is_editable:
            return redirect("applications:home")
        rows = section_rows(self.dossier)
        if open_rows := [row for row in rows if row not in settled(rows)]:
            return redirect(open_rows[0]["href"])
        return redirect("applications:review", pk=self.application.pk)


class StartView(PracticeView):
    """Begin an application in the current cycle. Twice gives the same draft."""

    permission_required = "applications.start_application"
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        """Make the draft and open its first section."""
        if self.cycle is None:
            messages.error(request, _("No cycle is open now."))
            return redirect("applications:home")
        try:
            draft = submission.start(
                cycle=self.cycle, practice=request.hat.organisation, by=request.hat
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("applications:home")
        carry_answers(request, request.hat, draft)
        return redirect("applications:application")


@signed_in
def new_practice(request):
    """Make a practice with the person as its owner, and put that hat on."""
    form = NewPracticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        hat = practices.create(user=request.user, name=form.cleaned_data["name"])
        request.session[SESSION_KEY] = hat.pk
        carry_answers(request, hat, None)
        return HttpResponseRedirect(reverse("applications:home"))
    status = 422 if form.errors else 200
    return render(request, "applications/new_practice.html", {"form": form}, status=status)
