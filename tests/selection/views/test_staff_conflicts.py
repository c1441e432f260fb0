"""Conflicts of interest of DHCS staff: declared, noted, cleared, found; and what they close."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.signals import hat_given
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck, Practice
from applications.signals import submitted
from core.exceptions import DomainError
from notifications.models import OutboxEmail
from scoring.models import ExportJob
from selection.domain import staff_conflicts, staff_watch
from selection.engine import Pin
from selection.models import Claim
from selection.queries.conflicts import hidden_from, pins_hidden_from
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import DECLARED, check, stored
from tests.selection.building import handed_over, owner_of, proposed, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def application(cycle):
    return handed_over(cycle, 80)


@pytest.fixture
def administrator(hat_of, analyst):
    return hat_of(Role.DHCS_ADMINISTRATOR, analyst.organisation)


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def declared(web, application, *yes, **extra):
    data = {f"answer_{key}": "yes" if key in yes else "no" for key in DECLARED}
    return web.post(reverse("selection:declare", args=[application.pk]), {**data, **extra})


def claim(application, hat):
    return Claim.objects.create(application=application, person=hat.user, claimed_at=timezone.now())


@pytest.mark.parametrize("role", Role.of_dhcs)
def test_declared_conflict_closes_the_application_at_once(as_hat, hat_of, application, role):
    hat = hat_of(role)
    web = as_hat(hat)
    mine = claim(application, hat)
    response = declared(web, application, "family")
    assert (response.status_code, response.url) == (302, reverse("selection:my_conflicts"))
    assert (application.pk, hat.user_id) in set(
        ConflictCheck.objects.filter(outcome=ConflictOutcome.FAILED).values_list(
            "application", "person"
        )
    )
    mine.refresh_from_db()
    assert mine.ended_at is not None
    assert hidden_from(hat, application.cycle) == {application.pk}
    for name in ("application", "declare", "notes", "flags"):
        address = reverse(f"selection:{name}", args=[application.pk])
        assert web.get(address).status_code == 404, name
    assert application.reference not in text_of(web.get(reverse("selection:queue")))
    own = text_of(web.get(reverse("selection:my_conflicts")))
    assert application.reference in own
    assert "Closed to you" in own


def test_queue_search_facets_and_exports_leave_it_out(as_hat, analyst, cycle, application):
    other = handed_over(cycle, 70)
    check(application, analyst.user)
    web = as_hat(analyst)
    for query in ({}, {"q": application.reference}, {"status": "recommended"}):
        text = text_of(web.get(reverse("selection:queue"), query))
        rows = re.findall(r'href="/queue/(\d+)/', text)
        assert str(application.pk) not in rows, query
    assert str(other.pk) in re.findall(
        r'href="/queue/(\d+)/', text_of(web.get(reverse("selection:queue")))
    )
    assert application.reference not in text_of(web.get(reverse("scoring:packets")))
    assert ExportJob.objects.count() == 0


def test_no_conflict_leaves_everything_open(as_hat, analyst, application):
    mine = claim(application, analyst)
    web = as_hat(analyst)
    response = declared(web, application)
    assert response.url == reverse("selection:application", args=[application.pk])
    mine.refresh_from_db()
    assert mine.ended_at is None
    assert hidden_from(analyst, application.cycle) == set()


def test_soft_conflict_needs_words_and_closes_nothing(as_hat, analyst, application):
    web = as_hat(analyst)
    text = text_of(declared(web, application, "other", note_other=""), 422)
    assert "Write in a few words what it is." in text
    response = declared(web, application, "other", note_other="We sang in one choir.")
    assert response.status_code == 302
    assert hidden_from(analyst, application.cycle) == set()
    own = text_of(web.get(reverse("selection:my_conflicts")))
    assert "We sang in one choir." in own
    assert "A warning only" in own


def test_missing_answer_keeps_the_others(as_hat, analyst, application):
    web = as_hat(analyst)
    address = reverse("selection:declare", args=[application.pk])
    text = text_of(web.post(address, {"answer_family": "yes", "note_family": "My aunt"}), 422)
    assert "My aunt" in text
    assert ConflictCheck.objects.count() == 0


def test_second_click_leads_to_the_own_conflicts(as_hat, analyst, application):
    web = as_hat(analyst)
    declared(web, application, "family")
    response = declared(web, application, "family")
    assert (response.status_code, response.url) == (302, reverse("selection:my_conflicts"))
    stranger = as_hat(owner_of(handed_over(application.cycle, 60)))
    assert declared(stranger, application, "family").status_code == 404


def test_conflicts_are_the_persons_whatever_the_hat(as_hat, analyst, application, hat_of):
    second = hat_of(Role.DHCS_APPROVER, analyst.organisation, user=analyst.user)
    declared(as_hat(analyst), application, "family")
    web = as_hat(second)
    assert web.get(reverse("selection:application", args=[application.pk])).status_code == 404


def test_approver_notes_a_conflict_of_a_colleague(as_hat, hat_of, analyst, application):
    approver = hat_of(Role.DHCS_APPROVER, analyst.organisation)
    mine = claim(application, analyst)
    address = reverse("selection:staff_conflicts", args=[application.pk])
    data = {"person": analyst.pk, "rule": "family", "reason": "They told me at lunch."}
    assert as_hat(approver).post(address, data).status_code == 302
    assert stored(application) == {(analyst.user_id, "family", "lead", "failed")}
    mine.refresh_from_db()
    assert mine.ended_at is not None
    email = OutboxEmail.objects.get(kind="staff_conflict")
    assert email.to == analyst.user.email
    assert "lunch" not in email.body
    own = text_of(as_hat(analyst).get(reverse("selection:my_conflicts")))
    assert "What a colleague noted for you" in own
    assert "lunch" not in own
    page = text_of(as_hat(approver).get(address))
    assert "They told me at lunch." in page
    assert analyst.user.full_name in page


@pytest.mark.parametrize("role", [Role.DHCS_ANALYST, Role.AUDITOR])
def test_others_neither_read_nor_note_conflicts_of_colleagues(
    as_hat, hat_of, analyst, application, role
):
    check(application, analyst.user, note="Secret of a colleague")
    web = as_hat(hat_of(role, analyst.organisation))
    address = reverse("selection:staff_conflicts", args=[application.pk])
    assert web.get(address).status_code == 403
    data = {"person": analyst.pk, "rule": "family", "reason": "x"}
    assert web.post(address, data).status_code == 403
    text = text_of(web.get(reverse("selection:application", args=[application.pk])))
    assert "Secret of a colleague" not in text
    assert address not in text


def test_conflict_for_a_stranger_or_oneself_is_refused(as_hat, hat_of, administrator, application):
    web = as_hat(administrator)
    address = reverse("selection:staff_conflicts", args=[application.pk])
    for person in (administrator, hat_of(Role.DHCS_ANALYST), owner_of(application)):
        data = {"person": person.pk, "rule": "family", "reason": "Because."}
        text = text_of(web.post(address, data), 422)
        assert "Because." in text
    assert ConflictCheck.objects.count() == 0


def test_cleared_conflict_opens_the_application_again(as_hat, analyst, administrator, application):
    row = check(application, analyst.user)
    address = reverse("selection:clear_staff_conflict", args=[application.pk])
    web = as_hat(administrator)
    assert text_of(web.post(address, {"check": row.pk, "reason": ""}), 422)
    assert web.post(address, {"check": row.pk, "reason": "Another person."}).status_code == 302
    row.refresh_from_db()
    assert (row.outcome, row.stated_by) == (ConflictOutcome.PASSED, administrator.label)
    assert hidden_from(analyst, application.cycle) == set()
    text = text_of(web.post(address, {"check": row.pk, "reason": "Again."}), 409)
    assert "cleared already" in text


def test_nobody_clears_an_own_conflict_or_one_of_a_plan(as_hat, hat_of, administrator, application):
    soft = check(application, administrator.user, hard=False, rule="other", note="Choir")
    reviewer = hat_of(Role.MCP_REVIEWER, application.designated_mcp)
    theirs = check(application, reviewer.user)
    web = as_hat(administrator)
    address = reverse("selection:clear_staff_conflict", args=[application.pk])
    assert web.post(address, {"check": soft.pk, "reason": "x"}).status_code == 409
    assert web.post(address, {"check": theirs.pk, "reason": "x"}).status_code == 404
    assert ConflictCheck.objects.filter(outcome=ConflictOutcome.FAILED).count() == 2


def test_proposal_that_pins_it_is_refused_to_who_has_the_conflict(cycle, analyst, approver):
    pinned, other = handed_over(cycle, 60), handed_over(cycle, 80)
    pin = Pin(pinned.reference, selected=True, reason="The only one of the county.")
    proposal = proposed(cycle, analyst, pins=(pin,))
    staff_conflicts.refuse_own_pins(proposal, by=approver)
    check(other, approver.user)
    staff_conflicts.refuse_own_pins(proposal, by=approver)
    check(pinned, approver.user)
    assert pins_hidden_from(approver, cycle, published(cycle, pins=(pin,))) == [pinned.reference]
    with pytest.raises(DomainError, match="Another approver has to act") as refused:
        staff_conflicts.refuse_own_pins(proposal, by=approver)
    assert pinned.reference not in str(refused.value)


def test_hidden_costs_one_query(cycle, analyst, application, django_assert_num_queries):
    check(application, analyst.user)
    check(handed_over(cycle, 60), analyst.user, hard=False)
    check(handed_over(CycleFactory(), 60), analyst.user)
    with django_assert_num_queries(1):
        assert hidden_from(analyst, cycle) == {application.pk}
    rules = published(cycle)
    with django_assert_num_queries(0):
        assert pins_hidden_from(analyst, cycle, rules) == []


def found(application, hat):
    rows = ConflictCheck.objects.filter(
        application=application, person=hat.user_id, source=ConflictSource.SYSTEM
    )
    return set(rows.values_list("rule", "outcome"))


def test_portal_finds_staff_who_worked_for_the_practice_when_they_join(
    hat_of, application, analyst
):
    elsewhere = handed_over(application.cycle, 60)
    hat_of(Role.PRACTICE_OWNER, application.practice, user=analyst.user, is_active=False)
    hat_given.send(type(analyst), hat=analyst)
    assert ("same_tin", "failed") in found(application, analyst)
    assert hidden_from(analyst, application.cycle) == {application.pk}
    assert found(elsewhere, analyst) <= {("email_domain", "failed")}


def test_portal_finds_the_same_tin_and_ends_the_claim(hat_of, application, analyst):
    own = hat_of(Role.PRACTICE_OWNER, user=analyst.user)
    Practice.objects.create(organisation=own.organisation, npi="1234567893", tin_digest="a" * 64)
    Application.objects.filter(pk=application.pk).update(tin_digest="a" * 64)
    mine = claim(application, analyst)
    staff_watch.after_joining(own)
    assert hidden_from(analyst, application.cycle) == {application.pk}
    mine.refresh_from_db()
    assert mine.ended_at is not None


def test_portal_warns_of_the_same_domain_as_somebody_of_the_practice(hat_of, application):
    hat_of(Role.PRACTICE_OWNER, application.practice, user__email="ana@mail.clinic.example")
    staff = hat_of(Role.DHCS_ANALYST, user__email="bo@clinic.example")
    other = hat_of(Role.DHCS_ANALYST, user__email="cy@dhcs.example")
    hat_given.send(type(staff), hat=staff)
    hat_given.send(type(other), hat=other)
    assert found(application, staff) == {("email_domain", "failed")}
    assert found(application, other) == set()
    assert hidden_from(staff, application.cycle) == set()


def test_portal_looks_again_when_the_address_changes(hat_of, application):
    hat_of(Role.PRACTICE_OWNER, application.practice, user__email="ana@clinic.example")
    staff = hat_of(Role.DHCS_ANALYST, user__email="cy@dhcs.example")
    staff.user.email = "cy@clinic.example"
    staff.user.save()
    staff_watch.after_new_address(staff.user)
    assert found(application, staff) == {("email_domain", "failed")}


def test_portal_looks_at_staff_when_somebody_joins_a_practice(hat_of, application):
    staff = hat_of(Role.DHCS_ANALYST, user__email="bo@clinic.example")
    joined = hat_of(Role.PRACTICE_OWNER, application.practice, user__email="ana@clinic.example")
    hat_given.send(type(joined), hat=joined)
    assert found(application, staff) == {("email_domain", "failed")}


def test_portal_looks_at_staff_when_an_application_comes_in(hat_of, application, analyst):
    owner = owner_of(application)
    staff = hat_of(Role.DHCS_APPROVER, analyst.organisation)
    hat_of(Role.PRACTICE_CONTRIBUTOR, application.practice, user=staff.user, is_active=False)
    mine = claim(application, staff)
    submitted.send(Application, applications=[application], by=owner)
    assert ("same_tin", "failed") in found(application, staff)
    assert hidden_from(staff, application.cycle) == {application.pk}
    assert hidden_from(analyst, application.cycle) == set()
    mine.refresh_from_db()
    assert mine.ended_at is not None


@pytest.mark.parametrize("count", [1, 3])
def test_own_conflicts_cost_the_same(as_hat, analyst, cycle, count, django_assert_num_queries):
    for n in range(count):
        check(handed_over(cycle, 60 + n), analyst.user)
    web = as_hat(analyst)
    address = reverse("selection:my_conflicts")
    web.get(address)
    with django_assert_num_queries(4):
        text = text_of(web.get(address))
    assert text.count("Closed to you") == count


def test_own_conflicts_go_on_by_key(as_hat, analyst, cycle):
    rows = [handed_over(cycle, 60) for _ in range(52)]
    for row in rows:
        check(row, analyst.user)
    web = as_hat(analyst)
    address = reverse("selection:my_conflicts")
    first = text_of(web.get(address))
    second = text_of(web.get(address + re.search(r'href="(\?after=\d+)"', first)[1]))
    references = re.findall(r"EPT1-[\w-]+", first + second)
    assert references == [row.reference for row in reversed(rows)]
