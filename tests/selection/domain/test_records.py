import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import Role
from core.canonical import canonical_json, digest
from core.exceptions import WrongState
from selection.domain import records
from selection.engine import Pin, evaluate
from selection.models import DecisionRecord, LaterAct
from selection.queries import candidates
from selection.record import verifier
from selection.record.amending import Act
from selection.record.comparing import compare
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.building import approved, cohort, handed_over, published
from tests.selection.engine.pools import points
from tests.selection.record.sealing import decide, decided, documents, outcomes_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def staff():
    return MembershipFactory(role=Role.DHCS_APPROVER)


def act(proposal, application, outcome, reason, by, at=None):
    return records.seal_act(
        proposal=proposal, application=application, outcome=outcome, reason=reason, by=by,
        at=at or timezone.now(),
    )  # fmt: skip


def test_a_release_is_sealed_with_what_was_decided(cycle):
    applications, proposal = decided(cycle)
    record = DecisionRecord.objects.get()
    [document], [public] = documents(cycle), documents(cycle, "public")
    assert (record.sequence, record.kind, record.previous_sha256) == (1, "release", "")
    assert (record.applications, record.selected) == (5, 2)
    assert record.cost == proposal.cost == Decimal("561200.00")
    assert record.public_from == record.created_at == proposal.released_at
    assert record.document == canonical_json(document)
    content = {key: value for key, value in document.items() if key != "sha256"}
    assert record.sha256 == document["sha256"] == digest(canonical_json(content))
    assert outcomes_of(document) == {
        applications["above"].reference: "selected",
        applications["lifted"].reference: "selected",
        applications["near"].reference: "waitlisted",
        applications["below"].reference: "not_selected",
        applications["refused"].reference: "not_selected",
    }
    assert document["program"] == {
        "slug": cycle.version.slug, "version": 1, "sha256": cycle.version.sha256,
    }  # fmt: skip
    assert (public["redacted_from"], record.public_sha256) == (record.sha256, public["sha256"])


def test_keys_are_the_published_ones(cycle):
    decided(cycle)
    [document], [public] = documents(cycle), documents(cycle, "public")
    assert set(document) == {
        "format", "cycle", "sequence", "previous_sha256", "program", "rules", "applications", "acts",
        "totals", "proposed_at", "approved_at", "released_at", "sha256",
    }  # fmt: skip
    assert set(public) == {*document, "redacted_from"}
    assert set(document["applications"][0]) == {
        "reference", "mcp", "mcp_score", "recommended", "population", "practice_types", "tribal",
        "county", "members", "hpi_quartiles", "potential_payment", "priority_points",
        "adjusted_score", "rank", "outcome", "reason",
    }  # fmt: skip
    assert document["rules"]["priority_points"][-1] == {
        "attribute": "tribal", "value": True, "points": "15",
    }  # fmt: skip


def test_public_copy_names_nobody_and_hides_plan_and_county_of_who_is_not_in(cycle):
    applications = cohort(cycle)
    out = applications["below"]
    decide(cycle, pins=(Pin(out.reference, False, "A word about Dr. Ruiz."),))
    [document], [public] = documents(cycle), documents(cycle, "public")
    text = canonical_json(public)
    assert not [one for one in applications.values() if one.reference in text]
    assert "Ruiz" not in text
    for row, full in zip(public["applications"], document["applications"], strict=True):
        assert row["mcp"] == (full["mcp"] if row["outcome"] == "selected" else "")
        assert full["mcp"] != ""
    number = records.public_number(out)
    assert public["rules"]["pins"] == [{"reference": number, "selected": False, "reason": ""}]
    verifier.verify(public)


def test_a_plan_that_gives_points_stays_in_the_public_copy(cycle):
    applications = cohort(cycle)
    plan = applications["below"].designated_mcp.name
    decide(cycle, points=(points("mcp", plan, 3), points("county", "Fresno", 1)))
    for row in documents(cycle, "public")[0]["applications"]:
        assert row["mcp"] != ""
    verifier.verify(documents(cycle, "public")[0])


def test_each_application_keeps_its_number(cycle, staff):
    applications, proposal = decided(cycle)
    names = sorted(one.reference for one in applications.values())
    numbers = {one.reference: records.public_number(one) for one in applications.values()}
    assert numbers == {name: f"{place:04d}" for place, name in enumerate(names, start=1)}
    assert records.public_numbers(cycle) == {
        one.pk: numbers[one.reference] for one in applications.values()
    }
    act(proposal, applications["near"], "selected", "promoted", staff)
    for full, public in zip(documents(cycle), documents(cycle, "public"), strict=True):
        pairs = zip(full["applications"], public["applications"], strict=True)
        assert {row["reference"]: copy["reference"] for row, copy in pairs} == numbers


