"""Which hat a request wears, and what the history says about who changed something from where."""

import pghistory
from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from accounts.models import Membership
from accounts.queries import hats_of

SESSION_KEY = "hat"


class HatMiddleware:
    """Sets `request.hat` (the active Membership or None) and `request.hats` (all of the person's)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        """Choose the hat kept in the session, else the person's first."""
        user = request.user
        request.hats = list(hats_of(user)) if user.is_authenticated else []
        for hat in request.hats:
            hat.user = user
        request.hat = _chosen(request.hats, request.session.get(SESSION_KEY))
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


def _chosen(hats: list[Membership], wanted: int | None) -> Membership | None:
    for hat in hats:
        if hat.pk == wanted:
            return hat
    return hats[0] if hats else None
