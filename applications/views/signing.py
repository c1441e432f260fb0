"""Review, sign, receipt, withdraw."""

from typing import Any

import rules
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.stepup import StepUpMixin
from applications import emails
from applications.content import is_as_signed
from applications.documents import SECTION as DOCUMENTS
from applications.domain import asking, submission
from applications.domain.locking import lock_on
from applications.domain.transitions import can_take
from applications.dossier import Dossier
from applications.enums import Status
from applications.forms.signing import SignForm, WithdrawForm
from applications.models import Application
from applications.queries import last_submission
from applications.reading import read_content, read_document
from applications.times import window_to_show
from applications.views.base import OwnApplicationView, section_rows, section_url
from applications.views.correcting import notes_for
from applications.views.held import held_lines, leftover_rows
from applications.whereabouts import standing
from core.exceptions import DomainError
from core.times import long
from core.views import ActionView


class ReviewView(OwnApplicationView):
    """Everything on one page, with what is missing, and the signature at its end."""

    template_name = "applications/review.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the content to read, what is missing with links, and the form to sign.

        Where the application is locked there is nothing to change or sign; a refused signature stays.
        """
        lock = None if "form" in extra else lock_on(self.object)
        definition, notes = self.cycle.localized, self.dossier.notes
        may_sign = rules.has_perm("applications.submit_application", self.request.hat, self.object)
        urls = {s.key: section_url(self.object, s) for s in definition.sections}
        urls[DOCUMENTS] = reverse("applications:documents")
        signing = next(s.key for s in definition.sections if s.kind == "sign")
        open_urls = {} if lock else {k: url for k, url in urls.items() if not notes or k in notes}
        context = {
            "nav": section_rows(self.dossier, signing),
            "blocks": read_content(self.dossier.content, definition, open_urls),
            "missing": [(urls[m.section] + "#" + m.anchor, m) for m in self.dossier.missing],
            "attestations": definition.attestations,
            "form": self.sign_form(),
            "unchanged": not lock and self.unchanged,
            "may_sign": may_sign,
            "owners": [] if may_sign or lock else emails.owners_of(self.object.practice),
            "lock": lock,
            "held_lines": [] if lock else held_lines(self.dossier, self.request.user),
            "leftover": leftover_rows(definition.sections, self.dossier.content["answers"]),
            "copy_key": f"{self.request.user.pk}/application-{self.object.pk}",
            "notes": notes_for(self.dossier),
            "signed_before": self.object.submitted_at is not None,
        }
        return super().get_context(**context | extra)

    @cached_property
    def unchanged(self) -> bool:
        """Whether the application was returned and still is what was signed (1 query, or none)."""
        if self.object.status != Status.RETURNED:
            return False
        signed = last_submission(self.object)
        return signed is not None and is_as_signed(self.dossier.content, signed.content)

    def sign_form(self, data: Any = None) -> SignForm:
        """Return the form to sign what the page shows."""
        return SignForm(
            self.cycle.localized,
            data,
            unchanged=self.unchanged,
            initial={"seen": self.dossier.digest},
        )


class SubmitView(StepUpMixin, ReviewView):
    """Sign and submit. A second click, tab or owner ends on the same receipt."""

    permission_required = "applications.submit_application"

    def get(self, request, *args, **kwargs):
        """The form lives on the review page."""
        return HttpResponseRedirect(reverse("applications:review", args=[self.object.pk]))

    def post(self, request, *args, **kwargs):
        """Submit, or show the review page again with what was typed."""
        form = self.sign_form(request.POST)
        if not form.is_valid():
            if "seen" in form.errors:
                self.show_again(form)
            return self.render(form=form, status=422)
        try:
            self.confirm_identity(
                _t("You are about to sign and submit application %(reference)s.")
                % {"reference": self.object.reference}
            )
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
        self.show_again(form)
        form.add_error(None, str(error))
        return self.render(form=form, status=409)

    def show_again(self, form: SignForm) -> None:
        """Let the page show what is stored now, and the form stand for that."""
        self.dossier = Dossier.load(self.object)
        form.data = form.data.copy()
        form.data["seen"] = self.dossier.digest


class AskToSignView(OwnApplicationView):
    """Tell the owners by email that the application waits for a signature."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        """Tell them, or say why not."""
        try:
            asking.ask_to_sign(self.object, by=request.hat)
            messages.success(request, _t("The owners get an email with a link to this page."))
        except DomainError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(reverse("applications:review", args=[self.object.pk]))


class ReceiptView(OwnApplicationView):
    """What was submitted, when, by whom, with the hash of the content."""

    template_name = "applications/receipt.html"

    def get(self, request, *args, **kwargs):
        """Show the receipt; before the first submission there is only the review page."""
        signed = last_submission(self.object)
        if signed is None:
            return HttpResponseRedirect(reverse("applications:review", args=[self.object.pk]))
        blocks = read_document(signed.content, self.cycle.localized)
        window = window_to_show(self.object.practice, self.cycle)
        now = standing(self.object, self.cycle, window)
        return self.render(submission=signed, blocks=blocks, cycle=self.cycle, standing=now)


class WithdrawView(StepUpMixin, OwnApplicationView, ActionView):
    """Take the application back, with a reason and the password."""

    permission_required = "applications.withdraw_application"
    template_name = "applications/withdraw.html"
    form_class = WithdrawForm
    success_message = _("Your application is withdrawn. Your plan has been told by email.")

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the act does, or why it is not possible now."""
        possible = can_take(self.object, "withdraw", self.request.hat)
        return super().get_context(
            possible=possible,
            refusal="" if possible else _why_not(self.object),
            withdraw_effects=self._effects() if possible else [],
            **extra,
        )

    def perform(self, form):
        """Withdraw. What is refused anyway is refused before the password is asked for."""
        if can_take(self.object, "withdraw", self.request.hat):
            self.confirm_identity(
                _t("You are about to withdraw application %(reference)s.")
                % {"reference": self.object.reference}
            )
        reason = form.cleaned_data["reason"]
        return submission.withdraw(self.object, reason=reason, by=self.request.hat)

    def get_success_url(self):
        """Return home."""
        return reverse("applications:home")

    def _effects(self) -> list[str]:
        window = window_to_show(self.object.practice, self.cycle)
        again = _t("The cycle is closed, so you can't apply again in it.")
        if window.is_open():
            again = _t("You can start a new application until %(when)s.")
        return [
            _t("Your plan and DHCS stop working on this application."),
            _t("What you submitted is kept and you can read it."),
            again % {"when": long(window.closes_at)},
            _t("Every owner of the practice and your plan get an email with the reason."),
        ]


def _why_not(application: Application) -> str:
    if application.status == Status.DRAFT:
        return _t("This draft was not submitted, so there is nothing to withdraw.")
    if application.status == Status.WITHDRAWN:
        return _t("This application is withdrawn already.")
    return _t("There is a decision on this application, so it can't be withdrawn any more.")
