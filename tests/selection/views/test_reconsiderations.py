"""Pages of requests to decide anew, for the practice and for DHCS."""

from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import Scan
from applications.models import Attachment
from selection.domain import reconsidering
from selection.models import LaterAct, Reconsideration
from tests.applications.filing import EXE, upload
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.asking import GROUNDS, REASONS, a_decided_cohort
from tests.selection.building import cohort, owner_of, proposed
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def decided(db):
    return a_decided_cohort(CycleFactory(closed=True))


@pytest.fixture
def owner(as_hat, decided):
    return as_hat(decided.owners["near"])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def page(name, pk):
    return reverse(f"selection:{name}", args=[pk])


def asked_page(decided, name="near"):
    return page("reconsideration", decided.applications[name].pk)


def send(web, decided, name="near", **data):
    address = page("reconsideration_ask", decided.applications[name].pk)
    return web.post(address, {"grounds": GROUNDS, **data})


def test_letter_leads_to_the_form_and_the_form_to_a_request(owner, decided):
    letter = page("letter", decided.applications["near"].pk)
    assert asked_page(decided) in text_of(owner.get(letter))
    text = text_of(owner.get(asked_page(decided)))
    assert "What is wrong with the decision, and why?" in text
    assert "multipart/form-data" in text
    response = send(owner, decided, files=[upload(name="a.pdf"), upload(name="b.pdf")])
    assert (response.status_code, response.url) == (302, asked_page(decided))
    row = Reconsideration.objects.get()
    text = text_of(owner.get(asked_page(decided)))
    assert GROUNDS in text
    assert [name for name in ("a.pdf", "b.pdf") if name not in text] == []
    assert "With DHCS" in text
    assert page("reconsideration_ask", row.application_id) not in text
    assert "See your request for a reconsideration" in text_of(owner.get(letter))


def test_home_and_status_say_that_a_request_runs(owner, decided):
    pages = [reverse("applications:home"), reverse("applications:status")]
    says = "You asked DHCS on"
    assert [says in text_of(owner.get(page)) for page in pages] == [False, False]
    row = decided.ask()
    assert [says in text_of(owner.get(page)) for page in pages] == [True, True]
    reconsidering.take_back(row, by=decided.owners["near"])
    assert [says in text_of(owner.get(page)) for page in pages] == [False, False]


def test_selected_practice_is_told_that_there_is_nothing_to_ask(as_hat, decided):
    web = as_hat(decided.owners["above"])
    assert "There is nothing to reconsider" in text_of(web.get(asked_page(decided, "above")))
    letter = text_of(web.get(page("letter", decided.applications["above"].pk)))
    assert "Ask for a reconsideration" not in letter


def test_contributor_reads_and_does_not_ask(as_hat, decided):
    practice = decided.applications["near"].practice
    web = as_hat(MembershipFactory(role=Role.PRACTICE_CONTRIBUTOR, organisation=practice))
    assert "An owner of your practice asks" in text_of(web.get(asked_page(decided)))
    assert send(web, decided).status_code == 403
    decided.ask()
    text = text_of(web.get(asked_page(decided)))
    assert GROUNDS in text
    assert "Take the request back" not in text


