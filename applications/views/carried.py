"""Where the answers of the check wait: in the session of a visitor, with the account of a person.

The account takes them over when somebody signs up or signs in with them, so that the practice may be
set up later and in another browser.
"""

from typing import Any

from allauth.account.signals import user_signed_up
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from applications.domain import carrying

SESSION_KEY = "eligibility"


def keep(request: HttpRequest, answers: dict[str, Any]) -> None:
    """Keep the answers for whoever sends the request."""
    if request.user.is_authenticated:
        carrying.keep(answers, person=request.user)
    else:
        request.session[SESSION_KEY] = answers


def kept(request: HttpRequest) -> dict[str, Any] | None:
    """Return the answers that wait, or None (1 query for a person, none for a visitor)."""
    if request.user.is_authenticated:
        return carrying.kept(request.user)
    return request.session.get(SESSION_KEY)


def forget(request: HttpRequest) -> None:
    """Drop the answers: they are in an application now."""
    carrying.forget(request.user)


@receiver((user_signed_up, user_logged_in), dispatch_uid="carried_check")
def take_over(request: HttpRequest | None, user: User, **_signal: Any) -> None:
    """Move a visitor's answers from the session to the account. Not for who only works elsewhere."""
    answers = request.session.pop(SESSION_KEY, None) if request is not None else None
    if answers and carrying.may_apply(user):
        carrying.keep(answers, person=user)
