"""The language of a person's pages and emails.

A person who is signed in reads the language kept with the account; everybody else the one of the cookie
or of the browser (Django's LocaleMiddleware).
"""

from contextlib import AbstractContextManager
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import get_supported_language_variant


class Reader(Protocol):
    """Somebody with a language of their own, such as a User."""

    language: str


def supported(code: str) -> str:
    """Return the language of the portal that `code` stands for, or "" when there is none."""
    if not code:
        return ""
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return ""


def in_language(who: Reader | str) -> AbstractContextManager[None]:
    """Run a block in the language of a person (or of a code); without one, in the portal's first.

    For texts that somebody else reads than who makes the request, such as emails.
    """
    code = who if isinstance(who, str) else who.language
    return translation.override(supported(code) or settings.LANGUAGE_CODE)


def language_at_sign_up(request: HttpRequest) -> str:
    """Return the language to keep with a new account: the one chosen or in use, else "".

    Who reads the portal's first language without having chosen it has chosen nothing yet.
    """
    chosen = supported(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    used = supported(translation.get_language() or "")
    return chosen or ("" if used == settings.LANGUAGE_CODE else used)


class AccountLanguageMiddleware:
    """Shows every page in the language kept with the account. Belongs after HatMiddleware."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        """Answer in the account's language, or leave the one that LocaleMiddleware chose."""
        code = supported(getattr(request.user, "language", ""))
        if not code:
            return self.get_response(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        response.headers["Content-Language"] = code
        return response
