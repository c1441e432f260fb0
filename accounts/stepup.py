"""Step-up: an act that binds asks for the password again, shortly before it is done.

allauth keeps the request, shows its page for the password and then carries the request out, so that
nothing typed is lost and nothing is typed twice.
"""

import time
from typing import Any

import pghistory
from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.exceptions import DomainError

SESSION_KEY = "step_up"  # the path of the act and the sentence that names it


def is_confirmed(request: HttpRequest) -> bool:
    """Tell whether the person typed the password again within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    Signing in does not count: somebody else may sit at the computer since.
    """
    records = get_authentication_records(request, request.user)
    again = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(again) and time.time() - again[-1] < app_settings.REAUTHENTICATION_TIMEOUT


def kept_act(request: HttpRequest, path: str) -> str:
    """Return the sentence that names the act kept at `path`, "" where none was given."""
    kept = request.session.get(SESSION_KEY, {})
    return kept.get("does", "") if kept.get("path") == path else ""


class StepUpMixin:
    """For class-based views: `self.confirm_identity()` right before the act, after every other check.

    So who may not act is told so (403) and what is wrong in the form is shown before a password is
    asked for. The view must not need files: a kept request has none.
    """

    request: Any

    def dispatch(self, request, *args, **kwargs):
        """Name the page of the act in the history, also when it is carried out after the password."""
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        with pghistory.context(path=request.path):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def confirm_identity(self, does: str = "") -> None:
        """Go on when the password was typed just now; else ask for it, then do this request again.

        `does` is a sentence that names the act on the page that asks, such as "You are about to …". A GET
        of the act's own address leads to the page that the person came from.

        Raises ReauthenticationRequired (allauth's middleware shows the page), or DomainError for an
        account without a password.
        """
        if is_confirmed(self.request):
            return
        if not self.request.user.has_usable_password():
            raise DomainError(
                _(
                    "Your account has no password yet. Sign out, choose “Forgot your password?” on the "
                    "sign-in page to set one, then sign in and try again."
                )
            )
        self.request.session[SESSION_KEY] = {"path": self.request.get_full_path(), "does": does}
        raise ReauthenticationRequired
