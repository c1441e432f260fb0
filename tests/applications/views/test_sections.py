"""A section's page: who opens it, what a save stores, what a refusal shows, what autosave answers."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.domain import answers
from applications.enums import Status
from applications.models import Answer, CorrectionNote
from core.times import to_the_second
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(draft):
    return reverse("applications:section", args=[draft.pk, "contacts"])


def stored(application):
    found = Answer.objects.filter(application=application).exclude(value=None).order_by("key")
    return list(found.values_list("key", "value", "version"))


def autosave(client, url, name, value, version="0", **more):
    data = {name: value, f"version:{name}": version, "autosave": name, **more}
    return client.post(url, data, headers={"X-Autosave": "1"})


def test_a_save_stores_and_leads_to_the_next_section(as_hat, contributor, draft, url):
    client = as_hat(contributor)
    response = client.post(url, {"lead_name": "Bo <Li>", "sponsor_name": "  Sue  "})
    following = reverse("applications:section", args=[draft.pk, "prerequisites"])
    assert (response.status_code, response.url) == (302, following)
    assert stored(draft) == [("lead_name", "Bo <Li>", 1), ("sponsor_name", "Sue", 1)]
    page = client.get(url).content.decode()
    assert 'value="Bo &lt;Li&gt;"' in page
    assert 'name="version:lead_name" value="1"' in page


def test_saving_to_come_back_leads_home(as_hat, owner, url):
    response = as_hat(owner).post(url, {"lead_name": "Bo", "leave": "1"})
    assert (response.status_code, response.url) == (302, reverse("applications:home"))


def test_the_last_section_of_questions_leads_to_the_signature(as_hat, owner, draft):
    last = [s for s in draft.cycle.definition.sections if s.kind == "questions"][-1]
    response = as_hat(owner).post(reverse("applications:section", args=[draft.pk, last.key]), {})
    assert response.url == reverse("applications:review", args=[draft.pk])


def test_what_cannot_be_read_is_said_and_kept_and_the_rest_is_stored(as_hat, owner, draft):
    url = reverse("applications:section", args=[draft.pk, "prerequisites"])
    typed = {"phmcat_respondents": "two", "phmcat_technology": "6.50", "survey_date": "2026-02-30"}
    response = as_hat(owner).post(url, typed)
    text = response.content.decode()
    assert response.status_code == 422
    assert stored(draft) == [("phmcat_technology", "6.5", 1)]
    assert all(f'value="{typed[key]}"' in text for key in ("phmcat_respondents", "survey_date"))
    summary = text[
        text.index("data-error-summary") : text.index("</ul>", text.index("data-error-su"))
    ]
    assert 'href="#id_phmcat_respondents"' in summary
    assert 'href="#id_survey_date"' in summary
    assert "id_phmcat_technology" not in summary


@pytest.mark.parametrize("number", ["2", "0", "-1", "9" * 400])
def test_a_number_below_its_minimum_or_beyond_reason_is_refused(as_hat, owner, draft, number):
    url = reverse("applications:section", args=[draft.pk, "prerequisites"])
    response = as_hat(owner).post(url, {"phmcat_leadership": number + ".555"})
    assert response.status_code == 422
    assert stored(draft) == []


def test_an_older_page_shows_both_versions_and_saving_again_keeps_mine(
    as_hat, owner, contributor, draft, url
):
    answers.save(draft, values={"lead_name": "Bo"}, bases={}, by=owner)
    answers.save(draft, values={"lead_name": "<Cy>"}, bases={"lead_name": 1}, by=contributor)
    client = as_hat(owner)
    mine = {"lead_name": "Mine", "version:lead_name": "1"}
    response = client.post(url, mine)
    text = response.content.decode()
    assert response.status_code == 409
    assert "&lt;Cy&gt;</blockquote>" in text
    assert "Saved by Bo Li at" in text
    assert 'value="Mine"' in text
    assert 'name="version:lead_name" value="2"' in text
    assert stored(draft) == [("lead_name", "<Cy>", 2)]
    client.post(url, mine | {"version:lead_name": "2"})
    assert stored(draft) == [("lead_name", "Mine", 3)]


def test_a_save_after_closing_is_refused_with_both_times_and_kept_on_the_page(
    as_hat, owner, draft, url
):
    closes = draft.cycle.closes_at
    late = closes + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        response = as_hat(owner).post(url, {"lead_name": "Bo"})
    text = response.content.decode()
    assert response.status_code == 409
    assert escape(to_the_second(closes)) in text
    assert escape(to_the_second(late)) in text
    assert 'value="Bo"' in text
    assert stored(draft) == []


@pytest.mark.parametrize("key", ["nothing", "practice", "sign", "members"])
def test_only_sections_of_questions_have_this_page(as_hat, owner, draft, key):
    url = reverse("applications:section", args=[draft.pk, key])
    client = as_hat(owner)
    assert [client.get(url).status_code, client.post(url, {}).status_code] == [404, 404]


def test_who_may_open_and_write_it(client, as_hat, hat_of, stranger, draft, url):
    submitted = ApplicationFactory(status=Status.SUBMITTED)
    theirs = reverse("applications:section", args=[submitted.pk, "contacts"])
    assert as_hat(stranger).post(url, {"lead_name": "x"}).status_code == 404
    analyst = as_hat(hat_of(Role.DHCS_ANALYST))
    assert analyst.get(url).status_code == 404
    assert analyst.post(theirs, {"lead_name": "x"}).status_code == 403
    assert client.get(url).url == f"{reverse('account_login')}?next={url}"
    assert Answer.objects.count() == 0


def test_a_submitted_section_is_shown_locked_and_a_post_is_refused(as_hat, hat_of):
    submitted = ApplicationFactory(status=Status.SUBMITTED)
    client = as_hat(hat_of(Role.PRACTICE_OWNER, submitted.practice))
    url = reverse("applications:section", args=[submitted.pk, "contacts"])
    page = client.get(url).content.decode()
    assert "This section can&#x27;t be changed now" in page.replace("'", "&#x27;")
    assert "This application is “received”. It can be read here, not changed." in page
    assert "data-autosave" not in page
    assert client.post(url, {"lead_name": "x"}).status_code == 409
    assert stored(submitted) == []


def test_autosave_stores_one_answer_and_says_its_version(as_hat, owner, draft, url):
    client = as_hat(owner)
    with time_machine.travel(draft.cycle.opens_at.replace(hour=20, minute=5), tick=False):
        response = autosave(client, url, "lead_name", "Bo", sponsor_name="ignored")
        hour = "12:05 pm", "1:05 pm"
    data = response.json()
    assert (response.status_code, data["versions"], data["errors"]) == (200, {"lead_name": 1}, {})
    assert data["saved_at"] in hour
    assert stored(draft) == [("lead_name", "Bo", 1)]


def test_autosave_says_what_cannot_be_read(as_hat, owner, draft):
    url = reverse("applications:section", args=[draft.pk, "prerequisites"])
    data = autosave(as_hat(owner), url, "phmcat_respondents", "two").json()
    assert list(data["errors"]) == ["phmcat_respondents"]
    assert data["versions"] == {}
    assert stored(draft) == []


def test_autosave_of_an_older_copy_hands_back_the_other(as_hat, owner, contributor, draft, url):
    answers.save(draft, values={"lead_name": "Bo"}, bases={}, by=contributor)
    response = autosave(as_hat(owner), url, "lead_name", "Mine")
    assert response.status_code == 409
    [(key, other)] = response.json()["conflicts"].items()
    assert (key, other["theirs"], other["version"], other["by"]) == ("lead_name", "Bo", 1, "Bo Li")
    assert stored(draft) == [("lead_name", "Bo", 1)]


@pytest.mark.parametrize(
    ("section", "key", "value", "mine"),
    [
        (
            "optional",
            "optional_areas",
            ["behavioral_health", "social_health"],
            "leadership_culture",
        ),
        ("population", "population", "pregnant", "adults_chronic"),
    ],
)
def test_autosave_hands_back_choices_so_that_they_can_be_ticked(
    as_hat, owner, contributor, draft, section, key, value, mine
):
    answers.save(draft, values={key: value}, bases={}, by=contributor)
    url = reverse("applications:section", args=[draft.pk, section])
    other = autosave(as_hat(owner), url, key, mine).json()["conflicts"][key]
    assert other["values"] == (value if isinstance(value, list) else [value])
    labels = {
        choice.value: choice.label
        for question in draft.cycle.definition.questions()
        if question.key == key
        for choice in draft.cycle.definition.choices_of(question)
    }
    assert other["theirs"] == ", ".join(labels[one] for one in other["values"])


def test_autosave_after_closing_says_so_in_a_message(as_hat, owner, draft, url):
    with time_machine.travel(draft.cycle.closes_at + timedelta(seconds=1), tick=False):
        response = autosave(as_hat(owner), url, "lead_name", "Bo")
    assert response.status_code == 422
    closed = to_the_second(draft.cycle.closes_at)
    assert response.json()["message"].startswith(f"This cycle closed on {closed}.")
    assert stored(draft) == []


@pytest.mark.parametrize("name", ["nothing", "", "version:lead_name", "\x00"])
def test_autosave_of_what_is_not_asked_here_is_not_called_saved(as_hat, owner, draft, url, name):
    response = autosave(as_hat(owner), url, name, "x")
    assert response.status_code in (404, 422)
    assert stored(draft) == []


def test_address_that_is_no_email_is_refused_and_stays(owner, draft, as_hat):
    url = reverse("applications:section", args=[draft.pk, "contacts"])
    response = as_hat(owner).post(url, {"lead_email": "ask Maria", "lead_name": "Maria Vega"})
    assert response.status_code == 422
    assert "Enter an email address, such as name@practice.org." in response.content.decode()
    assert 'value="ask Maria"' in response.content.decode()
    stored = Answer.objects.filter(application=draft).values_list("key", "value")
    assert list(stored) == [("lead_name", "Maria Vega")]


def test_a_returned_section_without_a_note_is_locked_and_read(as_hat, hat_of):
    application = ApplicationFactory(status=Status.RETURNED)
    step = application.transitions.create(
        name="return",
        from_status="submitted",
        to_status="returned",
        actor="Lee",
        created_at=application.created_at,
    )
    CorrectionNote.objects.create(transition=step, section="population", text="Say <which> one.")
    client = as_hat(hat_of(Role.PRACTICE_OWNER, application.practice))
    contacts = reverse("applications:section", args=[application.pk, "contacts"])
    page = client.get(contacts).content.decode()
    assert "data-autosave" not in page
    assert "No change is asked for in this section, so it is locked." in page
    response = autosave(client, contacts, "lead_name", "Bo")
    assert response.status_code == 422
    assert response.json()["message"].startswith("Only the sections with a note can change now.")
    population = reverse("applications:section", args=[application.pk, "population"])
    page = client.get(population).content.decode()
    assert "Say &lt;which&gt; one." in page
    assert page.count("To correct") == 2
    assert autosave(client, population, "population_why", "Because.").status_code == 200
    assert stored(application) == [("population_why", "Because.", 1)]


def test_text_over_its_limit_is_saved_and_said(as_hat, owner, draft):
    url = reverse("applications:section", args=[draft.pk, "population"])
    client = as_hat(owner)
    client.post(url, {"population_why": "one " * 251, "disparity": "one " * 250})
    page = client.get(reverse("applications:home")).content.decode()
    assert "1 answer has more words than it may: “Why this population?”." in page
    assert [key for key, _value, _version in stored(draft)] == ["disparity", "population_why"]


def test_an_answer_that_was_not_saved_keeps_the_version_it_was_based_on(
    as_hat, owner, contributor, draft
):
    url = reverse("applications:section", args=[draft.pk, "prerequisites"])
    answers.save(draft, values={"phmcat_respondents": "5"}, bases={}, by=contributor)
    typed = {"phmcat_respondents": "two", "version:phmcat_respondents": "0"}
    page = as_hat(owner).post(url, typed).content.decode()
    assert 'name="version:phmcat_respondents" value="0"' in page


def test_the_scores_of_a_section_are_drawn_and_written(as_hat, owner, draft):
    values = {"phmcat_leadership": "7.5", "phmcat_care_teams": "10"}
    answers.save(draft, values=values, bases={}, by=owner)
    client = as_hat(owner)
    page = client.get(reverse("applications:section", args=[draft.pk, "prerequisites"]))
    review = client.get(reverse("applications:review", args=[draft.pk]))
    for text in (page.content.decode(), review.content.decode()):
        picture = text[text.index("data-figure ") :]
        assert picture.count("data-figure-row") == 8
        for width, words in (("75.00%", "7.5"), ("100.00%", "10"), ("0.00%", "–")):
            assert f'width="{width}"' in picture
            assert f"data-figure-text>{words}</td>" in picture


def test_the_page_has_a_way_back_and_names_the_person_and_form_of_its_copies(
    as_hat, owner, draft, url
):
    page = as_hat(owner).get(url).content.decode()
    assert f'data-copy="{owner.user_id}/application-{draft.pk}"' in page
    assert f'href="{reverse("applications:members")}">Previous: Medi-Cal members and plan' in page


def test_an_autosave_costs_at_most_six_queries(as_hat, owner, draft, url):
    client = as_hat(owner)
    autosave(client, url, "lead_name", "Bo")
    with CaptureQueriesContext(connection) as counted:
        assert autosave(client, url, "lead_name", "Cy", version="1").status_code == 200
    assert len([query for query in counted if "SAVEPOINT" not in query["sql"]]) <= 6
