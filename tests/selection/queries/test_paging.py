import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from applications.enums import Status
from applications.models import Application
from selection.filters import SORTS, Order, read
from selection.queries.neighbours import neighbours
from selection.queries.paging import key_text, page, read_key
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def rows():
    """Return 23 applications with many ties and many numbers missing."""
    draw, cycle = random.Random(7), CycleFactory()
    for _ in range(23):
        score = draw.choice([None, 60, 61, 77])
        numbers = {"mcp_score": score, "priority_points": draw.choice([0, 12])} if score else {}
        ApplicationFactory(
            cycle=cycle,
            status=Status.SCORED if score else Status.SUBMITTED,
            members=draw.choice([None, 900, 1200]),
            hpi_quartile=draw.choice([None, 1, 2]),
            potential_payment=draw.choice([None, Decimal("280600.00"), Decimal("99.50")]),
            submitted_at=START + timedelta(hours=draw.randrange(4)),
            **numbers,
        )
    return Application.objects.filter(cycle=cycle)


def expected(rows, order):
    """Return the ids as a person would sort them: unknown last; ties by id, turned with the order."""
    known = [row for row in rows if getattr(row, order.column) is not None]
    unknown = sorted(row.pk for row in rows if getattr(row, order.column) is None)
    known.sort(key=lambda row: row.pk, reverse=not order.descending)
    known.sort(key=lambda row: getattr(row, order.column), reverse=order.descending)
    return [row.pk for row in known] + unknown


def walk(rows, order, *, backwards, start=None):
    """Return the ids of every page, one page after the other, as the links lead."""
    key, found = start, []
    while True:
        part = page(rows, order, size=4, key=key, backwards=backwards)
        found.append([row.pk for row in part.rows])
        if not (part.has_previous if backwards else part.has_next):
            return found
        edge = part.rows[0] if backwards else part.rows[-1]
        key = read_key(key_text(edge, order), order)
        assert key is not None


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("name", SORTS)
def test_walking_gives_every_row_once_in_order_and_back_again(rows, name, descending):
    order = Order(name, descending)
    wanted = expected(list(rows), order)
    forwards = walk(rows, order, backwards=False)
    assert [pk for part in forwards for pk in part] == wanted
    assert [len(part) for part in forwards] == [4, 4, 4, 4, 4, 3]
    last = Application.objects.get(pk=wanted[-1])
    end = read_key(key_text(last, order), order)
    back = walk(rows, order, backwards=True, start=end)
    assert [pk for part in reversed(back) for pk in part] == wanted[:-1]


def test_first_page_has_nothing_before_it_and_the_last_nothing_after(rows):
    order = Order("adjusted")
    first = page(rows, order, size=4)
    assert (first.has_previous, first.has_next) == (False, True)
    everything = page(rows, order, size=50)
    assert (everything.has_previous, everything.has_next) == (False, False)


@pytest.mark.parametrize("name", ["adjusted", "members", "submitted"])
@pytest.mark.parametrize("descending", [True, False])
def test_neighbours_are_those_of_the_list(rows, analyst, name, descending):
    order = Order(name, descending)
    wanted = [None, *expected(list(rows), order), None]
    asked = read_asked(f"order={order.text}")
    for before, pk, after in zip(wanted, wanted[1:], wanted[2:], strict=False):
        found = neighbours(Application.objects.get(pk=pk), asked, analyst)
        assert (found.previous, found.next) == (before, after)


def read_asked(query):
    return read(QueryDict(query))


@pytest.mark.parametrize(
    "text",
    ["", "x", "~", "80~", "~x", "a~1", "nan~1", "inf~1", "-1~1",
     "9" * 30 + "~1", "80~" + "9" * 30, "1~1~1", "²~1", "1E-99999~1", "1e1~1", "1.234~1"],
)  # fmt: skip
def test_key_that_means_nothing_is_none(text):
    assert read_key(text, Order("adjusted")) is None


@pytest.mark.parametrize(
    "text",
    ["2026-01-05~1", "2026-13-05T00:00:00+00:00~1", "soon~1",
     "0001-01-01T00:00:00+23:59~1", "9999-12-31T23:59:59-23:59~1"],
)  # fmt: skip
def test_time_that_means_nothing_is_none(text):
    assert read_key(text, Order("submitted")) is None