def test_no_number_before_a_release(cycle):
    applications, _proposal = decided(CycleFactory(closed=True))
    other = applications["above"]
    other.cycle = cycle
    assert (records.public_number(other), records.public_numbers(cycle)) == ("", {})


def test_number_costs_two_queries(cycle, django_assert_num_queries):
    applications, _proposal = decided(cycle)
    with django_assert_num_queries(2):
        assert records.public_number(applications["below"])


def test_a_later_act_adds_a_record_that_names_the_one_before(cycle, staff):
    applications, proposal = decided(cycle)
    first = records.latest(cycle)
    second = act(proposal, applications["near"], "selected", "promoted", staff)
    third = act(proposal, applications["above"], "left", "declined_place", staff)
    fulls, publics = documents(cycle), documents(cycle, "public")
    verifier.verify_chain(fulls)
    verifier.verify_chain(publics)
    assert [r.previous_sha256 for r in (second, third)] == [first.sha256, second.sha256]
    assert [d["previous_sha256"] for d in publics] == [
        "",
        first.public_sha256,
        second.public_sha256,
    ]
    assert [(r.sequence, r.kind) for r in (second, third)] == [(2, "later_act"), (3, "later_act")]
    assert [r.selected for r in (first, second, third)] == [2, 3, 2]
    assert [(a["number"], a["reason"]) for a in fulls[2]["acts"]] == [
        (1, "promoted"), (2, "declined_place"),
    ]  # fmt: skip
    assert outcomes_of(fulls[2])[applications["above"].reference] == "left"
    assert publics[2]["acts"][0]["reference"] == records.public_number(applications["near"])
    rows = LaterAct.objects.values_list("number", "application", "outcome", "record", "by")
    assert list(rows) == [
        (1, applications["near"].pk, "selected", second.pk, staff.user_id),
        (2, applications["above"].pk, "left", third.pk, staff.user_id),
    ]


def test_several_acts_at_once_make_one_record(cycle, staff):
    applications, proposal = decided(cycle)
    now = timezone.now()
    acts = [
        (one, Act(one.reference, "left", "declined_place", now))
        for one in (applications["above"], applications["lifted"])
    ]
    record = records.seal_acts(proposal=proposal, acts=acts, by=staff)
    assert (record.sequence, record.selected, record.cost) == (2, 0, 0)
    assert record.acts.count() == 2


def test_plan_and_county_appear_with_a_promotion_and_go_with_a_leaver(cycle, staff):
    applications, proposal = decided(cycle)
    act(proposal, applications["near"], "selected", "promoted", staff)
    act(proposal, applications["near"], "left", "left_program", staff)
    number = records.public_number(applications["near"])
    shown = [
        next(row["mcp"] for row in public["applications"] if row["reference"] == number)
        for public in documents(cycle, "public")
    ]
    assert shown == ["", applications["near"].designated_mcp.name, ""]
    verifier.verify_chain(documents(cycle, "public"))


@pytest.mark.parametrize(
    ("name", "outcome", "reason"),
    [
        ("above", "selected", "promoted"),
        ("below", "selected", "promoted"),
        ("near", "left", "declined_place"),
        ("above", "waitlisted", "declined_place"),
        ("near", "left", "left_program"),
        ("near", "left", "reconsidered"),
        ("near", "selected", "pinned_in"),
    ],
)
def test_an_act_that_does_not_follow_is_not_sealed(cycle, staff, name, outcome, reason):
    applications, proposal = decided(cycle)
    with pytest.raises(records.Unsound, match="act 1"):
        act(proposal, applications[name], outcome, reason, staff)
    assert DecisionRecord.objects.count() == 1
    assert not LaterAct.objects.exists()


def test_an_act_before_the_release_is_not_sealed(cycle, staff):
    applications, proposal = decided(cycle)
    before = proposal.released_at - timedelta(days=1)
    with pytest.raises(records.Unsound, match="is before"):
        act(proposal, applications["near"], "selected", "promoted", staff, at=before)


def test_an_act_that_waited_for_another_counts_as_made_after_it(cycle, staff):
    applications, proposal = decided(cycle)
    now = timezone.now()
    act(
        proposal, applications["near"], "selected", "promoted", staff, at=now + timedelta(seconds=9)
    )
    act(proposal, applications["above"], "left", "declined_place", staff, at=now)
    first, second = [one["at"] for one in documents(cycle)[-1]["acts"]]
    assert first == second
    verifier.verify_chain(documents(cycle))


