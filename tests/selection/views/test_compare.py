import csv
import io
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse

from accounts.enums import Role
from selection.domain import scenarios
from selection.engine import Pin
from selection.views import compare
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.building import cohort, handed_over, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def address(cycle, name="compare", **query):
    return reverse(f"selection:{name}", args=[cycle.slug], query=query)


def page_of(web, cycle, status=200, **query):
    response = web.get(address(cycle, **query))
    assert response.status_code == status
    return response


def stored(cycle, by, *, is_shared=False, name="Lower", **changes):
    rules = published(cycle, **changes)
    return scenarios.create(
        cycle=cycle, name=name, note="", rules=rules, is_shared=is_shared, by=by
    )


def moves(page):
    return [
        (row["entered"], row["reference"], row["cause"], row["before"], row["after"])
        for row in page.context["rows"]
    ]


def test_who_enters_and_leaves_with_the_cause(as_hat, analyst, cycle):
    made = cohort(cycle)
    page = page_of(
        as_hat(analyst), cycle, a="published", b="threshold=75&points_population_pregnant=10"
    )
    assert moves(page) == [
        (True, made["near"].reference, "Threshold", 75, 75),
        (False, made["lifted"].reference, "Points", 80, 70),
    ]
    shown = {
        row["label"]: (row["before"], row["after"], row["more"]) for row in page.context["numbers"]
    }
    assert shown == {
        "Selected": ("2", "2", "0"),
        "Waitlisted": ("1", "0", "−1"),
        "Cost": ("$561,200", "$561,200", "$0"),
    }
    assert page.context["lines"] == [
        "Points for Pregnant people: 20 → 10",
        "Threshold: 77, and exactly that is in → 75, and exactly that is in",
    ]


def test_differences_in_the_mix_are_counted(as_hat, analyst, cycle):
    cohort(cycle)
    page = page_of(as_hat(analyst), cycle, a="published", b="points_population_pregnant=0")
    population = page.context["mixes"][0]
    assert population["changed"] == 1
    assert [
        (row["label"], row["before"], row["after"], row["more"]) for row in population["rows"]
    ] == [
        ("Pregnant people", "1 (50.0%)", "0 (0.0%)", "−1"),
        ("Adults with chronic conditions", "1 (50.0%)", "1 (100.0%)", "0"),
    ]


def test_the_workbenchs_address_becomes_the_second_side(as_hat, analyst, cycle):
    mine = stored(cycle, analyst, threshold=70)
    response = as_hat(analyst).get(address(cycle, scenario=mine.pk, threshold="75"))
    assert parse_qs(urlparse(response.url).query) == {
        "a": [str(mine.pk)],
        "b": [f"scenario={mine.pk}&threshold=75"],
    }
    unchanged = as_hat(analyst).get(address(cycle, scenario=mine.pk))
    assert parse_qs(urlparse(unchanged.url).query) == {"a": ["published"], "b": [str(mine.pk)]}


def test_stored_scenarios_are_compared_by_number(as_hat, analyst, cycle):
    cohort(cycle)
    mine = stored(cycle, analyst, threshold=75)
    page = page_of(as_hat(analyst), cycle, a=mine.pk, b="published")
    assert (page.context["a"].label, page.context["b"].label) == ("Lower", "Published rules")
    assert len(moves(page)) == 1
    assert not moves(page)[0][0]
    same = page_of(as_hat(analyst), cycle, a=mine.pk, b=mine.pk)
    assert "Nobody enters and nobody leaves." in same.content.decode()


def test_somebody_elses_private_scenario_is_not_there(as_hat, analyst, approver, hat_of, cycle):
    cohort(cycle)
    private = stored(cycle, approver, name="Secret plan", threshold=60)
    for hat in (analyst, hat_of(Role.AUDITOR)):
        web = as_hat(hat)
        for key in (
            str(private.pk),
            f"scenario={private.pk}",
            f"scenario={private.pk}&threshold=1",
        ):
            assert web.get(address(cycle, a=key, b="published")).status_code == 404
            assert web.get(address(cycle, a="published", b=key)).status_code == 404
            assert web.get(address(cycle, "compare_csv", a=key, b="published")).status_code == 404
        assert "Secret plan" not in page_of(web, cycle).content.decode()
    assert "Secret plan" in page_of(as_hat(approver), cycle).content.decode()


