"""The practice's page of a request to decide anew: ask, add files, take it back, read the answer."""

from typing import Any

import rules
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from applications.filetypes import FileRefused
from applications.views.base import OwnApplicationView
from core.exceptions import DomainError
from core.times import long
from selection.domain import reconsidering
from selection.emails.reconsiderations import outcome_sentence
from selection.forms.reconsiderations import AskForm, FilesForm
from selection.models import Reconsideration
from selection.presenting import reconsiderations as presenting
from selection.queries import decision_in_force
from selection.queries.reconsiderations import askable_until, files_of, latest_of, may_ask

FILE = "applications:file"


class ReconsiderationView(OwnApplicationView):
    """What was asked and answered, or the form to ask. Before a release there is no such page."""

    permission_required = "selection.read_reconsideration"
    template_name = "selection/reconsiderations/practice.html"

    @cached_property
    def decision(self):
        """The decision in force. Raises Http404 when none is released."""
        found = decision_in_force(self.object)
        if found is None:
            raise Http404
        return found

    @cached_property
    def asked(self) -> Reconsideration | None:
        """The last request on the decision, also one that was taken back."""
        return latest_of(self.object)

    @property
    def is_owner(self) -> bool:
        """Whether the person may ask and take back."""
        return rules.has_perm("selection.ask_reconsideration", self.request.hat, self.object)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the decision, the request with its files, and what can be done."""
        decision, row = self.decision, self.asked
        until = askable_until(self.object, decision)
        state = presenting.public_state_of(row) if row else None
        can_ask = may_ask(self.object, decision)
        is_open = state is not None and state.code == "open"
        files = presenting.file_rows(files_of(row), FILE) if row else []
        context = {
            "cycle": self.cycle,
            "decision": decision,
            "request_row": row,
            "state": state,
            "answer": outcome_sentence(row) if row and row.decided_at else "",
            "files": files,
            "until": long(until) if until else "",
            "can_ask": can_ask,
            "is_open": is_open,
            "is_owner": self.is_owner,
            "form": AskForm() if can_ask and self.is_owner else None,
            "files_form": FilesForm(prefix="more") if is_open and self.is_owner else None,
        }
        return super().get_context(**context | extra)

    def get(self, request, *args, **kwargs):
        """Show the page."""
        return self.render()

    @property
    def page_url(self) -> str:
        """The page itself."""
        return reverse("selection:reconsideration", args=[self.object.pk])


class AskView(ReconsiderationView):
    """Ask that DHCS decides anew. A second click ends on the same page."""

    permission_required = "selection.ask_reconsideration"

    def get(self, request, *args, **kwargs):
        """The form lives on the page of the request."""
        return HttpResponseRedirect(self.page_url)

    def post(self, request, *args, **kwargs):
        """Ask, or show the page again with what was typed."""
        _known = self.decision
        form = AskForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        data = form.cleaned_data
        try:
            reconsidering.ask(
                self.object, grounds=data["grounds"], files=data["files"], by=request.hat
            )
        except DomainError as error:
            by_a_file = isinstance(error, FileRefused)
            form.add_error("files" if by_a_file else None, str(error))
            return self.render(form=form, status=422 if by_a_file else 409)
        messages.success(request, _("Your request is with DHCS. You get an email as a receipt."))
        return HttpResponseRedirect(self.page_url)


class AddFilesView(AskView):
    """Add files to a request that is not answered."""

    def post(self, request, *args, **kwargs):
        """Add them, or show the page again with the reason why not."""
        row = self.asked
        if row is None:
            raise Http404
        form = FilesForm(request.POST, request.FILES, prefix="more")
        if not form.is_valid():
            return self.render(files_form=form, status=422)
        try:
            added = reconsidering.add_files(row, files=form.cleaned_data["files"], by=request.hat)
        except DomainError as error:
            by_a_file = isinstance(error, FileRefused)
            form.add_error("files" if by_a_file else None, str(error))
            return self.render(files_form=form, status=422 if by_a_file else 409)
        names = ", ".join(f"“{file.name}”" for file in added)
        messages.success(request, _("Added: %(names)s.") % {"names": names})
        return HttpResponseRedirect(self.page_url)


class TakeBackView(AskView):
    """Take the request back before it is answered."""

    def post(self, request, *args, **kwargs):
        """Take it back, or say why not."""
        if self.asked is None:
            raise Http404
        try:
            reconsidering.take_back(self.asked, by=request.hat)
            messages.success(request, _("Your request is taken back. Nobody reads it any more."))
        except DomainError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(self.page_url)
