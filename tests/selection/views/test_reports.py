"""Reports of a decided cohort: the page, its files, and that their numbers are the record's."""

import csv
import io
import json
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from applications.models import Application
from selection.domain import offers, reconsidering
from selection.models import DecisionRecord
from selection.queries.reports import figures_of, standings
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.asking import REASONS, a_decided_cohort
from tests.selection.building import handed_over, released

pytestmark = pytest.mark.django_db
KEYS = ("make-up", "plans", "counties", "participation")


@pytest.fixture
def decided(db):
    return a_decided_cohort(CycleFactory(closed=True))


@pytest.fixture
def web(as_hat, decided):
    return as_hat(decided.reader)


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def rows_of(web, key):
    response = web.get(reverse("selection:report_csv", args=[key]))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def totals():
    return json.loads(DecisionRecord.objects.order_by("-sequence").first().document)["totals"]


def test_no_reports_before_a_release(as_hat, analyst):
    web = as_hat(analyst)
    assert "No decisions are released yet" in text_of(web.get(reverse("selection:reports")))
    CycleFactory(closed=True)
    assert "No decisions are released yet" in text_of(web.get(reverse("selection:reports")))
    for key in KEYS:
        assert web.get(reverse("selection:report_csv", args=[key])).status_code == 404
    assert web.get(reverse("selection:report_xlsx")).status_code == 404


@pytest.mark.parametrize("role", Role.values)
def test_staff_and_auditors_read_them(as_hat, decided, role):
    plan = decided.applications["near"].designated_mcp
    practice = decided.applications["near"].practice
    places = {**dict.fromkeys(Role.of_mcp, plan), **dict.fromkeys(Role.of_practice, practice)}
    extra = {"organisation": places[role]} if role in places else {}
    web = as_hat(MembershipFactory(role=role, **extra))
    status = 200 if role in Role.see_all else 403
    for address in (
        reverse("selection:reports"),
        reverse("selection:report_csv", args=["make-up"]),
        reverse("selection:report_xlsx"),
    ):
        assert web.get(address).status_code == status


def test_make_up_is_the_records(web, decided):
    head, *rows, total = rows_of(web, "make-up")
    assert head == [
        "What", "Group", "Selected", "% of the selected", "Applied", "% of all who applied", "Target",
    ]  # fmt: skip
    sealed = totals()
    found = {(row[0], row[1]): row for row in rows}
    definition = decided.proposal.cycle.definition
    for choice in definition.populations:
        row = found["Population of focus", choice.label]
        assert int(row[2]) == sealed["mix"]["population"].get(choice.value, 0)
    in_population = [row for row in rows if row[0] == "Population of focus"]
    assert sum(int(row[2]) for row in in_population) == sealed["selected"] == int(total[2])
    assert sum(int(row[4]) for row in in_population) == sealed["applications"] == int(total[4])
    assert sum(int(row[2]) for row in rows if row[0] == "Tribal") == sealed["selected"]
    pregnant = next(c.label for c in definition.populations if c.value == "pregnant")
    assert found["Population of focus", pregnant][2:6] == ["1", "50.0", "1", "20.0"]


def test_targets_stand_beside(web):
    targets = {row[1]: row[6] for row in rows_of(web, "make-up") if row[6]}
    assert len(targets) > 1
    assert [text for text in targets.values() if "at least" in text]


@pytest.mark.parametrize("key", ["plans", "counties"])
def test_groups_add_up_to_the_record(web, key):
    _head, *rows, total = rows_of(web, key)
    sealed = totals()
    for place in (1, 2, 4, 5, 6, 7):
        assert sum(int(row[place]) for row in rows) == int(total[place])
    assert int(total[1]) == sealed["applications"]
    assert int(total[2]) == sealed["selected"]
    assert sum(Decimal(row[8]) for row in rows) == Decimal(total[8]) == Decimal(sealed["cost"])


