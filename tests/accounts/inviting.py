"""Links as they travel in emails."""

import re
from datetime import timedelta

from django.utils import timezone

from accounts.models import Invitation
from notifications.models import OutboxEmail


def link_in(email):
    """Return the path of the invitation's link in a stored email."""
    [path] = re.findall(r"https?://[^/\s]+(/invitations/[\w-]{43}/)", email.body)
    return path


def last_link(to):
    """Return the path of the link in the last invitation sent to an address."""
    return link_in(OutboxEmail.objects.filter(kind="invitation", to=to).latest("pk"))


def token_of(link):
    """Return the secret part of a link."""
    return link.split("/")[2]


def run_out(invitation):
    """Let the time of an invitation be over."""
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(1))
    invitation.refresh_from_db()
    return invitation