def test_remodelling_starts_anew_and_continues_the_chain(cycle, staff):
    applications, proposal = decided(cycle)
    act(proposal, applications["near"], "selected", "promoted", staff)
    type(proposal).objects.filter(pk=proposal.pk).update(announced_at=timezone.now())
    type(applications["near"]).objects.filter(pk=applications["near"].pk).update(status="selected")
    again = decide(cycle, budget=Decimal("280600.00"))
    last = records.latest(cycle)
    assert (last.sequence, last.kind, last.proposal) == (3, "remodelling", again)
    fulls = documents(cycle)
    assert (fulls[2]["acts"], fulls[2]["totals"]["selected"]) == ([], 1)
    verifier.verify_chain(fulls)
    verifier.verify_chain(documents(cycle, "public"))
    with pytest.raises(WrongState):
        act(proposal, applications["near"], "left", "left_program", staff)


def test_what_does_not_verify_is_not_sealed(cycle, analyst, approver):
    handed_over(cycle, 85)
    found = approved(cycle, analyst, approver)
    rows = [replace(one, payment=Decimal("1.00")) for one in candidates(cycle)]
    result = evaluate(rows, published(cycle))
    with pytest.raises(records.Unsound, match="potential_payment"):
        records.seal_release(found, result=result, released_at=timezone.now())
    assert not DecisionRecord.objects.filter(cycle=cycle).exists()


def test_a_practice_type_that_is_stored_twice_counts_once(cycle):
    handed_over(cycle, 85, practice_types=["fqhc", "fqhc"])
    decide(cycle)
    [document] = documents(cycle)
    assert document["applications"][0]["practice_types"] == ["fqhc"]
    assert document["totals"]["mix"]["practice_type"] == {"fqhc": 1}
    assert compare(cycle) == (1, 1)


def test_page_time_is_kept_for_all_records(cycle, staff):
    later = timezone.now() + timedelta(days=3)
    applications, proposal = decided(cycle, publish_at=later)
    record = act(proposal, applications["near"], "selected", "promoted", staff)
    assert {r.public_from for r in DecisionRecord.objects.all()} == {later}
    assert record.created_at < later


def test_new_decisions_are_not_public_before_those_that_they_replace(cycle):
    later = timezone.now() + timedelta(days=30)
    _applications, proposal = decided(cycle, publish_at=later)
    type(proposal).objects.filter(pk=proposal.pk).update(announced_at=timezone.now())
    decide(cycle)
    assert [r.public_from for r in DecisionRecord.objects.all()] == [later, later]


@pytest.mark.parametrize("table", ["selection_decisionrecord", "selection_lateract"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_stored_records_are_never_changed(cycle, staff, table, statement):
    applications, proposal = decided(cycle)
    act(proposal, applications["near"], "selected", "promoted", staff)
    with (
        pytest.raises(DatabaseError, match="Cannot (update|delete)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_two_records_never_share_a_place(cycle):
    decided(cycle)
    record = DecisionRecord.objects.get()
    record.pk, record.sha256, record.public_sha256 = None, "0" * 64, "1" * 64
    record.kind = "later_act"
    with pytest.raises(IntegrityError, match="selection_record_once"), transaction.atomic():
        record.save(force_insert=True)


def test_a_forged_public_copy_is_caught(cycle):
    decided(cycle)
    text = DecisionRecord.objects.get().public
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    assert len(places) > 300
    for place in places:
        forged = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
        with pytest.raises(verifier.Difference):
            verifier.verify(verifier.read(forged.encode()))
    assert json.loads(text)["redacted_from"]


def test_an_application_that_comes_later_gets_a_number_in_between(cycle):
    applications, proposal = decided(cycle)
    before = records.public_numbers(cycle)
    type(proposal).objects.filter(pk=proposal.pk).update(announced_at=timezone.now())
    late = handed_over(cycle, 90)
    names = sorted([late.reference, *(one.reference for one in applications.values())])
    decide(cycle)
    after = records.public_numbers(cycle)
    assert {pk: after[pk] for pk in before} == before
    assert after[late.pk] == records.public_number(late)
    assert after[late.pk].endswith(".01")
    by_pk = {one.pk: one.reference for one in (late, *applications.values())}
    assert [by_pk[pk] for pk in sorted(after, key=after.get)] == names
    verifier.verify_chain(documents(cycle, "public"))
