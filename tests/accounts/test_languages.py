"""Texts in the language of who reads them."""

import pytest
from django.utils import translation

from accounts.languages import in_language, supported
from accounts.models import User
from accounts.queries import language_of
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize(
    ("code", "found"), [("es", "es"), ("es-mx", "es"), ("en-us", "en-us"), ("xx", ""), ("", "")]
)
def test_languages_of_the_portal(code, found):
    assert supported(code) == found


def test_a_block_runs_in_the_language_of_its_reader():
    with translation.override("es"):
        for who, code in (
            (User(language="es"), "es"),
            (User(language=""), "en-us"),
            ("es", "es"),
            ("", "en-us"),
            ("xx", "en-us"),
        ):
            with in_language(who):
                assert translation.get_language() == code
            assert translation.get_language() == "es"


@pytest.mark.django_db
def test_language_of_an_address():
    UserFactory(email="ana@fresno.example", language="es")
    UserFactory(email="bo@fresno.example")
    found = [language_of(e) for e in (" ANA@fresno.example", "bo@fresno.example", "x@x.example")]
    assert found == ["es", "", ""]
