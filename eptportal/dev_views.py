"""Pages for people who try the portal on their own machine; each is a 404 outside the demo.

`outbox_list` belongs at `dev/outbox/` and `outbox_message` at `dev/outbox/<str:key>/`: their
templates link to each other by relative addresses.
"""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.views import public
from eptportal.local import maildir

SHOWN = 200


def _mail_folder() -> Path:
    """Return the Maildir of the local SMTP sink. Raises Http404 outside the demo."""
    if not settings.DEMO_SIGN_IN:
        raise Http404
    return Path(settings.LOCAL_DIR) / "mail"


@public
@require_safe
@never_cache
def outbox_list(request: HttpRequest) -> HttpResponse:
    """List the newest messages that the portal sent, newest first."""
    shown = maildir.messages(_mail_folder(), SHOWN)
    return render(request, "dev/outbox.html", {"messages_sent": shown, "limit": SHOWN})


@public
@require_safe
@never_cache
def outbox_message(request: HttpRequest, key: str) -> HttpResponse:
    """Show one message as it was sent."""
    try:
        found = maildir.message(_mail_folder(), key)
    except KeyError as error:
        raise Http404 from error
    context = {"mail": found, "list_address": "../"}
    return render(request, "dev/outbox_message.html", context)
