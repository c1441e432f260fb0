"""The people of one's own organisation: who they are, who is invited, who may do what."""

from typing import Any

import rules
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import memberships
from accounts.forms import InviteForm, RoleForm
from accounts.middleware import SESSION_KEY
from accounts.queries import (
    invitations_visible_to,
    left,
    memberships_visible_to,
    people_of,
    unanswered,
)
from accounts.teams import MAY_INVITE
from accounts.views.one_click import Invites, Readmit, Resend, Revoke
from core.views import ActionView


class PeopleView(ActionView):
    """Who works here, who is invited, and for who manages them the form to invite."""

    permission_required = "accounts.view_people"
    template_name = "accounts/people.html"
    http_method_names = ["get", "head", "options"]

    def get_form(self, data=None, files=None):
        """Return the form with the roles that this hat may give; none for who gives none."""
        roles = MAY_INVITE.get(self.request.hat.role)
        return InviteForm(roles, data, initial={"role": roles[0]}) if roles else None

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add people, open invitations and who was removed."""
        hat = self.request.hat
        context = {
            "organisation": hat.organisation,
            "people": people_of(hat.organisation),
            "removed": left(hat),
            "invitations": unanswered(invitations_visible_to(hat)),
            "now": timezone.now(),
            "may_manage": rules.has_perm("accounts.manage_people", hat),
        }
        return super().get_context(**context, **extra)


class InviteView(Invites, PeopleView):
    """Invite a colleague; what is wrong is shown on the people page."""

    permission_required, page = "accounts.manage_people", "accounts:people"


class ResendView(Resend):
    """Send an invitation of the organisation again."""

    permission_required, page = "accounts.manage_people", "accounts:people"


class RevokeView(Revoke):
    """Take an invitation of the organisation back."""

    permission_required, page = "accounts.manage_people", "accounts:people"


class RestoreView(Readmit):
    """Let somebody in again who was removed."""

    permission_required, page = "accounts.manage_people", "accounts:people"

    def get_queryset(self):
        """Return the organisation's people, also who was removed."""
        return memberships_visible_to(self.request.hat)

    def switch_on(self):
        """Switch the hat on."""
        return memberships.restore(self.object, by=self.request.hat)


class PersonView(ActionView):
    """An act on one colleague, on a page that says what it does."""

    permission_required = "accounts.manage_people"

    def get_queryset(self):
        """Return who works here now."""
        return people_of(self.request.hat.organisation)

    @property
    def is_self(self) -> bool:
        """The person acts on the hat worn now."""
        return self.object == self.request.hat

    def get_success_url(self):
        """Return the people page."""
        return reverse("accounts:people")


class RoleView(PersonView):
    """Give a colleague another role."""

    template_name = "accounts/role.html"

    def get_form(self, data=None, files=None):
        """Return the roles to choose from."""
        roles = MAY_INVITE[self.request.hat.role]
        return RoleForm(roles, data, initial={"role": self.object.role})

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the act does."""
        effects = [_("The new role counts from the next page that is opened.")]
        if self.is_self:
            effects.append(_("You may lose the right to undo this yourself."))
        return super().get_context(effects=effects, **extra)

    def perform(self, form):
        """Change the role, and keep wearing the hat when it is one's own."""
        mine = self.is_self
        hat = memberships.change_role(
            self.object, role=form.cleaned_data["role"], by=self.request.hat
        )
        if mine:
            self.request.session[SESSION_KEY] = hat.pk
        return hat

    @property
    def success_message(self):
        """Say who is what now."""
        facts = {"person": self.result.user.full_name, "role": self.result.get_role_display()}
        return _("%(person)s is now %(role)s.") % facts


class RemoveView(PersonView):
    """Remove a colleague from the organisation."""

    template_name = "accounts/remove.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the act does."""
        effects = [
            _("%(person)s can no longer open anything of %(organisation)s, from this moment."),
            _("What %(person)s wrote stays, and the history keeps the name."),
            _("Other organizations and roles of %(person)s stay as they are."),
            _("You can add %(person)s back at any time."),
        ]
        if self.is_self:
            effects = [
                _("You can no longer open anything of %(organisation)s, from this moment."),
                _("What you wrote stays, and the history keeps your name."),
                _("Another owner has to add you back."),
            ]
        facts = {
            "person": self.object.user.full_name,
            "organisation": self.object.organisation.name,
        }
        return super().get_context(effects=[e % facts for e in effects], **extra)

    def perform(self, form):
        """Switch the hat off."""
        return memberships.remove(self.object, by=self.request.hat)

    @property
    def success_message(self):
        """Say who is gone."""
        facts = {
            "person": self.result.user.full_name,
            "organisation": self.result.organisation.name,
        }
        return _("%(person)s is removed from %(organisation)s.") % facts

    def post(self, request, *args, **kwargs):
        """Remove; who removed themselves has no people page any more."""
        mine = self.is_self
        response = super().post(request, *args, **kwargs)
        if mine and response.status_code == 302:
            request.session.pop(SESSION_KEY, None)
            return HttpResponseRedirect(reverse("accounts:no_organisation"))
        return response
