"""Production starts only when nothing is missing, and has nothing of the demo."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMPLETE = {
    "SECRET_KEY": "not-a-secret-but-long-enough-for-a-test-of-the-settings",
    "FIELD_ENCRYPTION_KEY": "ZGV2ZWxvcG1lbnQta2V5LWZvci1kZW1vLW9ubHktMzI=",
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgres://portal:secret@db.example/portal",
    "REDIS_URL": "redis://redis.example:6379/0",
    "EMAIL_URL": "smtp://mail.example:25",
    "SITE_BASE_URL": "https://portal.example",
}
LOOK = """
import json, django
django.setup()
from django.conf import settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from accounts.demo import demo_people
def is_there(path):
    try:
        return bool(resolve(path))
    except Resolver404:
        return False
def has_name(name):
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False
print(json.dumps({
    "paths": [p for p in %(paths)s if is_there(p)],
    "names": [n for n in %(names)s if has_name(n)],
    "people": demo_people(),
    "settings": {n: getattr(settings, n) for n in %(settings)s},
    "debug": settings.DEBUG,
    "host": settings.DATABASES["default"]["HOST"],
    "login": is_there("/accounts/login/"),
}))
"""
PATHS = ["/demo/sign-in/", "/dev/components/", "/dev/outbox/", "/dev/outbox/1/"]
NAMES = ["demo_sign_in", "dev_components", "dev_outbox"]
SETTINGS = ["DEMO_SIGN_IN", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]


def run(code, environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "eptportal.settings.production"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_names_everything_that_is_missing_at_once():
    done = run("import django; django.setup()", {})
    assert done.returncode != 0
    sentence = "These environment variables are not set: " + ", ".join(COMPLETE) + "."
    assert done.stderr.strip().splitlines()[-1].endswith(sentence)


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "EMAIL_URL"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_production_names_the_one_that_is_missing(name, how):
    environment = {key: value for key, value in COMPLETE.items() if key != name}
    environment |= {name: ""} if how == "empty" else {}
    done = run("import django; django.setup()", environment)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(f"These environment variables are not set: {name}.")
    assert COMPLETE["SECRET_KEY"] not in done.stderr


def test_production_has_nothing_of_the_demo():
    code = LOOK % {"paths": PATHS, "names": NAMES, "settings": SETTINGS}
    done = run(code, COMPLETE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found == {
        "paths": [],
        "names": [],
        "people": [],
        "settings": {
            "DEMO_SIGN_IN": False,
            "SESSION_COOKIE_SECURE": True,
            "CSRF_COOKIE_SECURE": True,
            "SECURE_SSL_REDIRECT": True,
        },
        "debug": False,
        "host": "db.example",
        "login": True,
    }


def test_demo_can_not_be_switched_on_in_production():
    environment = COMPLETE | {"DEMO_SIGN_IN": "true", "DEBUG": "true"}
    done = run(LOOK % {"paths": PATHS, "names": NAMES, "settings": SETTINGS}, environment)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert (found["paths"], found["debug"], found["settings"]["DEMO_SIGN_IN"]) == ([], False, False)


def test_production_passes_the_deployment_checks():
    code = (
        "import django; django.setup();"
        "from django.core.management import call_command;"
        "call_command('check', deploy=True, fail_level='WARNING')"
    )
    done = run(code, COMPLETE)
    assert done.returncode == 0, done.stderr


def test_a_worker_without_settings_takes_the_production_ones():
    code = "import eptportal, os; print(os.environ['DJANGO_SETTINGS_MODULE'])"
    done = run(code, {"DJANGO_SETTINGS_MODULE": "eptportal.settings.dev"})
    assert done.stdout.strip() == "eptportal.settings.dev"
    bare = "import os; del os.environ['DJANGO_SETTINGS_MODULE'];" + code
    assert run(bare, {}).stdout.strip() == "eptportal.settings.production"
