"""Forms of people and accounts."""

from collections.abc import Iterable

from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.demo import DEMO_DOMAIN, DEMO_PASSWORD
from accounts.enums import Role
from accounts.languages import language_at_sign_up
from accounts.teams import ABILITIES
from core.forms import PortalForm


class SignupForm(AllauthSignupForm):
    """Name, email address and password: what an account needs, no more."""

    full_name = forms.CharField(
        label=_("Your full name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["full_name", "email", "password1"]

    def save(self, request):
        """Store the account with its name and with the language that the person reads."""
        user = super().save(request)
        user.full_name = self.cleaned_data["full_name"]
        user.language = language_at_sign_up(request)
        user.save(update_fields=["full_name", "language"])
        return user


class ReauthenticateForm(AllauthReauthenticateForm):
    """The password once more; the demo tells its visitors what it is."""

    @property
    def demo_password(self) -> str:
        """The password of one of the demo's people, or "" for anybody else."""
        is_demo = settings.DEMO_SIGN_IN and self.user.email.endswith(f"@{DEMO_DOMAIN}")
        return DEMO_PASSWORD if is_demo else ""


class RoleForm(PortalForm):
    """One of the roles that may be given, each with what it can do."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, roles: Iterable[str], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, role_in_words(role)) for role in roles]


class InviteForm(RoleForm):
    """Whom to invite into which role."""

    email = forms.EmailField(
        label=_("Work email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["email", "role"]


def role_in_words(role: str) -> SafeString:
    """Return the name of a role and, below it, what it can do."""
    html = '{}<span class="usa-radio__label-description">{}</span>'
    return format_html(html, Role(role).label, ABILITIES[role])
