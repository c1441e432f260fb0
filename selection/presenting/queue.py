"""The columns, heads and tabs of the queue. No queries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.forms.utils import flatatt
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from core.times import day
from selection.filters import Asked, Order, read

NOTHING = "–"
Labels = Mapping[str, str]
Cell = tuple[str, str]  # the text, and a smaller second line


@dataclass(frozen=True)
class Column:
    """One column that can be chosen: its words, how it is ordered, and what it shows of a row.

    `on_cards`: it is shown on a phone too, where a row is a card.
    """

    key: str
    label: str | Promise
    show: Callable[[Application, Labels], Cell]
    sort: str = ""
    number: bool = False
    on_cards: bool = False
    css: str = ""

    @property
    def classes(self) -> str:
        """Classes of its cells."""
        parts = ["num" if self.number else "", self.css, "" if self.on_cards else "queue-more"]
        return " ".join(filter(None, parts))

    @property
    def attributes(self) -> str:
        """Attributes of its cells, as HTML."""
        return flatatt({"class": self.classes, "data-label": str(self.label)})


@dataclass(frozen=True)
class Head:
    """The head of a column: where a click on it leads, and how it is ordered now ("" when it is not)."""

    label: str
    classes: str
    href: str
    sorted: str


def _number(value: int | None) -> Cell:
    return (NOTHING if value is None else f"{value:,}"), ""


def _plan(row: Application) -> str:
    return row.designated_mcp.name if row.designated_mcp else NOTHING


def _types(row: Application, labels: Labels) -> str:
    return ", ".join(labels.get(value, value) for value in row.practice_types)


def _recommended(row: Application) -> str:
    if row.recommended is None:
        return NOTHING
    return _t("Yes") if row.recommended else _t("No")


def _claimed(row: Any) -> str:
    return row.claimed_by or ""


COLUMNS = (
    Column(
        "practice",
        _("Practice and plan"),
        lambda row, _labels: (row.practice.name, _plan(row)),
        on_cards=True,
        css="queue-practice",
    ),
    Column(
        "focus",
        _("Focus and type"),
        lambda row, labels: (labels.get(row.population, row.population), _types(row, labels)),
        css="queue-focus",
    ),
    Column("members", _("Members"), lambda r, _l: _number(r.members), "members", number=True),
    Column("hpi", _("HPI"), lambda r, _l: _number(r.hpi_quartile), "hpi", number=True),
    Column(
        "mcp", _("MCP score"), lambda r, _l: _number(r.mcp_score), "mcp", number=True, on_cards=True
    ),
    Column(
        "points",
        _("+ points"),
        lambda r, _l: _number(r.priority_points),
        "points",
        number=True,
        on_cards=True,
    ),
    Column(
        "adjusted",
        _("Adjusted"),
        lambda r, _l: _number(r.adjusted_score),
        "adjusted",
        number=True,
        on_cards=True,
        css="num--strong",
    ),
    Column("recommended", _("Recommended"), lambda row, _labels: (_recommended(row), "")),
    Column(
        "status",
        _("State"),
        lambda row, _labels: (row.staff_status, _claimed(row)),
        on_cards=True,
    ),
    Column("plan", _("Plan (MCP)"), lambda row, _labels: (_plan(row), "")),
    Column("county", _("County"), lambda row, _labels: (row.county or NOTHING, "")),
    Column(
        "population",
        _("Population of focus"),
        lambda row, labels: (labels.get(row.population, row.population), ""),
    ),
    Column("types", _("Practice type"), lambda row, labels: (_types(row, labels), "")),
    Column("tribal", _("Tribal"), lambda row, _labels: (_t("Yes") if row.tribal else _t("No"), "")),
    Column(
        "payment",
        _("Potential payment"),
        lambda row, _labels: (
            NOTHING if row.potential_payment is None else f"${row.potential_payment:,.0f}",
            "",
        ),
        "payment",
        number=True,
    ),
    Column(
        "submitted",
        _("Submitted"),
        lambda row, _labels: (day(row.submitted_at) if row.submitted_at else NOTHING, ""),
        "submitted",
        css="nowrap",
    ),
    Column("claimed", _("Claimed by"), lambda row, _labels: (_claimed(row) or NOTHING, "")),
)
BY_KEY = {column.key: column for column in COLUMNS}
# The state says whether the plan recommends it, so the column for that has to be chosen.
USUAL = ("practice", "focus", "members", "hpi", "mcp", "points", "adjusted", "status")


def columns_for(*choices: Sequence[str]) -> list[Column]:
    """Return the columns of the first choice that names any known ones, else the usual ones."""
    for keys in (*choices, USUAL):
        found = [BY_KEY[key] for key in dict.fromkeys(keys) if key in BY_KEY]
        if found:
            return found
    return []


def heads(columns: Sequence[Column], asked: Asked, order: Order) -> list[Head]:
    """Return the heads; a click orders by the column, a second one the other way round."""
    found = []
    for column in columns:
        here = column.sort == order.key
        direction = "descending" if order.descending else "ascending"
        href = ""
        if column.sort:
            turned = not order.descending if here else column.sort != "hpi"
            href = queue_url(replace(asked, ordered_by=Order(column.sort, turned)))
        found.append(Head(str(column.label), column.classes, href, direction if here else ""))
    return found


def queue_url(asked: Asked, **more: str) -> str:
    """Return the address of the queue for a view."""
    query = asked.query(**more)
    return reverse("selection:queue") + (f"?{query}" if query else "")


def in_full(asked: Asked, cycle: str, own: Sequence[str]) -> Asked:
    """Return what the address asks in words that show everybody the same: with cycle and columns.

    `cycle` (a slug) and the person's `own` columns fill in what the address leaves open. The usual
    columns are not named.
    """
    keys = tuple(column.key for column in columns_for(asked.columns, own))
    return replace(asked, cycle=asked.cycle or cycle, columns=() if keys == USUAL else keys)


def tabs(
    views: Iterable[Mapping[str, Any]], asked: Asked, full: Callable[[Asked], Asked]
) -> list[dict[str, Any]]:
    """Return the tabs: everything, then each named view. A view is current when it asks the same.

    `full` says in full what an address asks (`in_full`): a view kept long ago names no cycle.
    """
    here = full(asked).query() if asked.query() else ""
    named = [
        {
            "label": view["name"],
            "href": reverse("selection:queue") + (f"?{view['query']}" if view["query"] else ""),
            "active": bool(here) and full(read(QueryDict(view["query"]))).query() == here,
        }
        for view in views
    ]
    is_all = not replace(asked, cycle="").query() and not any(tab["active"] for tab in named)
    return [{"label": _t("All"), "href": reverse("selection:queue"), "active": is_all}, *named]
