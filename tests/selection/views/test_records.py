import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from programs.models import Cycle
from selection.domain import records
from selection.models import DecisionRecord, LaterAct
from selection.presenting import records as presenting
from selection.record import verifier
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.record.sealing import decided

pytestmark = pytest.mark.django_db
STAFF = (Role.DHCS_ANALYST, Role.DHCS_APPROVER, Role.DHCS_ADMINISTRATOR, Role.AUDITOR)


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def web(as_hat, analyst):
    return as_hat(analyst)


def address(name, *args):
    return reverse(f"selection:{name}", args=args)


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def plain(text):
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


def promote(applications, proposal):
    by = MembershipFactory(role=Role.DHCS_APPROVER)
    return records.seal_act(
        proposal=proposal, application=applications["near"], outcome="selected",
        reason="promoted", by=by, at=timezone.now(),
    )  # fmt: skip


def test_no_record_yet(web, cycle):
    assert "No record is sealed yet" in text_of(web.get(address("records")))


def test_no_cycle_yet(web):
    assert not Cycle.objects.exists()
    assert "No record is sealed yet" in text_of(web.get(address("records")))


def test_chain_is_listed(web, cycle):
    applications, proposal = decided(cycle)
    promote(applications, proposal)
    text = text_of(web.get(address("records")))
    assert "Release of the decisions" in text
    reference = applications["near"].reference
    assert f"Moved up from the waitlist when a place became free: {reference}" in plain(text)
    assert "A later act on single applications" not in text
    for record in DecisionRecord.objects.all():
        assert record.sha256[:12] in text
    assert "$841,800" in text
    assert reverse("selection:cohort", args=[cycle.slug]) in text


def test_chain_costs_the_same_however_long(web, cycle, django_assert_num_queries):
    applications, proposal = decided(cycle)
    web.get(address("records"))
    with django_assert_num_queries(6):
        web.get(address("records"))
    promote(applications, proposal)
    with django_assert_num_queries(6):
        web.get(address("records"))


@pytest.mark.parametrize("role", STAFF)
def test_files_are_the_sealed_bytes(as_hat, hat_of, cycle, role):
    decided(cycle)
    record = DecisionRecord.objects.get()
    web = as_hat(hat_of(role))
    for name, text in (("record_file", record.document), ("record_public", record.public)):
        response = web.get(address(name, record.pk))
        assert response.status_code == 200
        assert response.content.decode() == text + "\n"
        assert response.headers["Cache-Control"] == "private, no-store"
        verifier.verify(verifier.read(response.content))


@pytest.mark.parametrize("name", ["record", "record_file", "record_public"])
def test_nobody_else_reads_a_record(as_hat, hat_of, cycle, name):
    applications, _proposal = decided(cycle)
    record = DecisionRecord.objects.get()
    practice = applications["above"].practice
    plan = applications["above"].designated_mcp
    others = [
        hat_of(Role.PRACTICE_OWNER, practice), hat_of(Role.MCP_LEAD, plan),
        hat_of(Role.MCP_REVIEWER, plan), hat_of(Role.MILESTONE_REVIEWER),
    ]  # fmt: skip
    for hat in others:
        web = as_hat(hat)
        assert web.get(address(name, record.pk)).status_code == 404
        assert web.get(address("records")).status_code == 403


def test_record_says_what_it_seals_and_is_checked(web, cycle):
    applications, proposal = decided(cycle)
    record = promote(applications, proposal)
    page = address("record", record.pk)
    text = text_of(web.get(page))
    assert record.sha256 in text
    assert record.previous_sha256 in text
    assert applications["near"].reference in text
    assert "OK: this record holds" not in text
    assert "OK: this record holds" in text_of(web.get(page, {"check": "yes"}))


def test_check_names_the_first_difference(web, cycle, monkeypatch):
    decided(cycle)
    record = DecisionRecord.objects.get()
    real = verifier.read

    def forged(data):
        found = real(data)
        if "redacted_from" not in found:
            found["totals"]["selected"] = 3
        return found

    monkeypatch.setattr(verifier, "read", forged)
    text = text_of(web.get(address("record", record.pk), {"check": "yes"}))
    assert "This record does not hold" in text
    assert "sha256" in text


def test_a_conflict_of_interest_closes_the_full_record_only(as_hat, hat_of, cycle):
    applications, proposal = decided(cycle)
    record = promote(applications, proposal)
    hat = hat_of(Role.DHCS_ANALYST)
    check(applications["near"], hat.user)
    web = as_hat(hat)
    assert web.get(address("record_file", record.pk)).status_code == 403
    assert web.get(address("record_public", record.pk)).status_code == 200
    text = text_of(web.get(address("record", record.pk)))
    assert "The full record is closed to you" in text
    assert applications["near"].reference not in text
    text = text_of(web.get(address("records")))
    assert "A later act on single applications" in text
    assert "1 act is hidden from you by a conflict of interest." in text
    assert applications["near"].reference not in text
    assert "Moved up from the waitlist" not in text


def test_a_record_of_many_acts_names_the_first_three(cycle):
    applications, _proposal = decided(cycle)
    acts = [LaterAct(reason="declined_place", application=one) for one in applications.values()]
    acts = [*acts, *acts, LaterAct(reason="left_program", application=applications["near"])]
    declined, left = presenting.acts_named(acts)
    assert (declined["what"], len(declined["applications"])) == ("Did not take the place", 3)
    assert declined["more"] == 2 * len(applications) - 3 > 0
    assert (left["what"], left["applications"]) == ("Left the program", [applications["near"]])
    assert left["more"] == 0


def test_before_its_time_a_conflict_of_interest_closes_the_public_copy_too(
    as_hat, hat_of, cycle, monkeypatch
):
    later = timezone.now() + timedelta(days=3)
    applications, _proposal = decided(cycle, publish_at=later)
    record = DecisionRecord.objects.get()
    hat, other = hat_of(Role.DHCS_ANALYST), hat_of(Role.DHCS_APPROVER)
    check(applications["near"], hat.user)
    web, file = as_hat(hat), address("record_public", record.pk)
    assert web.get(file).status_code == 403
    text = text_of(web.get(address("record", record.pk)))
    assert file not in text
    assert "The public copy opens to you when it is public." in text
    assert as_hat(other).get(file).status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert as_hat(hat).get(file).status_code == 200
    assert file in text_of(as_hat(hat).get(address("record", record.pk)))
