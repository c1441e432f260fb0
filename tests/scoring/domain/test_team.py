from datetime import date, timedelta

import pytest

from accounts.enums import Role
from core.exceptions import DomainError, WrongState
from scoring.domain import team
from scoring.models import Absence, ReviewerProfile
from scoring.queries import absences_of
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, a_reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


def days(first, last):
    """Return two dates, counted from today in California."""
    return team.today() + timedelta(first), team.today() + timedelta(last)


def note(hat, lead, first, last):
    first_day, last_day = days(first, last)
    return team.add_absence(hat, first_day=first_day, last_day=last_day, by=lead)


def set_profile(hat, lead, max_open=5, counties=("Fresno",), specialties=()):
    return team.set_profile(
        hat, max_open=max_open, counties=counties, specialties=specialties, by=lead
    )


def test_profile_is_stored_and_replaced(lead):
    hat = a_reviewer(lead)
    set_profile(hat, lead, 5, ["Kern", "Fresno ", "Kern", ""], ["pediatrics"])
    stored = ReviewerProfile.objects.get()
    assert (stored.hat, stored.max_open) == (hat, 5)
    assert (stored.counties, stored.specialties) == (["Fresno", "Kern"], ["pediatrics"])
    set_profile(hat, lead, None, [], [])
    stored = ReviewerProfile.objects.get()
    assert (stored.max_open, stored.counties, stored.specialties) == (None, [], [])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"max_open": -1}, "from 0 to 1,000"),
        ({"max_open": 10**30}, "from 0 to 1,000"),
        ({"counties": ["Clark"]}, "county is not in the list"),
        ({"specialties": ["x" * 41]}, "choice is not in the list"),
        ({"specialties": ["a\x00b"]}, "choice is not in the list"),
    ],
)
def test_profile_is_refused_with_a_sentence(lead, change, sentence):
    with pytest.raises(DomainError, match=sentence):
        set_profile(a_reviewer(lead), lead, **change)
    assert ReviewerProfile.objects.count() == 0


@pytest.mark.parametrize("case", ["other_plan", "inactive", "practice"])
def test_only_who_reviews_for_the_plan_is_managed(lead, case):
    plan = lead.organisation
    hat = {
        "other_plan": lambda: a_reviewer(a_lead()),
        "inactive": lambda: MembershipFactory(
            role=Role.MCP_REVIEWER, organisation=plan, is_active=False
        ),
        "practice": lambda: MembershipFactory(role=Role.PRACTICE_OWNER, organisation=plan),
    }[case]()
    for act in (lambda: set_profile(hat, lead), lambda: note(hat, lead, 0, 1)):
        with pytest.raises(DomainError, match="does not review for your plan"):
            act()
    assert (ReviewerProfile.objects.count(), Absence.objects.count()) == (0, 0)


def test_absence_is_noted_with_who_noted_it(lead):
    hat = a_reviewer(lead)
    first, last = days(2, 2)
    noted = note(hat, lead, 2, 2)
    stored = Absence.objects.get()
    assert stored == noted
    assert (stored.hat, stored.first_day, stored.last_day) == (hat, first, last)
    assert stored.noted_by == lead.label


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (3, 2, "last day is before the first"),
        (-5, -1, "These days are over"),
        (0, 367, "a year at most"),
        (6, 9, "is already away from"),
        (4, 4, "is already away from"),
    ],
)
def test_absence_is_refused_with_a_sentence(lead, first, last, sentence):
    hat = a_reviewer(lead)
    known = note(hat, lead, 4, 6)
    with pytest.raises(DomainError, match=sentence):
        note(hat, lead, first, last)
    assert list(Absence.objects.all()) == [known]


def test_absence_that_began_may_be_noted_and_one_may_follow_another(lead):
    hat = a_reviewer(lead)
    found = [note(hat, lead, -3, 1), note(hat, lead, 2, 5), note(a_reviewer(lead), lead, 0, 9)]
    assert set(Absence.objects.all()) == set(found)


def test_absence_is_removed_once(lead):
    noted = note(a_reviewer(lead), lead, 0, 1)
    with pytest.raises(DomainError, match="does not review for your plan"):
        team.remove_absence(noted, by=a_lead())
    pk = noted.pk
    team.remove_absence(noted, by=lead)
    assert Absence.objects.count() == 0
    with pytest.raises(WrongState, match="removed already"):
        team.remove_absence(Absence(pk=pk, hat=noted.hat), by=lead)


def test_list_of_absences_is_the_plans_and_leaves_out_the_past(lead):
    hat = a_reviewer(lead)
    other = a_lead()
    note(a_reviewer(other), other, 0, 1)
    Absence.objects.create(
        hat=hat, first_day=date(2020, 1, 1), last_day=date(2020, 1, 2), noted_by="A"
    )
    later, now = note(hat, lead, 5, 6), note(hat, lead, 0, 0)
    assert list(absences_of(lead.organisation, team.today())) == [now, later]
