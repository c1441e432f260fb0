import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.enums import Role
from applications.models import Application
from core.canonical import canonical_json, digest
from selection.domain import records
from selection.models import Decision, DecisionRecord
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.record.schemas import errors
from tests.selection.record.sealing import decided

ROOT = Path(__file__).parent.parent.parent.parent
SCHEMA = json.loads((ROOT / "docs" / "decision-record.schema.json").read_text())
pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True, slug="ept-1")


def command(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def past_the_triggers(statement, *values):
    """Forge a row as somebody with the owner's rights on the database could."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def difference(*words):
    with pytest.raises(CommandError) as error:
        command(*words)
    return error.value.returncode, str(error.value)


def later(applications, proposal, name="near", outcome="selected", reason="promoted"):
    """Seal a later act and move the application as its use-case would."""
    by = MembershipFactory(role=Role.DHCS_APPROVER)
    status = "declined" if outcome == "left" else outcome
    Application.objects.filter(pk=applications[name].pk).update(status=status)
    return records.seal_act(
        proposal=proposal, application=applications[name], outcome=outcome, reason=reason, by=by,
        at=timezone.now(),
    )  # fmt: skip


def test_decided_cohort_verifies(cycle):
    applications, proposal = decided(cycle)
    assert command("verify_cohort", "ept-1") == "OK: 1 record(s), 5 applications; as stored.\n"
    later(applications, proposal)
    later(applications, proposal, "above", "left", "declined_place")
    assert command("verify_cohort", "ept-1") == "OK: 3 record(s), 5 applications; as stored.\n"


def test_export_writes_the_sealed_bytes(cycle, tmp_path):
    applications, proposal = decided(cycle)
    later(applications, proposal)
    first, second = DecisionRecord.objects.order_by("sequence")
    assert command("export_record", "ept-1") == second.document + "\n"
    assert command("export_record", "ept-1", "--public") == second.public + "\n"
    paths = [tmp_path / "1.json", tmp_path / "2.json"]
    for number, path in enumerate(paths, start=1):
        words = ("--sequence", str(number), "--output", str(path))
        assert command("export_record", "ept-1", *words) == ""
    assert paths[0].read_bytes() == (first.document + "\n").encode()
    answer = command("verify_cohort", "--record", *map(str, paths))
    assert answer == "OK: 2 record(s), 5 applications\n"


def test_export_of_what_is_not_there(cycle, tmp_path):
    assert difference("export_record", "ept-1")[0] == 1
    decided(cycle)
    assert difference("export_record", "ept-1", "--sequence", "2")[0] == 1
    assert difference("export_record", "no-such-cycle")[0] == 1
    nowhere = str(tmp_path / "no" / "such" / "folder")
    assert difference("export_record", "ept-1", "--output", nowhere)[0] == 1


@pytest.mark.parametrize("words", [[], ["ept-1", "--record", "x.json"], ["no-such-cycle"]])
def test_wrong_usage_exits_2(cycle, words):
    assert difference("verify_cohort", *words)[0] == 2


def test_nothing_sealed_is_a_difference(cycle):
    assert difference("verify_cohort", "ept-1") == (1, "DIFFERENT: ept-1: no record is sealed yet")


APPLICATION, DECISION, RECORD = (
    "applications_application", "selection_decision", "selection_decisionrecord",
)  # fmt: skip
FORGERIES = {
    "a score": (
        APPLICATION, "mcp_score = mcp_score + 1, adjusted_score = adjusted_score + 1",
        "column of mcp_score",
    ),
    "points": (
        APPLICATION, "priority_points = 1, adjusted_score = mcp_score + 1",
        "column of priority_points",
    ),
    "a payment": (APPLICATION, "potential_payment = 1", "column of potential_payment"),
    "a population": (APPLICATION, "population = 'children_youth'", "column of population"),
    "a status": (APPLICATION, "status = 'declined'", "status is declined"),
    "an outcome": (DECISION, "outcome = 'not_selected'", "decision on"),
    "a rank": (DECISION, "rank = 9", "decision on"),
    "a threshold": (DECISION, "threshold = 76", "decision on"),
    "none in force": (DECISION, "in_force = false", "proposal of the decision in force"),
    "a column": (RECORD, "selected = 3", "column selected"),
    "a cost": (RECORD, "cost = 1", "column cost"),
    "a hash": (RECORD, "sha256 = repeat('0', 64)", "column sha256"),
    "a public hash": (RECORD, "public_sha256 = repeat('0', 64)", "column public_sha256"),
    "a kind": (RECORD, "kind = 'later_act'", "column kind"),
    "a document": (RECORD, "document = replace(document, '\"77\"', '\"78\"')", "sha256"),
    "a public copy": (RECORD, "public = replace(public, '\"77\"', '\"78\"')", "sha256"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "change", "why"), FORGERIES.values(), ids=list(FORGERIES))
def test_rows_that_differ_from_the_record_are_named(cycle, table, change, why):
    applications, _proposal = decided(cycle)
    of = {"applications_application": "id", "selection_decision": "application_id"}
    where = f"WHERE {of[table]} = {applications['above'].pk}" if table in of else ""
    assert past_the_triggers(f"UPDATE {table} SET {change} {where}") == 1
    status, text = difference("verify_cohort", "ept-1")
    assert status == 1
    assert why in text


def resealed(document):
    content = {key: value for key, value in document.items() if key != "sha256"}
    return content | {"sha256": digest(canonical_json(content))}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d["applications"][0].update(county="Kern"), "county"),
        (lambda d: d["applications"][-1].update(members=921), "potential_payment"),
        (lambda d: d["applications"][-1].update(practice_types=["fqhc"]), "practice_types"),
        (lambda d: d.update(redacted_from="0" * 64), "redacted_from"),
        (lambda d: d["program"].update(slug="other"), "program"),
        (lambda d: d["rules"].update(waitlist_margin="4"), "rules"),
        (lambda d: d.update(proposed_at="2020-01-01T00:00:00Z"), "proposed_at"),
    ],
)
def test_a_public_copy_that_tells_something_else_is_named(cycle, change, why):
    decided(cycle)
    record = DecisionRecord.objects.get()
    document = json.loads(record.public)
    change(document)
    document = resealed(document)
    past_the_triggers(
        "UPDATE selection_decisionrecord SET public = %s, public_sha256 = %s",
        canonical_json(document),
        document["sha256"],
    )
    status, text = difference("verify_cohort", "ept-1")
    assert status == 1
    assert why in text


def test_a_record_cut_out_of_the_chain_is_named(cycle):
    applications, proposal = decided(cycle)
    later(applications, proposal)
    past_the_triggers("DELETE FROM selection_lateract")
    past_the_triggers("DELETE FROM selection_decisionrecord WHERE sequence = 1")
    assert "sequence" in difference("verify_cohort", "ept-1")[1]


def test_an_act_without_its_record_is_named(cycle):
    applications, proposal = decided(cycle)
    later(applications, proposal)
    past_the_triggers("UPDATE selection_lateract SET outcome = 'waitlisted'")
    assert "later acts" in difference("verify_cohort", "ept-1")[1]


def test_decision_of_another_release_in_force_is_named(cycle):
    applications, _proposal = decided(cycle)
    Decision.objects.filter(application=applications["near"]).update(in_force=False)
    assert "decision in force" in difference("verify_cohort", "ept-1")[1]


def test_a_plan_with_a_new_name_is_the_same_plan(cycle):
    applications, _proposal = decided(cycle)
    plan = applications["above"].designated_mcp
    plan.name = "A New Name Health Plan"
    plan.save()
    assert command("verify_cohort", "ept-1") == "OK: 1 record(s), 5 applications; as stored.\n"


def test_another_plan_is_named(cycle):
    applications, _proposal = decided(cycle)
    plans = {name: one.designated_mcp for name, one in applications.items()}
    assert plans["above"].name != plans["below"].name
    past_the_triggers(
        "UPDATE applications_application SET designated_mcp_id = %s WHERE id = %s",
        plans["below"].pk,
        applications["above"].pk,
    )
    assert "name of its plan" in difference("verify_cohort", "ept-1")[1]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("selection_proposalinputs SET content = content || ' '", "hash of the frozen inputs"),
        ("selection_proposal SET inputs_sha256 = repeat('0', 64)", "hash of the frozen inputs"),
    ],
)
def test_other_inputs_than_those_frozen_are_named(cycle, change, why):
    decided(cycle)
    past_the_triggers(f"UPDATE {change}")
    assert why in difference("verify_cohort", "ept-1")[1]


def shell(*words, **environment):
    """Run manage.py in a process of its own, without a reachable database."""
    values = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "eptportal.settings.dev",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        capture_output=True, text=True, check=False, cwd=ROOT, env=values,
    )  # fmt: skip


def test_files_need_no_database(cycle, tmp_path):
    decided(cycle)
    path = tmp_path / "record.json"
    path.write_text(DecisionRecord.objects.get().document + "\n", encoding="utf-8")
    answer = shell("verify_cohort", "--record", str(path))
    assert (answer.returncode, answer.stdout) == (0, "OK: 1 record(s), 5 applications\n")
    path.write_text(path.read_text().replace('"77"', '"78"', 1), encoding="utf-8")
    forged = shell("verify_cohort", "--record", str(path))
    assert (forged.returncode, forged.stdout[:18]) == (1, "DIFFERENT: sha256:")
    assert shell("verify_cohort", "--record", str(tmp_path / "no.json")).returncode == 2
    assert shell("verify_cohort", "--record").returncode == 2


def test_seeded_cohort_is_sealed_by_the_same_code_and_verifies():
    words = ("--cycle=seeded", "--applications=40", "--seed=4", "--through=decided")
    call_command("seed_cohort", *words, stdout=io.StringIO(), stderr=io.StringIO())
    record = DecisionRecord.objects.get(cycle__slug="seeded")
    assert (record.applications, record.kind) == (40, "release")
    assert record.proposal.approved_by != record.proposal.proposed_by
    for text in (record.document, record.public):
        assert errors(json.loads(text), SCHEMA, SCHEMA) == []
    assert command("verify_cohort", "seeded") == "OK: 1 record(s), 40 applications; as stored.\n"
