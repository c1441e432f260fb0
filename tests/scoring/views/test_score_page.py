"""The score page beyond saving: notes, highlights, others' sheets, what changed, versions."""

import json
from html import unescape

import pytest
from django.urls import reverse

from applications.models import Submission
from core.forms import VERSION
from programs.packaged import packaged_definition
from programs.schema import sha256
from scoring.domain import conflicts, reopening, sheets
from scoring.forms.sheets import COMMENT, NOTE, POINTS, field_name
from scoring.models import Assignment, CriterionNote, CriterionScore, Highlight, SheetVersion
from tests.factories.programs import CycleFactory, ProgramVersionFactory
from tests.scoring.building import codes_of, fill, give, hand_in, in_review, store
from tests.scoring.conflicting import answers, declare

pytestmark = pytest.mark.django_db
SECRET = "The owner sounded unsure on the phone"


@pytest.fixture
def review():
    return ready(in_review())


def ready(review):
    declare(review.application, review.reviewer)
    return review


@pytest.fixture
def sheet(review):
    return review.sheet


@pytest.fixture
def web(as_hat, review):
    return as_hat(review.reviewer)


def url(name, sheet):
    return reverse(f"scoring:{name}", args=[sheet.pk])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def autosave(web, sheet, name, value, version=0):
    data = {"autosave": name, name: value, f"{VERSION}{name}": str(version)}
    return web.post(url("save", sheet), data, headers={"X-Autosave": "1"})


def test_undeclared_reviewer_is_asked_before_the_application_opens(as_hat):
    review = in_review()
    web = as_hat(review.reviewer)
    expected = f"{url('declare', review.sheet)}?next={url('sheet', review.sheet)}"
    answer = web.get(url("sheet", review.sheet))
    assert (answer.status_code, answer.url) == (302, expected)
    typed = {field_name(POINTS, "1.1"): "5", field_name(COMMENT, "1.1"): "Typed early"}
    for more in ({}, {"submit": "1"}):
        refused = web.post(url("save", review.sheet), typed | more)
        assert refused.status_code == 409
        assert "Typed early" in refused.content.decode()
    refused = autosave(web, review.sheet, field_name(POINTS, "1.1"), "5")
    assert refused.status_code == 422
    assert "conflict of interest" in refused.json()["message"]
    assert not CriterionScore.objects.exists()
    marked = web.post(url("highlights", review.sheet), {"entry": "population_why", "quote": "x"})
    assert marked.url == f"{url('sheet', review.sheet)}#highlights"


def test_private_note_is_saved_by_version_and_read_by_its_writer_only(as_hat, web, review, sheet):
    name = field_name(NOTE, "1.1")
    answer = autosave(web, sheet, name, SECRET)
    assert (answer.status_code, answer.json()["versions"]) == (200, {name: 1})
    assert autosave(web, sheet, name, "Older tab").status_code == 409
    assert CriterionNote.objects.get().text == SECRET
    assert f"{SECRET}</textarea>" in text_of(web.get(url("sheet", sheet)))
    hand_in(sheet)
    assert SECRET in text_of(web.get(url("sheet", sheet)))
    lead, second = as_hat(review.lead), give(review.application, review.lead)
    declare(review.application, second.assignment.reviewer)
    hand_in(second)
    for reader in (lead, as_hat(second.assignment.reviewer)):
        assert SECRET not in text_of(reader.get(url("sheet", sheet)))
        assert SECRET not in text_of(reader.get(url("earlier", sheet)))
    assert SECRET not in text_of(
        lead.get(reverse("scoring:application", args=[review.application.pk]))
    )
    reopening.reopen(sheet, reason="Look again", by=review.lead)
    assert SECRET not in json.dumps(SheetVersion.objects.get().content)


