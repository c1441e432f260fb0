"""The page behind the link of an invitation."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.domain import invitations
from accounts.enums import InvitationState
from accounts.middleware import SESSION_KEY
from accounts.models import Invitation
from accounts.teams import ABILITIES
from core.exceptions import DomainError
from core.views import public


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what one is invited to; a POST of the invited person accepts. Unknown links are a 404.

    It is public, as the person may have no account yet. Whether one exists is not told to anybody, and
    who is signed in with another address learns only that.
    """
    found = invitations.of_token(token)
    if found is None:
        raise Http404
    if request.user.is_authenticated and request.user.email != found.email:
        return _show(request, found, "accounts/invitation_not_yours.html", HTTPStatus.FORBIDDEN)
    if request.method == "POST" and request.user.is_authenticated:
        return _accept(request, found)
    return _page(request, found)


def _accept(request: HttpRequest, found: Invitation) -> HttpResponse:
    try:
        hat = invitations.accept(found, user=request.user)
    except DomainError:
        found.refresh_from_db()
        return _page(request, found)
    request.session[SESSION_KEY] = hat.pk
    if found.accepted_at is None:
        facts = {"organisation": hat.organisation.name}
        messages.success(request, _("You belong to %(organisation)s now.") % facts)
    return redirect(hat.home_url if hat.is_active else "home")


def _page(request: HttpRequest, found: Invitation) -> HttpResponse:
    state = invitations.state_of(found)
    if state is InvitationState.OPEN:
        return _show(request, found, "accounts/invitation.html", HTTPStatus.OK)
    joined = found.membership is not None and found.membership.user_id == request.user.pk
    status = HTTPStatus.OK if joined else HTTPStatus.GONE
    return _show(
        request, found, "accounts/invitation_over.html", status, state=state.value, joined=joined
    )


def _show(
    request: HttpRequest, found: Invitation, template: str, status: HTTPStatus, **extra
) -> HttpResponse:
    context = {"invitation": found, "ability": ABILITIES[found.role], "here": request.path, **extra}
    return render(request, template, context, status=status)
