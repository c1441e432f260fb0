"""The demo's sign-in buttons: there in the demo, and nowhere else."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from tests.factories.accounts import OrganisationFactory

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "eptportal.settings.production",
    "SECRET_KEY": "a-secret-of-this-test-only",
    "FIELD_ENCRYPTION_KEY": "ZGV2ZWxvcG1lbnQta2V5LWZvci1kZW1vLW9ubHktMzI=",
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgres://u@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "SITE_BASE_URL": "https://portal.example",
}
WALK = """
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
from accounts.demo import demo_people
def walk(patterns):
    for one in patterns:
        yield str(one.pattern)
        yield from walk(getattr(one, "url_patterns", []))
found = [p for p in walk(get_resolver().url_patterns) if "demo" in p or p.startswith("dev")]
print(settings.DEMO_SIGN_IN, settings.DEBUG, found, demo_people())
"""


@pytest.fixture
def lead(hat_of):
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    return hat_of(Role.MCP_LEAD, plan, user__email="lead@demo.example", user__full_name="Bo Li")


@pytest.fixture
def outsider(hat_of):
    return hat_of(Role.DHCS_APPROVER, user__email="cy@real.example")


def button(client, email):
    return client.post(reverse("demo_sign_in"), {"email": email})


def production(script, **changes):
    env = {"PATH": os.environ["PATH"], **PRODUCTION, **changes}
    command = [sys.executable, "-W", "error", "-c", script]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.django_db
def test_one_button_signs_in_as_the_demo_person(client, lead, outsider):
    page = client.get(reverse("account_login")).content.decode()
    assert "MCP lead" in page
    assert "cy@real.example" not in page
    response = button(client, "lead@demo.example")
    assert (response.status_code, response.url) == (302, reverse("home"))
    assert client.session["_auth_user_id"] == str(lead.user_id)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["cy@real.example", "nobody@demo.example", ""])
def test_the_button_signs_in_nobody_else(client, lead, outsider, email):
    assert button(client, email).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_outside_the_demo_the_button_does_not_exist(client, lead, settings):
    settings.DEMO_SIGN_IN = False
    page = client.get(reverse("account_login")).content.decode()
    assert "lead@demo.example" not in page
    assert button(client, "lead@demo.example").status_code == 404
    assert "_auth_user_id" not in client.session


def test_production_has_neither_the_address_nor_the_people():
    result = production(WALK)
    assert (result.stdout, result.stderr) == ("False False [] []\n", "")


def test_production_does_not_start_without_its_values_and_names_them():
    names = [name for name in PRODUCTION if name != "DJANGO_SETTINGS_MODULE"]
    for lacking in (names, names[:1]):
        result = production("import django; django.setup()", **dict.fromkeys(lacking, ""))
        assert result.returncode == 1
        assert result.stderr.splitlines()[-1] == (
            "django.core.exceptions.ImproperlyConfigured: "
            f"These environment variables are not set: {', '.join(lacking)}."
        )


@pytest.mark.django_db
def test_the_command_prints_who_can_sign_in(lead, outsider):
    out = StringIO()
    call_command("demo_people", stdout=out)
    assert out.getvalue() == (
        "  lead@demo.example  MCP lead, Valley Health Plan\n  password for all: demo-cohort-one\n"
    )


@pytest.mark.django_db
def test_the_command_says_that_there_is_nobody(outsider):
    out = StringIO()
    call_command("demo_people", stdout=out)
    assert out.getvalue() == "There are no demo people here.\n"