def test_what_is_missing_is_named_with_links(web, sheet):
    fill(sheet, 54)
    store(sheet, {"1.1": None, "1.2": 5}, {"1.2": ""})
    typed = {field_name(POINTS, code): "3" for code in codes_of(sheet)}
    typed |= {field_name(COMMENT, code): "Clear and specific." for code in codes_of(sheet)}
    typed |= {field_name(POINTS, "1.1"): "", field_name(POINTS, "1.2"): "5"}
    typed |= {field_name(COMMENT, "1.2"): " ", "submit": "1"}
    page = text_of(web.post(url("save", sheet), typed), 409)
    todo = page.split('<section class="sheet__todo"')[1].split("</section>")[0]
    links = [part.split('"')[0] for part in todo.split('href="')[1:]]
    assert links == ["#id_points_1_1_0", "#id_comment_1_2"]
    assert page.count("These points need a comment: write why.") == 18
    assert page.count('role="status" hidden>These points need') == 17


def mark(web, sheet, quote, *, script=True, **data):
    headers = {"X-Autosave": "1"} if script else {}
    data = {"entry": "population_why", "quote": quote, **data}
    return web.post(url("highlights", sheet), data, headers=headers)


@pytest.fixture
def answer_text(sheet):
    """Give the signed application an answer with characters that mean something in HTML."""
    text = "We review <panels> & lists\neach month."
    submission = Submission.objects.get(application=sheet.assignment.application)
    content = json.loads(submission.content)
    content["answers"]["population_why"] = text
    again(sheet.assignment.application, json.dumps(content), submission.number + 1)
    return text


def again(application, content, number):
    """Sign `content` as a further submission."""
    old = Submission.objects.filter(application=application).latest("number")
    columns = ("signed_name", "signed_title", "signed_by", "created_at", "sha256")
    return Submission.objects.create(
        application=application,
        number=number,
        content=content,
        **{name: getattr(old, name) for name in columns},
    )


def test_highlights_are_drawn_nested_and_escaped_for_their_reviewer(
    as_hat, web, review, sheet, answer_text
):
    answer = mark(web, sheet, "<panels> & lists", note="<b>why</b>").json()
    assert answer["message"] == "The passage is highlighted. Only you see it."
    first = Highlight.objects.get()
    inner = mark(web, sheet, "lists\neach", start="21").json()
    second = Highlight.objects.latest("pk")
    assert inner["texts"] == {
        "population_why": "We review "
        f'<span class="highlight__anchor" id="highlight-{first.pk}"></span>'
        f'<mark class="highlight" data-highlight="{first.pk}">&lt;panels&gt; &amp; </mark>'
        f'<span class="highlight__anchor" id="highlight-{second.pk}"></span>'
        f'<mark class="highlight highlight--many" data-highlight="{first.pk} {second.pk}">lists</mark>'
        f'<mark class="highlight" data-highlight="{second.pk}">\neach</mark> month.'
    }
    raw = web.get(url("sheet", sheet)).content.decode()
    assert inner["texts"]["population_why"] in raw
    assert "&lt;b&gt;why&lt;/b&gt;" in raw
    assert "<b>why" not in raw
    lead = as_hat(review.lead).get(url("sheet", sheet)).content.decode()
    assert "<mark" not in lead
    assert "highlights__" not in lead


def test_highlights_without_scripts(web, sheet, answer_text):
    back = f"{url('sheet', sheet)}#highlights"
    assert mark(web, sheet, "each month", script=False, note="Often").url == back
    found = Highlight.objects.get()
    page = text_of(web.get(url("sheet", sheet)))
    assert f'href="#highlight-{found.pk}"' in page
    assert "Often</textarea>" in page
    change = {"change": str(found.pk), "version": "1", "note": "Monthly"}
    assert web.post(url("highlights", sheet), change).url == back
    assert Highlight.objects.get().note == "Monthly"
    stale = text_of(web.post(url("highlights", sheet), change | {"note": "Other"}), 422)
    assert "You changed this note elsewhere to “Monthly”" in stale
    assert web.post(url("highlights", sheet), {"remove": str(found.pk)}).url == back
    assert "Nothing is marked yet" in text_of(web.get(url("sheet", sheet)))


