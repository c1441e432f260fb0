"""A committee's packet: what was submitted, the rubric, and only what the reader may see."""

import io
import time

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import Role
from scoring.domain import assignments, settling, sheets
from scoring.models import CriterionNote, ScoreSheet
from scoring.pdf import packet
from scoring.queries.packets import applications_to_print
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.hostile import NASTY
from tests.scoring.building import (
    a_lead,
    a_reviewer,
    fill,
    give,
    hand_in,
    in_review,
    send_back_and_again,
    store,
    submitted,
)
from tests.scoring.conflicting import check
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    review = in_review()
    hand_in(review.sheet, 54)
    CriterionNote.objects.create(sheet=review.sheet, code="1.1", text="Only mine")
    return review


def get(web, application, **data):
    return web.get(reverse("scoring:packet", args=[application.pk]), data)


def pdf(response):
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    return PdfReader(io.BytesIO(response.content))


def text_of(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_a_blank_packet_holds_application_and_rubric_and_no_score(as_hat, review):
    reader = pdf(get(as_hat(review.lead), review.application, content="blank", reviewers="names"))
    text = text_of(reader)
    assert review.application.practice.name in text
    assert "Points (0 to 5):" in text
    rubric = review.application.cycle.definition.rubric
    assert [s.title for s in rubric.sections if f"{s.number}. {s.title}" not in text] == []
    assert "Clear and specific." not in text
    assert review.reviewer.user.full_name not in text


@pytest.mark.parametrize("reviewers", ["names", "codes"])
def test_a_packet_with_scores_names_reviewers_only_when_asked(as_hat, review, reviewers):
    second = hand_in(give(review.application, review.lead), 61)
    answer = get(as_hat(review.lead), review.application, content="scores", reviewers=reviewers)
    text = text_of(pdf(answer))
    names = [one.assignment.reviewer.user.full_name for one in (review.sheet, second)]
    assert [name in text for name in names] == [reviewers == "names"] * 2
    assert ("R1" in text, "R2" in text) == (reviewers == "codes",) * 2
    assert "54 of 90" in text
    assert "61 of 90" in text
    assert text.count("Clear and specific.") == 36
    assert "Only mine" not in text


def test_a_sheet_that_another_replaced_is_not_printed(as_hat, review):
    owner = MembershipFactory(role=Role.PRACTICE_OWNER, organisation=review.application.practice)
    application = send_back_and_again(review, owner)
    assignments.resume(application, by=review.lead)
    fresh = ScoreSheet.objects.get(assignment__application=application, assignment__ended_at=None)
    sheets.submit(fresh, by=review.reviewer)
    answer = get(as_hat(review.lead), application, content="scores", reviewers="codes")
    text = text_of(pdf(answer))
    assert (text.count("54 of 90"), text.count("Clear and specific.")) == (1, 18)


@pytest.mark.parametrize("reviewers", ["names", "codes"])
def test_a_third_readers_sheet_is_marked(as_hat, reviewers):
    case = apart()
    third = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    hand_in(third.sheet, 80)
    answer = get(as_hat(case.lead), case.application, content="scores", reviewers=reviewers)
    text = text_of(pdf(answer))
    name = "R3" if reviewers == "codes" else third.reviewer.user.full_name
    assert text.count("third reader") == text.count(f"{name} (third reader)") == 1 + 18


def test_open_sheets_are_not_in_a_packet(as_hat):
    review = in_review()
    fill(review.sheet, comment="Not yet said")
    answer = get(as_hat(review.lead), review.application, content="scores", reviewers="codes")
    text = text_of(pdf(answer))
    assert "Not yet said" not in text
    assert "No sheet is submitted yet." in text


def test_a_packet_is_tagged_pdf_ua_with_title_and_language(as_hat, review):
    reader = pdf(get(as_hat(review.lead), review.application, content="scores", reviewers="codes"))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith("en")
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    assert review.application.reference in reader.metadata.title


def test_hostile_text_is_set_as_text(as_hat, review):
    sheet = give(review.application, review.lead)
    fill(sheet)
    store(sheet, {}, dict(zip(["1.1", "1.2", "1.3"], ['#eval("1") $x$', *NASTY[3:5]], strict=True)))
    hand = sheet.assignment
    hand_in_without_filling(sheet)
    reader = pdf(get(as_hat(review.lead), review.application, content="scores", reviewers="names"))
    assert '#eval("1") $x$' in text_of(reader)
    assert hand.reviewer.user.full_name in text_of(reader)


def hand_in_without_filling(sheet):
    type(sheet).objects.filter(pk=sheet.pk).update(
        submitted_at=sheet.assignment.assigned_at, submitted_by="X"
    )


def test_several_applications_are_one_file_with_a_list(as_hat, review):
    other = submitted(review.lead, cycle=review.application.cycle)
    both = [review.application.pk, other.pk]
    data = {"application": both, "content": "blank", "reviewers": "codes"}
    reader = pdf(as_hat(review.lead).get(reverse("scoring:packets"), data))
    assert [item.title for item in reader.outline if not isinstance(item, list)] == [
        review.application.practice.name,
        other.practice.name,
    ]
    assert "Packet of 2 applications" in text_of(reader)


def test_only_what_the_hat_may_read_is_printed(as_hat, hat_of, review):
    other = in_review(cycle=review.application.cycle).application
    data = {"content": "blank", "reviewers": "codes"}
    web = as_hat(review.lead)
    assert get(web, other, **data).status_code == 404
    both = {"application": [review.application.pk, other.pk]}
    text = text_of(pdf(web.get(reverse("scoring:packets"), both | data)))
    assert other.practice.name not in text
    refused = web.get(reverse("scoring:packets"), {"application": [other.pk], **data})
    assert refused.status_code == 409
    assert other.practice.name not in refused.content.decode()
    assert get(as_hat(a_lead()), review.application, **data).status_code == 404
    for role in (Role.MCP_REVIEWER, Role.MILESTONE_REVIEWER):
        assert get(as_hat(hat_of(role)), review.application, **data).status_code == 404
        assert as_hat(hat_of(role)).get(reverse("scoring:packets")).status_code == 403
    assert get(as_hat(review.reviewer), review.application, **data).status_code == 403
    analyst = hat_of(Role.DHCS_ANALYST)
    assert get(as_hat(analyst), other, **data).status_code == 200
    check(other, analyst.user)
    assert get(as_hat(analyst), other, **data).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({"content": "blank", "reviewers": "codes"}, 422, "Tick at least one application."),
        ({"content": "none", "reviewers": "codes"}, 422, "Choose one of the answers in the list."),
        (
            {"content": "blank", "reviewers": "codes", "application": list(range(1, 28))},
            422,
            "A packet holds at most 25 applications. You ticked 27.",
        ),
        (
            {"content": "blank", "reviewers": "codes", "application": ["9" * 17, "x", "²"]},
            409,
            "print what you ticked",
        ),
    ],
)
def test_what_can_not_be_printed_is_said_above_the_list(as_hat, review, data, status, sentence):
    response = as_hat(review.lead).get(reverse("scoring:packets"), data)
    assert response.status_code == status
    assert sentence in response.content.decode()
    assert review.application.reference in response.content.decode()


def test_nothing_is_stored_under_these_addresses(as_hat, review):
    web = as_hat(review.lead)
    assert web.post(reverse("scoring:packet", args=[review.application.pk])).status_code == 405
    assert web.post(reverse("scoring:packets")).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_list_and_packet_cost_the_same_for_one_and_three(as_hat, count, django_assert_num_queries):
    lead, cycle = a_lead(), CycleFactory()
    for _ in range(count):
        hand_in(in_review(lead, cycle=cycle).sheet)
    web = as_hat(lead)
    web.get(reverse("scoring:packets"))
    with django_assert_num_queries(4):
        page = web.get(reverse("scoring:packets")).content.decode()
    assert page.count('name="application"') == count
    found = list(applications_to_print(lead))
    with django_assert_num_queries(4):
        packet.packet_pdf(found, hat=lead, with_scores=True, with_names=True)


def test_one_packet_takes_less_than_a_second(as_hat, review):
    web = as_hat(review.lead)
    data = {"content": "scores", "reviewers": "names"}
    get(web, review.application, **data)
    begin = time.perf_counter()
    pdf(get(web, review.application, **data))
    assert time.perf_counter() - begin < 1.0
