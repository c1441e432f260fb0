"""Acts on the people of one's organisation that a page of people offers: invite, send again, take back.

A page of people says in `page` to which address its acts lead back.
"""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.domain import invitations
from accounts.models import Membership
from accounts.queries import invitations_visible_to
from core.exceptions import DomainError
from core.views import HatView


class Invites:
    """Invite somebody from the page of people; what is wrong is shown on that page."""

    page = ""
    http_method_names = ("get", "head", "options", "post")

    def get(self, request, *args, **kwargs):
        """The form lives on the page of people."""
        return redirect(self.page)

    def perform(self, form):
        """Invite."""
        return invitations.invite(**form.cleaned_data, by=self.request.hat)

    @property
    def success_message(self) -> str:
        """Say where the email goes."""
        return _("The invitation to %(email)s is on its way.") % {"email": self.result.email}

    def get_success_url(self) -> str:
        """Return the page of people."""
        return reverse(self.page)


class OneClick(HatView):
    """A button on the page of people: one act, a sentence about it, the page again."""

    page = ""
    http_method_names = ("post",)

    def act(self) -> str:
        """Do it and return what to say. Raises DomainError."""
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        """Act, or say why not."""
        try:
            messages.success(request, self.act())
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(self.page)


class Resend(OneClick):
    """Send an invitation again, with a new link."""

    def get_queryset(self):
        """Return the organisation's invitations."""
        return invitations_visible_to(self.request.hat)

    def act(self) -> str:
        """Send."""
        sent = invitations.resend(self.object, by=self.request.hat)
        return _(
            "A new link is on its way to %(email)s. The earlier link no longer works."
        ) % {"email": sent.email}  # fmt: skip


class Revoke(OneClick):
    """Take an invitation back."""

    def get_queryset(self):
        """Return the organisation's invitations."""
        return invitations_visible_to(self.request.hat)

    def act(self) -> str:
        """Revoke."""
        ended = invitations.revoke(self.object, by=self.request.hat)
        return _("The link sent to %(email)s no longer works.") % {"email": ended.email}


class Readmit(OneClick):
    """Let somebody in again who was removed or left."""

    def switch_on(self) -> Membership:
        """Switch the hat on and return it. Raises DomainError."""
        raise NotImplementedError

    def act(self) -> str:
        """Switch on, and say who is back."""
        hat = self.switch_on()
        facts = {"person": hat.user.full_name, "role": hat.get_role_display()}
        return _("%(person)s is back as %(role)s.") % facts