def test_words_that_are_not_there_are_refused_and_kept_in_the_form(web, sheet, answer_text):
    page = text_of(mark(web, sheet, "weekly visits", script=False, note="Mine"), 422)
    assert "The answer does not hold these words." in page
    assert "weekly visits</textarea>" in page
    assert "Mine</textarea>" in page
    assert mark(web, sheet, "weekly visits").status_code == 422


@pytest.mark.parametrize(
    "data",
    [
        {"quote": "a\0b"},
        {"quote": "x" * 1_000_000},
        {"quote": "We", "start": "99999999999999999999"},
        {"quote": "We", "start": "-1"},
        {"quote": "We", "entry": "no\0such"},
        {"quote": "We", "entry": "x" * 5000},
        {"quote": "We", "note": "x" * 10_001},
    ],
)
def test_hostile_highlights_are_refused_in_words(web, sheet, answer_text, data):
    answer = web.post(
        url("highlights", sheet), {"entry": "population_why", **data}, headers={"X-Autosave": "1"}
    )
    assert answer.status_code == 422
    assert answer.json()["message"].endswith(".")
    assert not Highlight.objects.exists()


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "999999999"])
def test_a_highlight_that_is_not_of_this_sheet_does_not_exist(web, sheet, answer_text, number):
    for act in ("remove", "change"):
        assert web.post(url("highlights", sheet), {act: number}).status_code == 404


def test_highlight_of_a_colleague_cannot_be_removed(as_hat, web, review, sheet, answer_text):
    mark(web, sheet, "each month")
    second = give(review.application, review.lead)
    declare(review.application, second.assignment.reviewer)
    other = as_hat(second.assignment.reviewer)
    pk = str(Highlight.objects.get().pk)
    assert other.post(url("highlights", second), {"remove": pk}).status_code == 404
    assert other.post(url("highlights", sheet), {"remove": pk}).status_code == 404
    assert Highlight.objects.get().removed_at is None


def test_resubmission_marks_what_changed_since_it_was_read(web, review, sheet, answer_text):
    assert "Changed since you read it" not in text_of(web.get(url("sheet", sheet)))
    assert Assignment.objects.get(pk=sheet.assignment_id).read_submission == 2
    mark(web, sheet, "lists\neach")
    content = json.loads(Submission.objects.latest("number").content)
    content["answers"]["population_why"] = "We review panels each week."
    again(review.application, json.dumps(content), 3)
    again(review.application, json.dumps(content), 4)
    page = text_of(web.get(url("sheet", sheet)))
    assert "Changed since you read it" in page
    assert page.count('<span class="changed">Changed</span>') == 3  # in the menu, section, answer
    assert "<del>" in page
    assert "Text changed" in page
    assert '<blockquote class="highlights__quote">lists each</blockquote>' in page.replace(
        "\n", " "
    )
    assert web.get(url("read", sheet)).status_code == 302
    assert Assignment.objects.get(pk=sheet.assignment_id).read_submission == 2
    assert web.post(url("read", sheet)).url == url("sheet", sheet)
    assert Assignment.objects.get(pk=sheet.assignment_id).read_submission == 4
    after = text_of(web.get(url("sheet", sheet)))
    assert "Changed since you read it" not in after
    assert '<span class="changed">Changed</span>' not in after


def test_reading_by_the_lead_is_not_reading_by_the_reviewer(as_hat, review, sheet):
    text_of(as_hat(review.lead).get(url("sheet", sheet)))
    assert Assignment.objects.get(pk=sheet.assignment_id).read_submission == 0


