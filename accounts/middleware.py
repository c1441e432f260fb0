"""Which hat a request wears, and what the history says about who changed something from where."""

import pghistory
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Membership, User
from accounts.queries import hats_of

SESSION_KEY = "hat"


class HatMiddleware:
    """Sets `request.hat` (the active Membership or None) and `request.hats` (all of the person's).

    Who is signed in and their hats are read in one query. It counts only for a session that Django
    would accept as it is; every other one is left to Django, which may renew or end it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        """Choose the hat kept in the session, else the person's first."""
        hats = _hats_in(request.session)
        if hats:
            request.user = hats[0].user
        elif request.user.is_authenticated:
            hats = list(hats_of(request.user))
        for hat in hats:
            hat.user = request.user
        request.hats = hats
        request.hat = _chosen(hats, request.session.get(SESSION_KEY))
        return self.get_response(request)


class HistoryContextMiddleware:
    """Gives every change made in a POST the actor, the role, the page and the address it came from."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        """Run the request inside a history context unless it only reads."""
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        hat = request.hat
        with pghistory.context(
            user=request.user.pk,
            hat=hat.pk if hat else None,
            label=hat.label if hat else "",
            path=request.path,
            address=get_adapter().get_client_ip(request),
        ):
            return self.get_response(request)


def _hats_in(session: SessionBase) -> list[Membership]:
    """Return the hats of who is signed in, or none when the session is not plainly in order."""
    person = session.get(auth.SESSION_KEY)
    hats = list(hats_of(int(person))) if person else []
    return hats if hats and _is_proven(session, hats[0].user) else []


def _is_proven(session: SessionBase, user: User) -> bool:
    """Tell whether `django.contrib.auth.get_user` would take the session for this user's, unchanged."""
    proof = session.get(auth.HASH_SESSION_KEY, "")
    return (
        user.is_active
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(proof, user.get_session_auth_hash())
    )


def _chosen(hats: list[Membership], wanted: int | None) -> Membership | None:
    for hat in hats:
        if hat.pk == wanted:
            return hat
    return hats[0] if hats else None
