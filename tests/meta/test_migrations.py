"""The migrations make what the models say, guards included."""

import re
from io import StringIO
from pathlib import Path

import pgtrigger.registry
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

APPS = ["accounts", "applications", "notifications", "programs", "scoring", "selection"]
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.django_db
def test_no_migration_is_missing():
    output = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=output)
    assert output.getvalue().strip() == "No changes detected"


def test_migrations_have_names_and_one_end_each():
    loader = MigrationLoader(None)
    assert loader.detect_conflicts() == {}
    names = [path.stem for app in APPS for path in (ROOT / app / "migrations").glob("0*.py")]
    assert len(names) >= len(APPS)
    assert [name for name in names if re.search(r"auto_\d|\d{8}", name)] == []


@pytest.mark.django_db
def test_every_trigger_is_installed_as_the_code_has_it():
    stored = _installed()
    wanted = {
        (model._meta.db_table, trigger.get_pgid(model)): trigger.compile(model).hash
        for model, trigger in pgtrigger.registry.registered()
    }
    assert len(wanted) > 20
    assert {key: stored.get(key, ("", ""))[0] for key in wanted} == wanted
    assert {key for key in wanted if stored[key][1] == "D"} == set()
    assert set(stored) == set(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("applications_application", "status_fsm"),
        ("applications_application", "no_delete"),
        ("applications_applicationtransition", "append_only"),
        ("applications_submission", "append_only"),
        ("programs_programversion", "version_is_immutable"),
        ("selection_decision", "numbers_fixed"),
        ("selection_decision", "no_delete"),
    ],
)
def test_guards_that_the_promises_rest_on_are_there(table, name):
    found = [pgid for where, pgid in _installed() if where == table]
    assert [pgid for pgid in found if pgid.startswith(f"pgtrigger_{name}_")]


def _installed():
    """Return hash and state of every trigger of ours in the database by (table, name)."""
    query = """
        SELECT c.relname, t.tgname, obj_description(t.oid), t.tgenabled::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname LIKE 'pgtrigger%%' AND NOT t.tgisinternal
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [])
        return {(table, name): (text, state) for table, name, text, state in cursor.fetchall()}