def with_others(says):
    """Return two reviews of one application in a program that shows others' sheets so."""
    packaged = packaged_definition()
    scoring = packaged.scoring.model_copy(update={"others_sheets": says})
    definition = packaged.model_copy(update={"scoring": scoring})
    version = ProgramVersionFactory(
        sha256=sha256(definition), definition=definition.model_dump(mode="json")
    )
    cycle = CycleFactory(version=version)
    review = ready(in_review(cycle=cycle))
    second = give(review.application, review.lead)
    declare(review.application, second.assignment.reviewer)
    return review, second


@pytest.mark.parametrize(
    ("says", "before", "after"),
    [("never", False, False), ("after_own", False, True), ("always", True, True)],
)
def test_others_sheets_are_read_as_the_program_says(as_hat, says, before, after):
    review, second = with_others(says)
    fill(second, 40, comment="Their words")
    web = as_hat(review.reviewer)
    assert not sees(web, review.sheet, second)  # a draft is never shown
    sheets.submit(second, by=second.assignment.reviewer)
    assert sees(web, review.sheet, second) == before
    hand_in(review.sheet)
    assert sees(web, review.sheet, second) == after
    for name in ("save", "highlights", "read"):
        assert web.post(url(name, second), {"submit": "1"}).status_code in (403, 404)
    assert web.get(url("reopen", second)).status_code in (403, 404)


def sees(web, own, other):
    """Tell whether page and direct address both show the other sheet; they agree."""
    page = text_of(web.get(url("sheet", own)))
    shown = 'id="others-title"' in page
    assert ("Their words" in page) == shown
    status = web.get(url("sheet", other)).status_code
    assert status == (200 if shown else 404)
    return shown


def test_void_sheet_is_never_shared_and_is_shown_to_the_lead_as_void(as_hat):
    review, second = with_others("always")
    hand_in(second)
    reviewer = second.assignment.reviewer
    conflicts.declare(review.application, answers=answers("family"), by=reviewer)
    assert not sees(as_hat(review.reviewer), review.sheet, second)
    page = text_of(as_hat(review.lead).get(url("sheet", second)))
    assert "This sheet is void and counts for nothing" in page


def test_lead_reopens_with_a_reason_and_both_versions_stay(as_hat, web, review, sheet):
    hand_in(sheet)
    lead = as_hat(review.lead)
    page = text_of(lead.get(url("reopen", sheet)))
    assert "The sheet as it was submitted (54 points) stays to be read." in page
    assert "Write why you reopen" in text_of(lead.post(url("reopen", sheet), {"reason": " "}), 422)
    done = lead.post(url("reopen", sheet), {"reason": "Criterion 3.1"})
    assert done.url == reverse("scoring:application", args=[review.application.pk])
    again_page = text_of(web.get(url("sheet", sheet)))
    assert "Reopened on" in again_page
    assert "Criterion 3.1" in again_page
    assert "Submit scores" in again_page
    store(sheet, {"1.1": 0})
    for reader in (lead, web):
        versions = text_of(reader.get(url("earlier", sheet)))
        assert "Version 1: 54 points" in versions
        assert "Criterion 3.1" in versions
    assert "open already" in text_of(lead.get(url("reopen", sheet)))
    assert "open already" in text_of(lead.post(url("reopen", sheet), {"reason": "Mine"}), 409)
    assert web.get(url("reopen", sheet)).status_code == 403


def test_versions_of_a_sheet_that_was_never_reopened(web, sheet):
    assert "This sheet was never reopened." in text_of(web.get(url("earlier", sheet)))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_it_shows(
    rows, answer_text, review, sheet, web, django_assert_num_queries
):
    for word in answer_text.split()[:rows]:
        mark(web, sheet, word)
    hand_in(sheet)
    for _ in range(rows):
        hand_in(give(review.application, review.lead))
        reopening.reopen(sheet, reason="Look", by=review.lead)
        sheets.submit(sheet, by=review.reviewer)
    web.get(url("sheet", sheet))
    with django_assert_num_queries(9):
        page = text_of(web.get(url("sheet", sheet)))
    assert page.count("data-jump") == rows
    assert page.count("others__comment") == rows * len(codes_of(sheet))
