"""What every page's frame shows: cycle, hat, places, build. The context processor of the portal."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from accounts.demo import demo_people
from accounts.enums import Role
from accounts.models import Membership
from accounts.places import PLACES
from applications.presenting import closing_note
from applications.times import cycle_for, window_to_show
from programs.choosing import Default, cycle_in_mind, to_decide, to_score
from programs.models import Cycle
from programs.queries import current_cycle

DEFAULTS: dict[str, Default] = {
    **dict.fromkeys(Role.of_mcp, to_score),
    **dict.fromkeys(Role.see_all, to_decide),
}


def context(request: HttpRequest) -> dict[str, Any]:
    """Return `shell`, always complete, whoever asks, and the demo's people on the sign-in page."""
    hat = getattr(request, "hat", None)
    cycle = request.cycle if hasattr(request, "cycle") else _cycle_of(request, hat)
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "demo_people": demo_people,
        "shell": {
            "cycle_label": cycle.shown_title if cycle else "",
            "hat": _as_dict(hat) if hat else None,
            "other_hats": [_as_dict(h) for h in getattr(request, "hats", []) if h != hat],
            "cycles": _cycles(request),
            "places": _places(request, hat) if hat else [],
            "user_email": user.email if signed_in else "",
            "user_name": user.full_name if signed_in else "",
            "build": settings.BUILD_VERSION,
            "demo": settings.DEMO_SIGN_IN,
            "closing_note": _countdown(request, hat, cycle),
            "languages": _language_links(request),
        },
    }


def _cycle_of(request: HttpRequest, hat: Membership | None) -> Cycle | None:
    """Return the cycle of a page that is not about one (1 query): for staff that in which they work."""
    if hat is not None and hat.role in Role.of_practice:
        return cycle_for(hat.organisation)
    default = DEFAULTS.get(hat.role) if hat is not None else None
    return cycle_in_mind(request, default) if default else current_cycle()


def _countdown(request: HttpRequest, hat: Membership | None, cycle: Cycle | None) -> str:
    """Return the countdown for a practice, from the window that the page has looked up already."""
    if hat is None or cycle is None or hat.role not in Role.of_practice:
        return ""
    known = getattr(request, "window", None)
    return closing_note(known or window_to_show(hat.organisation, cycle))


def _as_dict(hat: Membership) -> dict[str, Any]:
    return {
        "pk": hat.pk,
        "label": hat.label,
        "organisation": hat.organisation.name,
        "role": str(hat.get_role_display()),
    }


def _language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the languages as links where a page must not set a cookie, else nothing."""
    if not getattr(request, "is_cookieless", False):
        return []
    current = get_language()
    return [
        {"code": code, "href": f"?language={code}", "current": code == current}
        for code, _name in settings.LANGUAGES
    ]


def _cycles(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the cycles to switch between, where the page has a choice of two or more."""
    cycles = getattr(request, "cycles", [])
    if len(cycles) < 2:
        return []
    return [
        {"label": one.shown_title, "href": f"?cycle={one.slug}", "current": one == request.cycle}
        for one in cycles
    ]


def _places(request: HttpRequest, hat: Membership) -> list[dict[str, Any]]:
    rows = []
    for place in PLACES[hat.role]:
        url = reverse(place.url_name)
        rows.append({"label": str(place.label), "url": url, "icon": place.icon, "current": False})
    path = getattr(request, "place", "") or request.path
    under = [row for row in rows if path.startswith(str(row["url"]))]
    if under:
        max(under, key=lambda row: len(str(row["url"])))["current"] = True
    return rows
