"""The check before sign-up: every verdict, every state of the cycle, and what is carried over."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import Membership, User
from applications.enums import Status
from applications.models import Answer, Application, CarriedCheck, MemberCount, Practice
from core.templatetags.ui import pacific
from programs.models import PlanCounty
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
CHECK = "applications:check"
GOOD = {
    "specialties": ["pediatrics", "family_medicine"],
    "members": "1,020",
    "county": "Fresno",
    "survey": "yes",
    "survey_on": "2026-01-05",
    "phmcat": "yes",
    "phmcat_on": "2026-02-06",
}
KEPT = {
    "specialties": ["pediatrics", "family_medicine"],
    "members": 1020,
    "county": "Fresno",
    "survey": "yes",
    "survey_on": "2026-01-05",
    "phmcat": "yes",
    "phmcat_on": "2026-02-06",
}


@pytest.fixture
def client_of():
    def sign_in(person):
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def plan():
    plan = OrganisationFactory(kind="mcp", name="CalViva Health", slug="calviva")
    PlanCounty.objects.create(plan=plan, county="Fresno")
    return plan


def page(client, **changes):
    response = client.get(f"{reverse(CHECK)}?{urlencode(GOOD | changes, doseq=True)}")
    assert response.status_code == 200
    return response.content.decode()


def badges(text):
    return re.findall(r"badge badge--(?:success|warning)[^>]*>.*?(Yes|Not yet)", text, re.DOTALL)


def test_the_questions_are_those_of_the_program(client):
    cycle = CycleFactory()
    response = client.get(reverse(CHECK))
    assert response.status_code == 200
    text = response.content.decode()
    for check in cycle.definition.eligibility:
        assert escape(check.label) in text
    assert "csrfmiddlewaretoken" in text
    assert client.session.get("eligibility") is None


def test_a_post_keeps_the_answers_and_shows_them_at_an_address(client, plan):
    CycleFactory()
    response = client.post(reverse(CHECK), GOOD)
    assert response.status_code == 302
    assert response.url == f"{reverse(CHECK)}?{urlencode(KEPT, doseq=True)}"
    assert client.session["eligibility"] == KEPT
    assert badges(client.get(response.url).content.decode()) == ["Yes"] * 5


def test_opening_a_shared_address_keeps_nothing(client, plan):
    CycleFactory()
    page(client)
    assert client.session.get("eligibility") is None


def test_everything_there_invites_to_start(client, plan):
    cycle = CycleFactory()
    text = page(client)
    assert "Your practice can apply" in text
    assert "Create an account and start" in text
    assert "CalViva Health" in text
    assert escape(pacific(cycle.closes_at)) in text
    assert "$306,000" in text
    assert f"{reverse('programs:estimate')}?members=1020" in text


@pytest.mark.parametrize(
    ("changes", "place", "title", "offered"),
    [
        ({"specialties": []}, 0, "The program does not fit your practice yet", False),
        ({"members": "0"}, 1, "The program does not fit your practice yet", False),
        ({"county": "Kern"}, 2, "The program does not fit your practice yet", False),
        ({"survey": "no"}, 3, "You can start now and finish this later", True),
        ({"phmcat": "no"}, 4, "You can start now and finish this later", True),
    ],
)
def test_each_not_yet_is_explained_with_what_to_do(client, plan, changes, place, title, offered):
    cycle = CycleFactory()
    text = page(client, **changes)
    assert badges(text) == ["Not yet" if n == place else "Yes" for n in range(5)]
    check = cycle.definition.eligibility[place]
    assert escape(check.not_yet) in text
    assert escape(check.to_do) in text
    assert title in text
    assert ("Create an account and start" in text) is offered


@pytest.mark.parametrize(
    ("trait", "title", "offered"),
    [
        ("upcoming", "Your practice can apply when the cycle opens", True),
        ("closed", "Applications are closed", False),
        (None, "Your practice can apply when a cycle opens", True),
    ],
)
def test_outside_its_times_the_answer_says_when(client, plan, trait, title, offered):
    if trait:
        CycleFactory(**{trait: True})
    text = page(client)
    assert title in text
    assert ("Create an account and start" in text) is offered


@pytest.mark.parametrize(
    ("changes", "anchor"),
    [
        ({"members": ""}, "id_members"),
        ({"members": "many"}, "id_members"),
        ({"members": "-3"}, "id_members"),
        ({"members": "9" * 5000}, "id_members"),
        ({"members": "1\x00"}, "id_members"),
        ({"county": "Atlantis"}, "id_county"),
        ({"county": "Fresno\x00"}, "id_county"),
        ({"specialties": ["surgery"]}, "id_specialties_0"),
        ({"survey": "perhaps"}, "id_survey_0"),
        ({"survey_on": "someday"}, "id_survey_on"),
        ({"survey_on": "2999-01-01"}, "id_survey_on"),
        ({"survey_on": "0001-01-01"}, "id_survey_on"),
    ],
)
def test_what_cannot_be_read_is_asked_again_and_nothing_typed_is_lost(client, changes, anchor):
    response = client.post(reverse(CHECK), GOOD | changes)
    text = response.content.decode()
    assert response.status_code == 422
    assert f'href="#{anchor}"' in text
    assert 'value="2026-02-06"' in text
    assert client.session.get("eligibility") is None
    again = client.get(f"{reverse(CHECK)}?{urlencode(GOOD | changes, doseq=True)}")
    assert f'href="#{anchor}"' in again.content.decode()


def test_questions_left_out_are_named_in_our_words(client):
    text = client.post(reverse(CHECK), {}).content.decode()
    for sentence in ("such as 920, or 0.", "Choose a county.", "Choose an answer."):
        assert sentence in text
    assert "This field is required" not in text


def test_answers_can_be_changed_from_the_result(client, plan):
    CycleFactory()
    [link] = re.findall(r'href="([^"]*change=1)"', page(client))
    response = client.get(link.replace("&amp;", "&"))
    text = response.content.decode()
    assert 'value="1020"' in text
    assert 'value="2026-01-05"' in text
    assert "error-summary" not in text


def test_only_a_plan_of_the_county_is_kept_on_the_page(client, plan):
    CycleFactory()
    OrganisationFactory(kind="mcp", name="Elsewhere", slug="elsewhere")
    assert "You chose CalViva Health" in page(client, plan="calviva")
    assert "You chose" not in page(client, plan="elsewhere")


def test_members_above_the_table_get_the_sentence_and_no_amount(client, plan):
    CycleFactory()
    text = page(client, members="900000")
    assert "The payment table ends at 138,000 members." in text


@pytest.mark.parametrize("plans", [1, 3])
def test_the_result_costs_the_same_for_one_and_three_plans(client, plans):
    CycleFactory()
    for number in range(plans):
        one = OrganisationFactory(kind="mcp", slug=f"plan-{number}")
        PlanCounty.objects.create(plan=one, county="Fresno")
    page(client)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client)
    assert len(queries) == 2


def start(client, **changes):
    return client.post(reverse(CHECK), GOOD | {"plan": "calviva", "start": "1"} | changes)


def test_answers_survive_sign_up_and_go_into_practice_and_draft(client, plan, mailoutbox):
    CycleFactory()
    response = start(client)
    assert (response.status_code, response.url) == (302, reverse("account_signup"))
    account = {
        "full_name": "Ana Ruiz",
        "email": "ana@fresno.example",
        "password1": "a-long-walk-by-the-sea",
    }
    assert client.post(reverse("account_signup"), account).status_code == 302
    code = client.session["account_email_verification_code"]["code"]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    client.post(reverse("applications:new_practice"), {"name": "Fresno FM"})
    practice = Practice.objects.get()
    assert practice.specialties == ["family_medicine", "pediatrics"]
    row = MemberCount.objects.get()
    assert (row.plan, row.members, row.as_of) == (plan, 1020, None)
    text = client.get(reverse("applications:home")).content.decode()
    assert "primary care specialties, 1,020 members" in text
    response = client.post(reverse("applications:start"), follow=True)
    assert "the plan that scores your application" in response.content.decode()
    application = Application.objects.get()
    assert application.designated_mcp == plan
    assert dict(Answer.objects.values_list("key", "value")) == {
        "survey_date": "2026-01-05",
        "phmcat_date": "2026-02-06",
    }
    assert CarriedCheck.objects.count() == 0


def test_a_person_who_signs_in_later_keeps_the_answers_in_any_browser(client, client_of, plan):
    CycleFactory()
    start(client)
    person = UserFactory()
    client.force_login(person)
    assert "eligibility" not in client.session
    assert CarriedCheck.objects.get(person=person).answers == KEPT | {"plan": "calviva"}
    elsewhere = client_of(person)
    assert 'value="1020"' in elsewhere.get(reverse(CHECK)).content.decode()
    elsewhere.post(reverse("applications:new_practice"), {"name": "Fresno FM"})
    assert MemberCount.objects.get().members == 1020
    elsewhere.post(reverse("applications:start"))
    assert Application.objects.get().designated_mcp == plan
    assert CarriedCheck.objects.count() == 0


def test_an_unconfirmed_account_has_the_answers_already(client, client_of, plan):
    CycleFactory()
    start(client)
    client.post(
        reverse("account_signup"),
        {"full_name": "Ana", "email": "ana@fresno.example", "password1": "a-long-walk-by-the-sea"},
    )
    person = User.objects.get()
    assert "_auth_user_id" not in client.session
    assert CarriedCheck.objects.get().answers["members"] == 1020
    client_of(person).post(reverse("applications:new_practice"), {"name": "Fresno FM"})
    assert MemberCount.objects.get().members == 1020


def test_a_later_check_of_a_person_replaces_the_earlier_one(client, plan):
    CycleFactory()
    client.force_login(UserFactory())
    start(client)
    assert start(client, members="77").url == reverse("applications:new_practice")
    assert CarriedCheck.objects.get().answers["members"] == 77


def test_who_only_works_elsewhere_takes_no_answers_over(client, hat_of, plan):
    CycleFactory()
    start(client)
    client.force_login(hat_of(Role.MCP_LEAD, plan).user)
    assert "eligibility" not in client.session
    assert CarriedCheck.objects.count() == 0


def test_nothing_typed_is_overwritten(as_hat, hat_of, plan):
    cycle = CycleFactory()
    practice = PracticeFactory(specialties=["internal_medicine"])
    other = OrganisationFactory(kind="mcp")
    MemberCount.objects.create(practice=practice, plan=other, members=7)
    application = ApplicationFactory(practice=practice.organisation, cycle=cycle)
    Answer.objects.create(application=application, key="survey_date", value="2025-12-31")
    client = as_hat(hat_of(Role.PRACTICE_OWNER, practice.organisation))
    assert start(client).url == reverse("applications:home")
    before = practice.version
    client.post(reverse("applications:start"))
    practice.refresh_from_db()
    assert (practice.specialties, practice.version) == (["internal_medicine"], before)
    assert MemberCount.objects.get().members == 7
    named = application.designated_mcp
    application.refresh_from_db()
    assert application.designated_mcp == named
    answers = dict(Answer.objects.values_list("key", "value"))
    assert answers == {"survey_date": "2025-12-31", "phmcat_date": "2026-02-06"}


def test_without_a_plan_the_members_wait_for_one(as_hat, hat_of, plan):
    CycleFactory()
    practice = PracticeFactory(specialties=[]).organisation
    client = as_hat(hat_of(Role.PRACTICE_OWNER, practice))
    start(client, plan="")
    client.post(reverse("applications:start"))
    row = MemberCount.objects.get()
    assert (row.plan, row.members) == (None, 1020)
    assert Application.objects.get().designated_mcp is None


def test_the_check_of_staff_is_not_kept(as_hat, hat_of, plan):
    CycleFactory()
    client = as_hat(hat_of(Role.MCP_LEAD, plan))
    assert start(client).url == reverse("scoring:overview")
    assert CarriedCheck.objects.count() == 0


def test_a_submitted_application_is_not_touched(as_hat, hat_of, plan):
    application = ApplicationFactory(status=Status.SUBMITTED)
    client = as_hat(hat_of(Role.PRACTICE_OWNER, application.practice))
    start(client)
    client.post(reverse("applications:start"))
    assert Answer.objects.count() == 0
    assert Membership.objects.count() == 1


def test_home_and_estimate_lead_to_the_check(client):
    CycleFactory()
    for name in ("home", "programs:estimate"):
        assert f'href="{reverse(CHECK)}"' in client.get(reverse(name)).content.decode()


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["=cmd|' /C calc'!A0", "\u202eabc", "a\x00b", "<b>x</b>", "9" * 400, "🙂" * 90]
    ),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.dictionaries(st.sampled_from([*GOOD, "plan", "change", "start"]), HOSTILE))
def test_no_input_is_an_error(client, data):
    for method in (client.get, client.post):
        assert method(reverse(CHECK), GOOD | data).status_code in (200, 302, 422)
