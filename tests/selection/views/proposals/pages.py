"""How the tests read the pages of proposals, and act on them."""

import re
from html import unescape

from django.urls import reverse

ACTS = ("approve", "reject", "withdraw_proposal", "release")
PATHS = {name: name.removesuffix("_proposal") for name in ACTS}


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def page_of(web, proposal, **query):
    return text_of(web.get(reverse("selection:proposal", args=[proposal.pk]), query))


def act(web, name, proposal, data=None, **kwargs):
    return web.post(reverse(f"selection:{name}", args=[proposal.pk]), data or {}, **kwargs)


def offered(text):
    """Return which acts the page has a form for."""
    return {name for name in ACTS if re.search(rf'action="/decisions/\d+/{PATHS[name]}/"', text)}
