"""The language switch of every page's footer."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as keep_in_cookie

from accounts.domain import people
from core.views import public


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie and, for who is signed in, with the account; go back to the page.

    A language that the portal does not have is a 404.
    """
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        people.choose_language(request.user, code)
    return keep_in_cookie(request)
