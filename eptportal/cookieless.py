"""Pages that are the same for everybody: no cookie is read for them and none is set by them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class CookielessMiddleware:
    """Takes the cookies away from requests under `COOKIELESS_PATHS`, so that any cache may share answers.

    Belongs before the session's middleware: whoever is signed in reads these pages as a visitor, in the
    language of the browser. `request.is_cookieless` tells the page's frame to leave forms out.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer without cookies where the path says so."""
        if not request.path_info.startswith(settings.COOKIELESS_PATHS):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        request.is_cookieless = True  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.cookies.clear()
        vary = [part.strip() for part in response.headers.get("Vary", "").split(",")]
        del response.headers["Vary"]
        patch_vary_headers(response, [part for part in vary if part and part.lower() != "cookie"])
        return response
