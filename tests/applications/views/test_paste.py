"""Pasted rows: looked at first, then added, all or only the good ones."""

from datetime import date

import pytest
from django.urls import reverse

from applications.models import MemberCount, Site
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db
HOSTILE = [
    "a\x00b\t1\t2",
    "<script>\t1\t2",
    '"unclosed\t1\t2\n3',
    "=cmd|' /C calc'!A0\t1\t2",
    "\u202e\t٣\t🏥",
]


@pytest.fixture
def plans(db):
    return [
        OrganisationFactory(kind="mcp", name=name)
        for name in ("Inland Empire Health Plan", "Valley Health Plan")
    ]


@pytest.fixture
def paste(as_hat, owner):
    client = as_hat(owner)

    def send(text, name="members", **more):
        response = client.post(reverse(f"applications:paste_{name}"), {"text": text, **more})
        return response, response.content.decode()

    return send


def counts():
    return sorted(MemberCount.objects.values_list("plan__name", "members"))


def test_rows_are_shown_first_and_nothing_is_stored(paste, plans):
    response, page = paste("Plan\tMembers\tDate\nIEHP\t1,200\t11/1/2025\n")
    assert response.status_code == 200
    assert "Inland Empire Health Plan" in page
    assert "Add 1 row" in page
    assert counts() == []


def test_rows_without_a_fault_are_added_at_once(paste, plans):
    response, _ = paste("IEHP\t1,200\t11/1/2025\nvalley\t5\t2025-11-01", add="all")
    assert (response.status_code, response.url) == (302, reverse("applications:members"))
    assert counts() == [("Inland Empire Health Plan", 1200), ("Valley Health Plan", 5)]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("No Such Plan\t5\t2025-11-01", "We know no plan “No Such Plan”."),
        ("valley\tmany\t2025-11-01", "Assigned members: Write a whole number, such as 1,240."),
        ("valley\t0\t2025-11-01", "Assigned members: Enter 1 or more."),
        ("valley\t\t2025-11-01", "Assigned members is missing."),
        ("valley\t5\tsoon", "Counted on: Enter a date as month, day and year"),
        ("valley\t5\t2125-11-01", "Counted on: This date is in the future."),
        ("\t5\t2025-11-01", "Medi-Cal plan (MCP) is missing."),
        ("IEHP\t5\t2025-11-01", "is in your table already, or twice in these rows."),
        ("valley\t5\t2025-11-01\tx", "This row has more cells than there are columns."),
    ],
)
def test_a_bad_row_is_explained_and_holds_back_all_until_it_is_skipped(paste, plans, row, sentence):
    text = f"IEHP\t1200\t11/1/2025\n{row}"
    for add in ("", "all", "nonsense"):
        response, page = paste(text, add=add)
        assert response.status_code == 200
        assert sentence in page
        assert counts() == []
    response, _ = paste(text, add="good")
    assert response.status_code == 302
    assert counts() == [("Inland Empire Health Plan", 1200)]


def test_a_plan_that_is_in_the_table_already_is_said(paste, plans, draft):
    MemberCount.objects.create(practice=draft.practice.practice, plan=plans[0], members=3)
    _, page = paste("IEHP\t1200\t11/1/2025", add="all")
    assert "Inland Empire Health Plan is in your table already" in page
    assert counts() == [("Inland Empire Health Plan", 3)]


def test_sites_are_pasted_too(paste):
    text = "name,address,city,zip\nMain,1 Main Street,Fresno,93701\nSecond,2 Side,Nowhere,99999"
    _, page = paste(text, "sites")
    assert "We do not know 99999 as a ZIP code in California." in page
    paste(text, "sites", add="good")
    found = Site.objects.values_list("name", "street", "city", "zip_code", "county").get()
    assert found == ("Main", "1 Main Street", "Fresno", "93701", "Fresno")


@pytest.mark.parametrize("name", ["members", "sites"])
@pytest.mark.parametrize("text", ["", *HOSTILE, "A\t1\n" * 201, "x" * 100_001])
def test_hostile_text_is_shown_as_typed_or_refused_in_words(paste, name, text):
    response, page = paste(text, name, add="all")
    assert response.status_code in (200, 422)
    assert "<script>\t" not in page
    if response.status_code == 422:
        assert 'href="#id_text"' in page
    assert (MemberCount.objects.count(), Site.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", ["members", "sites"])
def test_without_rows_one_is_back_at_the_list(as_hat, owner, name):
    response = as_hat(owner).get(reverse(f"applications:paste_{name}"))
    assert (response.status_code, response.url) == (302, reverse(f"applications:{name}"))


def test_a_month_is_shown_and_stored_as_its_last_day(paste, plans):
    _, page = paste("IEHP\t1,200\t11/2024\n")
    assert ">Nov 30, 2024</td>" in page
    assert 'data-label="Counted on"' in page
    paste("IEHP\t1,200\t11/2024\n", add="all")
    assert MemberCount.objects.get(members=1200).as_of == date(2024, 11, 30)