def test_that_of_another_cycle_is_not_there(as_hat, analyst, cycle):
    other = stored(CycleFactory(closed=True), analyst)
    page_of(as_hat(analyst), cycle, status=404, a=other.pk, b="published")


@pytest.mark.parametrize("key", ["9" * 30, "scenario=x", "scenario=%00", "²"])
def test_what_is_no_scenario_is_not_there(as_hat, analyst, cycle, key):
    web = as_hat(analyst)
    assert web.get(address(cycle, a="published", b=key)).status_code in (200, 404)


def test_a_side_with_errors_says_what_to_mend(as_hat, analyst, cycle):
    page = page_of(as_hat(analyst), cycle, status=422, a="published", b="threshold=many")
    assert "Enter a whole number" in unescape(page.content.decode())
    assert as_hat(analyst).get(
        address(cycle, "compare_csv", a="published", b="threshold=many")
    ).status_code == 404  # fmt: skip


def test_the_list_goes_on_after_a_rank(as_hat, analyst, cycle, monkeypatch):
    monkeypatch.setattr(compare, "PAGE", 2)
    for score in (76, 75, 74, 73, 72):
        handed_over(cycle, score)
    web = as_hat(analyst)
    url, seen = address(cycle, a="published", b="threshold=72"), []
    while url:
        context = web.get(url).context
        seen += [row["after"] for row in context["rows"]]
        assert context["count"] == 5
        url = context["next_url"]
    assert seen == [76, 75, 74, 73, 72]


def test_the_list_is_narrowed_by_side_and_cause(as_hat, analyst, cycle):
    made = cohort(cycle)
    query = {"a": "published", "b": "threshold=75&points_population_pregnant=10"}
    web = as_hat(analyst)
    found = {
        name: [row[1] for row in moves(page_of(web, cycle, **query, **more))]
        for name, more in {
            "enter": {"side": "enter"},
            "leave": {"side": "leave"},
            "points": {"cause": "points"},
            "none": {"side": "enter", "cause": "points"},
            "odd": {"side": "\0", "cause": "zzz", "after": "-1"},
        }.items()
    }
    near, lifted = made["near"].reference, made["lifted"].reference
    assert found == {
        "enter": [near], "leave": [lifted], "points": [lifted], "none": [], "odd": [near, lifted],
    }  # fmt: skip


def test_an_application_closed_by_a_conflict_is_not_named(as_hat, analyst, approver, cycle):
    made = cohort(cycle)
    check(made["near"], analyst.user)
    pins = (Pin(made["near"].reference, False, "Because of a reason."),)
    shared = stored(cycle, approver, is_shared=True, threshold=75, pins=pins)
    for query in ({"a": "published", "b": "threshold=75"}, {"a": "published", "b": shared.pk}):
        text = page_of(as_hat(analyst), cycle, **query).content.decode()
        assert made["near"].reference not in text
        assert "Hidden from you by a conflict of interest" in text or "hidden from you" in text
        file = as_hat(analyst).get(address(cycle, "compare_csv", **query)).content.decode()
        assert made["near"].reference not in file


def test_the_file_has_every_move_and_no_formula(as_hat, analyst, cycle):
    made = cohort(cycle)
    organisation = made["near"].practice
    organisation.name = "=1+1"
    organisation.save()
    response = as_hat(analyst).get(
        address(cycle, "compare_csv", a="published", b="threshold=75&points_population_pregnant=10")
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [
        (r["reference"], r["practice"][:3], r["move"], r["cause"], r["adjusted_a"], r["adjusted_b"])
        for r in rows
    ] == [
        (made["near"].reference, "'=1", "enters", "threshold", "75", "75"),
        (made["lifted"].reference, rows[1]["practice"][:3], "leaves", "points", "80", "70"),
    ]
    assert {r["potential_payment"] for r in rows} == {str(Decimal("280600.00"))}


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(as_hat, analyst, cycle, count, django_assert_max_num_queries):
    for number in range(count):
        handed_over(cycle, 76)
        stored(cycle, analyst, name=f"Scenario {number}")
    web = as_hat(analyst)
    query = {"a": "published", "b": "threshold=70"}
    page_of(web, cycle, **query)
    with django_assert_max_num_queries(9):
        page_of(web, cycle, **query)
