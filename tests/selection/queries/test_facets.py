"""The counts beside the filters are those of the list, whatever is asked for."""

import random
from itertools import pairwise

import pytest
from django.http import QueryDict
from django.utils import timezone

from applications.enums import Status
from applications.models import Application
from selection.domain import searching
from selection.filters import FACETS, read
from selection.models import Claim, Flag
from selection.queries.facets import counts_for
from selection.queries.queue import found_by
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import PracticeFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check
from tests.selection.building import handed_over

pytestmark = pytest.mark.django_db
VALUES = {
    "status": ["recommended", "submitted", "not_recommended"],
    "county": ["Fresno", "Kern", "Yolo"],
    "population": ["pregnant", "adults_chronic"],
    "practice_type": ["fqhc", "small_independent", "tribal_program"],
    "tribal": ["yes", "no"],
    "hpi": ["1", "2", "none"],
    "flag": ["ask again", "tribal", "nobody has this"],
    "claimed": ["me", "nobody", "anybody"],
}


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def mixed(cycle, analyst, approver):
    """Return the plans of 30 applications that differ in everything, with flags, claims, a conflict."""
    draw = random.Random(3)
    plans = [OrganisationFactory(kind="mcp") for _ in range(2)]
    rows = [_one(cycle, draw, plans) for _ in range(30)]
    searching.refresh(row.pk for row in rows)
    for row in rows:
        if draw.random() < 0.4:
            label = draw.choice(VALUES["flag"][:2])
            Flag.objects.create(application=row, label=label, raised_by=analyst.user)
        if draw.random() < 0.4:
            person = draw.choice([analyst, approver]).user
            Claim.objects.create(application=row, person=person, claimed_at=timezone.now())
    check(rows[0], analyst.user)
    return plans


def _one(cycle, draw, plans):
    facts = {
        "county": draw.choice(VALUES["county"]),
        "population": draw.choice(VALUES["population"]),
        "practice_types": draw.sample(VALUES["practice_type"], draw.randint(1, 2)),
        "tribal": draw.random() < 0.3,
        "hpi_quartile": draw.choice([None, 1, 2]),
        "designated_mcp": draw.choice(plans),
        "practice": PracticeFactory(
            organisation__name=draw.choice(["Élan Clinic", "Zebra Care"])
        ).organisation,
    }
    if draw.random() < 0.3:
        return ApplicationFactory(cycle=cycle, status=Status.SUBMITTED, **facts)
    status = draw.choice([Status.RECOMMENDED, Status.NOT_RECOMMENDED])
    score = draw.randint(50, 90)
    return handed_over(
        cycle, score, status=status, recommended=status == Status.RECOMMENDED, **facts
    )


def asked_for(draw, plans):
    query = QueryDict(mutable=True)
    values = VALUES | {"plan": [str(plan.pk) for plan in plans]}
    for facet in FACETS:
        if draw.random() < 0.3:
            query.setlist(facet, draw.sample(values[facet], draw.randint(1, 2)))
    if draw.random() < 0.3:
        query["adjusted_min"] = "60"
    if draw.random() < 0.3:
        query["mcp_max"] = "80"
    if draw.random() < 0.3:
        query["q"] = draw.choice(["elan", "zebra care", "nothing"])
    return read(query), values


@pytest.mark.parametrize("seed", range(12))
def test_counts_are_those_of_the_list(mixed, cycle, analyst, seed):
    asked, values = asked_for(random.Random(seed), mixed)
    counts = counts_for(asked, analyst, cycle)

    def listed(view):
        return found_by(view, analyst, cycle)[0].count()

    assert counts.total == listed(asked)
    for facet in FACETS:
        alone = asked.without(facet)
        wanted = {value: listed(alone.toggled(facet, value)) for value in values[facet]}
        found = {value: counts.by_facet[facet].get(value, 0) for value in values[facet]}
        assert found == wanted, facet


def test_counts_follow_every_change(cycle, analyst):
    row = ApplicationFactory(cycle=cycle, status=Status.SUBMITTED, county="Kern")
    asked = read(QueryDict())

    def now():
        found = counts_for(asked, analyst, cycle)
        return found.total, found.by_facet["status"], found.by_facet["county"]

    seen = [now()]
    Application.objects.filter(pk=row.pk).update(status=Status.IN_REVIEW)
    seen.append(now())
    ApplicationFactory(cycle=cycle, status=Status.SUBMITTED, county="Yolo")
    seen.append(now())
    ApplicationFactory(cycle=cycle)
    seen.append(now())
    assert seen == [
        (1, {"submitted": 1}, {"Kern": 1}),
        (1, {"in_review": 1}, {"Kern": 1}),
        (2, {"in_review": 1, "submitted": 1}, {"Kern": 1, "Yolo": 1}),
        (2, {"in_review": 1, "submitted": 1}, {"Kern": 1, "Yolo": 1}),
    ]


def test_counts_ask_little_when_nothing_changed(mixed, cycle, analyst, django_assert_num_queries):
    asked = read(QueryDict("hpi=1"))
    counts_for(asked, analyst, cycle)
    with django_assert_num_queries(2):
        counts_for(asked, analyst, cycle)


def test_table_grows_far_beyond_its_first_room(cycle, analyst):
    seen = []
    for _ in range(4):
        for _ in range(25):
            ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
        seen.append(counts_for(read(QueryDict()), analyst, cycle).total)
    assert seen == [25, 50, 75, 100]
    assert all(a < b for a, b in pairwise(seen))
