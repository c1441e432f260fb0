"""Review, sign, receipt, withdraw."""

from typing import Any

import rules
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.domain import submission
from applications.dossier import Dossier
from applications.forms.signing import SignForm, WithdrawForm
from applications.queries import applications_visible_to, last_submission
from applications.reading import read_content, read_document
from applications.views.base import OwnApplicationView, section_rows, section_url
from core.exceptions import DomainError
from core.views import ActionView

WITHDRAW_EFFECTS = (
    _("Your plan and DHCS stop working on this application."),
    _("What you submitted is kept and you can read it."),
    _("You can start a new application while the cycle is open."),
)


class ReviewView(OwnApplicationView):
    """Everything on one page, with what is missing, and the signature at its end."""

    template_name = "applications/review.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the content to read, what is missing with links, and the form to sign."""
        urls = {s.key: section_url(self.object, s) for s in self.dossier.definition.sections}
        signing = next(s.key for s in self.dossier.definition.sections if s.kind == "sign")
        context = {
            "nav": section_rows(self.dossier, signing),
            "blocks": read_content(self.dossier.content, self.dossier.definition, urls),
            "missing": [(urls[m.section] + "#" + m.anchor, m) for m in self.dossier.missing],
            "attestations": self.dossier.definition.attestations,
            "form": SignForm(self.dossier.definition, initial={"seen": self.dossier.digest}),
            "may_sign": rules.has_perm(
                "applications.submit_application", self.request.hat, self.object
            ),
            "writable": self.object.is_editable,
        }
        return super().get_context(**context | extra)


class SubmitView(ReviewView):
    """Sign and submit. A second click, tab or owner ends on the same receipt."""

    permission_required = "applications.submit_application"

    def get(self, request, *args, **kwargs):
        """The form lives on the review page."""
        return HttpResponseRedirect(reverse("applications:review", args=[self.object.pk]))

    def post(self, request, *args, **kwargs):
        """Submit, or show the review page again with what was typed."""
        form = SignForm(self.dossier.definition, request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        try:
            submission.submit(
                self.object,
                signed_name=form.cleaned_data["signed_name"],
                signed_title=form.cleaned_data["signed_title"],
                seen=form.cleaned_data["seen"],
                by=request.hat,
            )
        except DomainError as error:
            return self.refuse(form, error)
        return HttpResponseRedirect(reverse("applications:receipt", args=[self.object.pk]))

    def refuse(self, form: SignForm, error: DomainError):
        """Show everything as it is now, so that the next signature is for what was read."""
        self.dossier = Dossier.load(self.object)
        form.data = form.data.copy()
        form.data["seen"] = self.dossier.digest
        form.add_error(None, str(error))
        return self.render(form=form, status=409)


class ReceiptView(OwnApplicationView):
    """What was submitted, when, by whom, with the hash of the content."""

    template_name = "applications/receipt.html"

    def get(self, request, *args, **kwargs):
        """Show the receipt; before the first submission there is only the review page."""
        signed = last_submission(self.object)
        if signed is None:
            return HttpResponseRedirect(reverse("applications:review", args=[self.object.pk]))
        blocks = read_document(signed.content, self.object.cycle.definition)
        return self.render(submission=signed, blocks=blocks, cycle=self.cycle)


class WithdrawView(ActionView):
    """Take the application back, with a reason."""

    permission_required = "applications.withdraw_application"
    template_name = "applications/withdraw.html"
    form_class = WithdrawForm
    success_message = _("Your application is withdrawn.")

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the act does."""
        return super().get_context(withdraw_effects=WITHDRAW_EFFECTS, **extra)

    def perform(self, form):
        """Withdraw."""
        reason = form.cleaned_data["reason"]
        return submission.withdraw(self.object, reason=reason, by=self.request.hat)

    def get_success_url(self):
        """Return home."""
        return reverse("applications:home")
