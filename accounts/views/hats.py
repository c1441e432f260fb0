"""Choosing a hat, and what a person without any sees."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.demo import demo_people
from accounts.middleware import SESSION_KEY
from accounts.models import User
from core.views import HatView, signed_in

SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@signed_in
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Put on another of one's own hats. A hat that is not one's own does not exist (404)."""
    hat = next((hat for hat in request.hats if hat.pk == pk), None)
    if hat is None:
        raise Http404
    request.session[SESSION_KEY] = hat.pk
    return redirect(hat.home_url)


@signed_in
def no_organisation(request: HttpRequest) -> HttpResponse:
    """Tell a person who belongs to no organisation how to begin."""
    if request.hat is not None:
        return redirect(request.hat.home_url)
    return render(request, "accounts/no_organisation.html")


class WelcomeView(HatView):
    """First page of the roles whose work begins after the selection."""

    permission_required = "accounts.wear_hat"
    template_name = "accounts/welcome.html"


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo people by one button. Exists only in the demo (404 elsewhere)."""
    if not settings.DEMO_SIGN_IN:
        raise Http404
    emails = [person["email"] for person in demo_people()]
    email = request.POST.get("email", "")
    if email not in emails:
        raise Http404
    login(request, get_object_or_404(User, email=email), backend=SIGN_IN_BACKEND)
    request.session.pop(SESSION_KEY, None)
    return redirect("home")


demo_sign_in.permission_required = "public"
