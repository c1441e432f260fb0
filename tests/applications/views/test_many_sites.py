"""The page of sites at its largest: every entry that there is room for is saved by the button."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.urls import reverse

from applications.domain.practices import ROWS_AT_MOST
from applications.models import Site

pytestmark = pytest.mark.django_db
INPUT = re.compile(r"<input\b[^>]*>")
PART = re.compile(r'\b(name|value)="([^"]*)"')
SITES = "applications:sites"


def inputs(page):
    """Return name and value of every input of a page."""
    found = [dict(PART.findall(tag)) for tag in INPUT.findall(page)]
    return {one["name"]: unescape(one.get("value", "")) for one in found if "name" in one}


def test_as_many_sites_as_there_is_room_for_are_saved_at_once(as_hat, owner, draft):
    Site.objects.bulk_create(
        Site(
            practice=draft.practice.practice, name=f"Site {number}", street="1 Main", city="Fresno"
        )
        for number in range(ROWS_AT_MOST)
    )
    client = as_hat(owner)
    data = inputs(client.get(reverse(SITES)).content.decode())
    names = [name for name in data if re.fullmatch(r"site-\d+-name", name)]
    assert len(names) == ROWS_AT_MOST
    assert len(data) > 10 * ROWS_AT_MOST
    assert len(data) + 20 <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    changed = data | {name: f"{data[name]} changed" for name in names}
    response = client.post(
        reverse(SITES), urlencode(changed), content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 302
    stored = set(Site.objects.values_list("name", flat=True))
    assert stored == {f"Site {number} changed" for number in range(ROWS_AT_MOST)}