@pytest.mark.parametrize("route", ["reconsideration", "reconsideration_ask"])
def test_no_page_before_the_release(as_hat, route):
    cycle = CycleFactory(closed=True)
    applications = cohort(cycle)
    web = as_hat(owner_of(applications["near"]))
    address = page(route, applications["near"].pk)
    statuses = {web.post(address, {"grounds": GROUNDS}).status_code}
    proposed(cycle, MembershipFactory(role=Role.DHCS_ANALYST))
    statuses |= {web.post(address, {"grounds": GROUNDS}).status_code}
    assert statuses == {404 if route.endswith("ask") else 405}
    assert web.get(page("reconsideration", applications["near"].pk)).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        ({"grounds": ""}, 422, "Write what is wrong with the decision."),
        ({"grounds": "Short."}, 409, "20 characters or more"),
        ({"grounds": "x" * 8001}, 422, "Shorten this to 8000 characters"),
        ({"grounds": "A null \0 character in it"}, 422, "null character"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(owner, decided, data, status, says):
    text = text_of(send(owner, decided, **data), status)
    assert says in text
    assert data["grounds"][:100].replace("\0", "") in text.replace("\0", "")
    assert not Reconsideration.objects.exists()


def test_refused_file_is_said_by_the_field(owner, decided):
    text = text_of(send(owner, decided, files=upload(EXE, "tool.exe")), 422)
    assert "program" in text or "PDF" in text
    assert GROUNDS in text
    assert not Reconsideration.objects.exists()


def test_second_owner_who_asks_later_keeps_the_words(as_hat, decided):
    practice = decided.applications["near"].practice
    second = as_hat(MembershipFactory(role=Role.PRACTICE_OWNER, organisation=practice))
    decided.ask()
    text = text_of(send(second, decided, grounds="Other grounds that I typed."), 409)
    assert "already" in text
    assert "Other grounds that I typed." in text


def test_files_are_added_and_the_request_is_taken_back(owner, decided):
    decided.ask()
    pk = decided.applications["near"].pk
    assert owner.post(page("reconsideration_files", pk), {}).status_code == 422
    response = owner.post(page("reconsideration_files", pk), {"more-files": upload()})
    assert (response.status_code, Attachment.objects.count()) == (302, 1)
    assert owner.post(page("reconsideration_undo", pk)).status_code == 302
    text = text_of(owner.get(asked_page(decided)))
    assert "You took this request back" in text
    assert "Send the request" in text
    assert (
        owner.post(page("reconsideration_files", pk), {"more-files": upload()}).status_code == 409
    )


def test_practice_reads_the_same_until_it_is_answered(owner, decided):
    row = decided.ask()
    before = text_of(owner.get(asked_page(decided)))
    reconsidering.assign(row, to=decided.reader, by=decided.approver)
    assert _plain(text_of(owner.get(asked_page(decided)))) == _plain(before)
    assert decided.reader.user.full_name not in before


def test_practice_reads_the_answer_and_the_letter_stands_beside_it(owner, decided):
    row = decided.given()
    letter = page("letter", decided.applications["near"].pk)
    before = text_of(owner.get(letter))
    reconsidering.decide(row, outcome="selected", reasons=REASONS, by=decided.reader)
    text = text_of(owner.get(asked_page(decided)))
    assert "Your practice is selected." in text
    assert REASONS in text
    assert decided.reader.user.full_name not in text
    after = text_of(owner.get(letter))
    assert "Your practice is on the waitlist" in before
    assert "Your practice is on the waitlist" in after
    assert "DHCS answered your request for a reconsideration" in after


def test_other_practice_and_plan_find_nothing(as_hat, decided):
    row = decided.ask(files=[upload()])
    plan = decided.applications["near"].designated_mcp
    file = Attachment.objects.get()
    lead = as_hat(MembershipFactory(role=Role.MCP_LEAD, organisation=plan))
    stranger = as_hat(decided.owners["above"])
    for web, own in ((lead, 403), (stranger, 404)):
        assert web.get(asked_page(decided)).status_code == own
        assert web.get(page("reconsideration_desk", row.pk)).status_code == 404
        assert web.get(page("reconsideration_file", file.pk)).status_code == 404
        assert web.get(reverse("applications:file", args=[file.pk])).status_code == 404
        assert web.get(reverse("selection:reconsiderations")).status_code == 403


def test_staff_download_a_checked_file_only_here(as_hat, decided):
    decided.ask(files=[upload(name="proof.pdf")])
    file = Attachment.objects.get()
    web = as_hat(decided.reader)
    assert web.get(reverse("applications:file", args=[file.pk])).status_code == 404
    response = web.get(page("reconsideration_file", file.pk))
    assert response.status_code == 200
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    Attachment.objects.update(scan=Scan.INFECTED)
    assert web.get(page("reconsideration_file", file.pk)).status_code == 409


@pytest.mark.parametrize("role", [Role.DHCS_ANALYST, Role.DHCS_APPROVER, Role.AUDITOR])
def test_list_shows_each_request(as_hat, decided, role):
    decided.ask("near")
    decided.given("below")
    hat = MembershipFactory(role=role, organisation=decided.reader.organisation)
    text = text_of(as_hat(hat).get(reverse("selection:reconsiderations")))
    assert "Waits for a reader" in text
    assert "With its reader" in text
    assert decided.reader.user.full_name in text


def test_list_costs_the_same_with_one_and_three(as_hat, decided, django_assert_num_queries):
    web = as_hat(decided.approver)
    decided.ask("near")
    address = reverse("selection:reconsiderations")
    web.get(address)
    with django_assert_num_queries(4):
        web.get(address)
    decided.ask("below")
    decided.ask("refused")
    with django_assert_num_queries(4):
        web.get(address)


def test_empty_list(as_hat, analyst):
    text = text_of(as_hat(analyst).get(reverse("selection:reconsiderations")))
    assert "No practice asked for a reconsideration" in text


def test_conflict_hides_a_request(as_hat, decided):
    row = decided.ask()
    check(decided.applications["near"], decided.reader.user)
    web = as_hat(decided.reader)
    assert web.get(page("reconsideration_desk", row.pk)).status_code == 404
    text = text_of(web.get(reverse("selection:reconsiderations")))
    assert decided.applications["near"].reference not in text


def test_approver_gives_it_to_who_took_no_part(as_hat, decided):
    row = decided.ask()
    web = as_hat(decided.approver)
    text = text_of(web.get(page("reconsideration_desk", row.pk)))
    assert decided.reader.user.full_name in text
    listed = f"{reverse('selection:reconsiderations')}?cycle={row.application.cycle.slug}"
    assert f'href="{listed}"' in text
    assert f'<option value="{decided.proposer.pk}"' not in text
    bad = web.post(page("reconsideration_assign", row.pk), {"person": str(decided.proposer.pk)})
    assert bad.status_code == 422
    response = web.post(page("reconsideration_assign", row.pk), {"person": str(decided.reader.pk)})
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.assigned_to == decided.reader.user


def test_where_nobody_is_left_to_answer_it_says_so_instead_of_an_empty_form(as_hat, decided):
    row, web = decided.ask(), as_hat(decided.approver)
    address, assign = (
        page(name, row.pk) for name in ("reconsideration_desk", "reconsideration_assign")
    )
    assert "Nobody is left to answer" not in text_of(web.get(address))
    Membership.objects.filter(pk=decided.reader.pk).update(is_active=False)
    for text in (text_of(web.get(address)), text_of(web.post(assign, {"person": "1"}), 422)):
        assert "Ask an administrator to add an analyst or approver." in text
        assert f'action="{assign}"' not in text
    row.refresh_from_db()
    assert row.assigned_to is None


@pytest.mark.parametrize("role", [Role.DHCS_ANALYST, Role.DHCS_ADMINISTRATOR, Role.AUDITOR])
def test_only_approvers_assign(as_hat, decided, role):
    row = decided.ask()
    web = as_hat(MembershipFactory(role=role, organisation=decided.reader.organisation))
    assert web.get(page("reconsideration_desk", row.pk)).status_code == 200
    assert web.post(page("reconsideration_assign", row.pk), {"person": "1"}).status_code == 403


def test_answer_takes_the_password(as_hat, decided):
    row = decided.given()
    web = as_hat(decided.reader)
    text = text_of(web.get(page("reconsideration_desk", row.pk)))
    assert "The decision stays: Waitlisted" in text
    assert "New outcome: Selected" in text
    data = {"outcome": "selected", "reasons": REASONS}
    response = web.post(page("reconsideration_answer", row.pk), data)
    assert "reauthenticate" in response.url
    asks = text_of(web.get(response.url))
    assert f"answer the request of {row.application.practice.name} (" in asks
    assert not LaterAct.objects.exists()
    response = confirm_identity(web, decided.reader.user).post(
        page("reconsideration_answer", row.pk), data
    )
    assert response.url == page("reconsideration_desk", row.pk)
    row.refresh_from_db()
    assert (row.outcome, row.reasons) == ("selected", REASONS)
    text = text_of(web.get(page("reconsideration_desk", row.pk)))
    assert page("record", row.record_id) in text
    again = web.post(page("reconsideration_answer", row.pk), data)
    assert (again.status_code, LaterAct.objects.count()) == (302, 1)


def test_somebody_else_does_not_answer(as_hat, decided):
    row = decided.given()
    other = MembershipFactory(role=Role.DHCS_APPROVER, organisation=decided.reader.organisation)
    web = confirm_identity(as_hat(other), other.user)
    data = {"outcome": "selected", "reasons": REASONS}
    assert web.post(page("reconsideration_answer", row.pk), data).status_code == 403
    assert "The decision stays:" not in text_of(web.get(page("reconsideration_desk", row.pk)))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"reasons": REASONS}, 422),
        ({"outcome": "not_selected", "reasons": REASONS}, 422),
        ({"outcome": "selected", "reasons": ""}, 422),
        ({"outcome": "selected", "reasons": "No."}, 409),
    ],
)
def test_refused_answer_keeps_what_was_typed(as_hat, decided, data, status):
    row = decided.given()
    web = confirm_identity(as_hat(decided.reader), decided.reader.user)
    text = text_of(web.post(page("reconsideration_answer", row.pk), data), status)
    assert data["reasons"] in text
    assert not LaterAct.objects.exists()


def test_more_than_the_budget_has_left_is_said(as_hat, decided):
    row = decided.given("below")
    decided.proposal.refresh_from_db()
    text = text_of(as_hat(decided.reader).get(page("reconsideration_desk", row.pk)))
    assert "it can earn up to $280,600" in text


def _plain(text):
    return [line for line in text.splitlines() if "csrf" not in line]
