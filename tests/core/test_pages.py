"""The short public pages: open to everybody, and no others."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("slug", "title"),
    [
        ("accessibility", "Accessibility"),
        ("privacy", "Privacy"),
        ("help", "Help"),
        ("glossary", "Glossary"),
    ],
)
def test_each_page_is_open_to_strangers(client, slug, title):
    response = client.get(reverse("core:page", args=[slug]))
    assert response.status_code == 200
    assert f'<h1 class="page-head__title">{title}</h1>' in response.content.decode()


@pytest.mark.parametrize("slug", ["nothing", "base", "PRIVACY", "head"])
def test_any_other_name_does_not_exist(client, slug):
    response = client.get(reverse("core:page", args=[slug]))
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()
