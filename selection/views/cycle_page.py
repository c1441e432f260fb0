"""A page about one cycle that its address names."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from core.views import HatView
from programs.choosing import SESSION_KEY, choose_cycle, to_decide
from programs.models import Cycle


class CyclePage(HatView):
    """Names the cycle by `cycle` in the URL; the switcher's `?cycle=` goes to the other one's page."""

    @cached_property
    def cycle(self) -> Cycle:
        """The cycle of the address. Raises Http404 when no started one has the name."""
        return named_cycle(self.request, self.kwargs["cycle"])

    def dispatch(self, request, *args, **kwargs):
        """Follow the switcher, then go on."""
        asked = request.GET.get(SESSION_KEY, "")
        if request.hat is not None and asked and asked != kwargs["cycle"]:
            name = request.resolver_match.view_name
            if set(kwargs) != {"cycle"}:
                name = "selection:workbench"
            chosen = choose_cycle(request, to_decide)
            if chosen is not None and chosen.slug == asked:
                return redirect(name, cycle=asked)
        request.place = reverse("selection:workbench_home")
        return super().dispatch(request, *args, **kwargs)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the cycle."""
        return super().get_context(**{"cycle": self.cycle, **extra})


def named_cycle(request: HttpRequest, slug: str) -> Cycle:
    """Return a started cycle by its slug and keep it as the chosen one. Raises Http404."""
    chosen = choose_cycle(request, to_decide)
    for one in request.cycles:  # type: ignore[attr-defined]
        if one.slug == slug:
            if request.session.get(SESSION_KEY, chosen.slug if chosen else "") != slug:
                request.session[SESSION_KEY] = slug
            request.cycle = one  # type: ignore[attr-defined]
            return one
    raise Http404
