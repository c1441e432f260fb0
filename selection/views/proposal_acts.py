"""Acts on a proposal: approve, reject, withdraw, release. Each says on the proposal's page why not."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.stepup import StepUpMixin
from core.exceptions import DomainError
from selection.domain import approving, proposing, releasing
from selection.forms.proposals import ActForm, PublishForm, RejectForm
from selection.models import Proposal
from selection.views.proposals import ProposalView


class ProposalAct(StepUpMixin, ProposalView):
    """One act: a form, one call, a message, the page again."""

    form_class: type[ActForm] = ActForm
    form_name = "form"
    refused_title: str | Promise = ""

    def get(self, request, *args, **kwargs):
        """The act lives on the proposal's page."""
        return HttpResponseRedirect(self.page_url)

    def post(self, request, *args, **kwargs):
        """Act and go back to the page, or show on it why not, with what was typed."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.render(status=422, **{"form": form, self.form_name: form})
        try:
            done = self.perform(form)
        except DomainError as error:
            form.add_error(None, str(error))
            form.form_error_title = self.refused_title
            self.object = self.get_object()
            return self.render(status=409, **{"form": form, self.form_name: form})
        messages.success(request, self.said(done))
        return HttpResponseRedirect(self.page_url)

    @property
    def page_url(self) -> str:
        """The proposal's page."""
        return reverse("selection:proposal", args=[self.object.pk])

    def perform(self, form: ActForm) -> Proposal:
        """Call the use-case."""
        raise NotImplementedError

    def said(self, done: Proposal) -> str:
        """Return what happened, in words."""
        raise NotImplementedError


class ApproveView(ProposalAct):
    """Approve, with the password."""

    permission_required = "selection.approve_proposal"
    form_class = PublishForm
    form_name = "approve_form"
    refused_title = gettext_lazy("Nothing was approved")

    def perform(self, form: Any) -> Proposal:
        """Approve. What is refused anyway is refused before the password is asked for."""
        if self.acts()["may_approve"]:
            text = ngettext(
                "You are about to approve %(n)s decision of %(cycle)s.",
                "You are about to approve %(n)s decisions of %(cycle)s.",
                self.object.total,
            )
            self.confirm_identity(_named(text, self.object))
        return approving.approve(self.object, by=self.request.hat, publish_at=form.publish_at)

    def said(self, done: Proposal) -> str:
        """Say that it is approved."""
        return _("The proposal is approved. Nothing is released yet.")


class RejectView(ProposalAct):
    """Reject with a reason."""

    permission_required = "selection.approve_proposal"
    form_class = RejectForm
    form_name = "reject_form"
    refused_title = gettext_lazy("Nothing was rejected")

    def perform(self, form: Any) -> Proposal:
        """Reject."""
        reason = form.cleaned_data["reason"]
        return approving.reject(self.object, reason=reason, by=self.request.hat)

    def said(self, done: Proposal) -> str:
        """Say that it is rejected."""
        return _("The proposal is rejected. Nobody outside DHCS saw it.")


class WithdrawProposalView(ProposalAct):
    """Take an own proposal back."""

    permission_required = "selection.withdraw_proposal"
    refused_title = gettext_lazy("Nothing was withdrawn")

    def perform(self, form: Any) -> Proposal:
        """Withdraw."""
        return proposing.withdraw(self.object, by=self.request.hat)

    def said(self, done: Proposal) -> str:
        """Say that it is withdrawn."""
        return _("The proposal is withdrawn. Nobody outside DHCS saw it.")


class ReleaseView(ProposalAct):
    """Release every decision of the proposal in one act, with the password."""

    permission_required = "selection.release_decisions"
    refused_title = gettext_lazy("Nothing was released")

    def perform(self, form: Any) -> Proposal:
        """Release. What is refused anyway is refused before the password is asked for."""
        if self.acts()["may_release"]:
            text = ngettext(
                "You are about to release %(n)s decision of %(cycle)s.",
                "You are about to release %(n)s decisions of %(cycle)s.",
                self.object.total,
            )
            self.confirm_identity(_named(text, self.object))
        return releasing.release(self.object, by=self.request.hat)

    def said(self, done: Proposal) -> str:
        """Say that it is released, or that it goes on in the background."""
        if done.released_at is None:
            return _("The decisions are being released. You can leave this page.")
        return _("The decisions are released and the emails are on their way.")


def _named(text: str, proposal: Proposal) -> str:
    return text % {"n": f"{proposal.total:,}", "cycle": proposal.cycle.shown_title}