def test_quartiles_one_and_two_are_shown_together(as_hat):
    cycle = CycleFactory(closed=True)
    for quartile in (1, 2, 2, 3, None):
        handed_over(cycle, 85, hpi_quartile=quartile)
    analyst = MembershipFactory(role=Role.DHCS_ANALYST)
    released(cycle, analyst, MembershipFactory(role=Role.DHCS_APPROVER))
    counts = {row[1]: (row[2], row[3]) for row in rows_of(as_hat(analyst), "make-up")}
    assert counts["Quartiles 1 and 2 together"] == ("3", "60.0")
    assert counts["Not rated"] == ("1", "20.0")


def test_later_acts_count(web, decided):
    offers.decline(
        decided.applications["above"], reason="We merge with another.", by=decided.owners["above"]
    )
    row = decided.given("below")
    reconsidering.decide(row, outcome="selected", reasons=REASONS, by=decided.reader)
    _head, *_rows, total = rows_of(web, "plans")
    assert (int(total[2]), int(total[6])) == (totals()["selected"], 1)
    states = {line[0]: int(line[1]) for line in rows_of(web, "participation")[1:]}
    assert states["Declined the place"] == 1
    assert states["Selected, asked to accept the place"] == 2
    assert states["All"] == 5


def test_states_agree_with_the_record(decided):
    cycle = decided.proposal.cycle
    offers.accept(decided.applications["above"], by=decided.owners["above"])
    found = {one.code: one for one in standings(cycle)}
    counted = sum(found[code].practices for code in ("asked", "to_be_asked", "participating"))
    assert counted == totals()["selected"]
    money = sum(found[code].dollars for code in ("asked", "to_be_asked", "participating"))
    assert money == Decimal(totals()["cost"])
    assert found["participating"].practices == 1


def test_workbook_has_the_same_numbers(web):
    response = web.get(reverse("selection:report_xlsx"))
    book = load_workbook(io.BytesIO(response.content))
    assert len(book.sheetnames) == len(KEYS)
    for name, key in zip(book.sheetnames, KEYS, strict=True):
        cells = [["" if cell is None else str(cell) for cell in row] for row in book[name].values]
        plain = rows_of(web, key)
        assert [_numbers(row) for row in cells] == [_numbers(row) for row in plain]


def test_formula_in_a_name_is_only_text(as_hat, decided):
    plan = decided.applications["above"].designated_mcp
    type(plan).objects.filter(pk=plan.pk).update(name="=1+1")
    cycle = CycleFactory(closed=True)
    handed_over(cycle, 85, designated_mcp=plan)
    plan.refresh_from_db()
    Application.objects.filter(cycle=cycle).update(designated_mcp=plan)
    released(cycle, decided.proposer, decided.approver)
    web = as_hat(decided.reader)
    web.get(reverse("selection:reports"), {"cycle": cycle.slug})
    assert rows_of(web, "plans")[1][0] == "'=1+1"
    content = web.get(reverse("selection:report_xlsx")).content
    sheet = load_workbook(io.BytesIO(content)).worksheets[1]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")


def test_page_shows_every_table_and_leads_to_the_files(web):
    text = text_of(web.get(reverse("selection:reports")))
    for key in KEYS:
        assert reverse("selection:report_csv", args=[key]) in text
    assert reverse("selection:report_xlsx") in text
    assert "$561,200" in text


def test_unknown_table(web):
    assert web.get(reverse("selection:report_csv", args=["no-such"])).status_code == 404


def test_page_costs_the_same_for_any_number(web, decided, django_assert_num_queries):
    address = reverse("selection:reports")
    figures_of.cache_clear()
    web.get(address)
    with django_assert_num_queries(5):
        web.get(address)


def _numbers(row):
    found = []
    for cell in row:
        try:
            found.append(Decimal(cell))
        except ArithmeticError:
            found.append(cell)
    return found
