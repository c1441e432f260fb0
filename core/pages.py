"""The short public pages that every footer links to."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.views import public

PAGES = ("accessibility", "privacy", "help", "glossary")


@public
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one of the fixed pages; any other name does not exist."""
    if slug not in PAGES:
        raise Http404
    return render(request, f"pages/{slug}.html")
