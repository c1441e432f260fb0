"""Sign-up and sign-in emails go through the outbox like every other email."""

import uuid

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.languages import in_language
from accounts.queries import language_of
from notifications.outbox import Email, enqueue


class AccountAdapter(DefaultAccountAdapter):
    """allauth's occasions, our outbox; each message in the language of who reads it."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": _("This is not the password of your account. Type it again."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Render allauth's message and store it; a retry of the same request is a new message."""
        request = allauth_context.request
        site = {"request": request, "email": email, "current_site": get_current_site(request)}
        with in_language(language_of(email) or get_language() or ""):
            message = self.render_mail(template_prefix, email, site | context)
        kind = template_prefix.rpartition("/")[2][:40]
        with transaction.atomic():
            enqueue([Email(kind, uuid.uuid4().hex, email, message.subject, str(message.body))])
