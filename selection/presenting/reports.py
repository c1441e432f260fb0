"""The reports of a decided cohort as tables of plain values. No queries, no markup."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from programs.schema import ProgramDefinition
from selection.engine import Rules
from selection.presenting import NOTHING, dollars
from selection.queries.reports import Figures, Group, Standing

TEXT, NUMBER, SHARE, MONEY = "text", "number", "share", "money"
MAKE_UP, PLANS, COUNTIES, STANDINGS = "make-up", "plans", "counties", "participation"
TABLES = (MAKE_UP, PLANS, COUNTIES, STANDINGS)
Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Column:
    """A column: its words and what its cells are. Shares are percent, money is dollars."""

    label: str
    kind: str = NUMBER


@dataclass(frozen=True)
class Table:
    """One report: cells are plain values, None where there is nothing to say. `total` may be empty."""

    key: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]

    @property
    def shown(self) -> list[list[tuple[Column, str]]]:
        """The rows as they are read by people."""
        return [self.words(row) for row in self.rows]

    @property
    def shown_total(self) -> list[tuple[Column, str]]:
        """The last line as it is read by people."""
        return self.words(self.total)

    def words(self, row: Sequence[Cell]) -> list[tuple[Column, str]]:
        """Return one row as columns with words."""
        return [
            (column, _word(column, cell)) for column, cell in zip(self.columns, row, strict=False)
        ]


def tables(
    figures: Figures, standings: Iterable[Standing], rules: Rules, definition: ProgramDefinition
) -> list[Table]:
    """Return every report: make-up, plans, counties, who takes part."""
    return [
        _make_up(figures, rules, definition),
        _grouped(PLANS, _("By plan (MCP)"), _("Plan (MCP)"), figures.plans, figures.everybody),
        _grouped(COUNTIES, _("By county"), _("County"), figures.counties, figures.everybody),
        _participation(standings),
    ]


def _make_up(figures: Figures, rules: Rules, definition: ProgramDefinition) -> Table:
    selected, everybody = figures.totals["selected"], figures.totals["applications"]
    rows: list[list[Cell]] = []
    for attribute, title, values in _attributes(definition):
        for value, label in values.items():
            ours = _count(figures.selected[attribute], value, selected)
            theirs = _count(figures.pool[attribute], value, everybody)
            rows.append(
                [
                    title,
                    label,
                    ours,
                    _share(ours, selected),
                    theirs,
                    _share(theirs, everybody),
                    _target(rules, attribute, value),
                ]
            )
    columns = [
        Column(_("What"), TEXT),
        Column(_("Group"), TEXT),
        Column(_("Selected")),
        Column(_("% of the selected"), SHARE),
        Column(_("Applied")),
        Column(_("% of all who applied"), SHARE),
        Column(_("Target"), TEXT),
    ]
    total = [
        _("All"),
        "",
        selected,
        _share(selected, selected),
        everybody,
        _share(everybody, everybody),
        "",
    ]
    note = _("A practice can have several practice types. HPI is the lowest quartile of its sites.")
    return Table(MAKE_UP, _("Make-up of the cohort"), note, columns, rows, total)


TOGETHER, NOT_RATED = "1+2", "none"


def _attributes(
    definition: ProgramDefinition,
) -> Iterable[tuple[str, str, Mapping[str, str]]]:
    yield "population", _("Population of focus"), {c.value: c.label for c in definition.populations}
    types = {c.value: c.label for c in definition.practice_types}
    yield "practice_type", _("Practice type"), types
    yield "tribal", _("Tribal"), {"yes": _("Tribal health program"), "no": _("Other practices")}
    quartiles = {str(n): _("Quartile %(n)s") % {"n": n} for n in range(1, 5)}
    quartiles[NOT_RATED] = _("Not rated")
    quartiles[TOGETHER] = _("Quartiles 1 and 2 together")
    yield "hpi_quartile", _("Healthy Places Index (HPI)"), quartiles


def _count(counts: Mapping[str, int], value: str, total: int) -> int:
    """Return how many have a value; of quartiles everybody has one at most."""
    if value == TOGETHER:
        return counts.get("1", 0) + counts.get("2", 0)
    if value == NOT_RATED:
        return total - sum(counts.values())
    return counts.get(value, 0)


def _target(rules: Rules, attribute: str, value: str) -> str:
    for one in rules.targets:
        if (one.attribute, one.value) == (attribute, value):
            parts = []
            if one.minimum is not None:
                parts.append(_("at least %(n)s%%") % {"n": _plain(one.minimum)})
            if one.maximum is not None:
                parts.append(_("at most %(n)s%%") % {"n": _plain(one.maximum)})
            return ", ".join(parts)
    return ""


def _grouped(key: str, title: str, name: str, groups: Iterable[Group], everybody: Group) -> Table:
    columns = [
        Column(name, TEXT),
        Column(_("Applied")),
        Column(_("Selected")),
        Column(_("% selected"), SHARE),
        Column(_("Waitlisted")),
        Column(_("Not selected")),
        Column(_("Gave the place back")),
        Column(_("Members of the selected")),
        Column(_("Cost of the selected"), MONEY),
    ]
    rows = [_group_row(group.name or _("Not stated"), group) for group in groups]
    total = _group_row(_("All"), everybody)
    return Table(key, title, "", columns, rows, total)


def _group_row(name: str, group: Group) -> list[Cell]:
    outcomes = group.outcomes
    return [
        name,
        group.applications,
        outcomes["selected"],
        _share(outcomes["selected"], group.applications),
        outcomes["waitlisted"],
        outcomes["not_selected"],
        outcomes["left"],
        group.members,
        group.cost,
    ]


def _participation(standings: Iterable[Standing]) -> Table:
    words = {
        "asked": _("Selected, asked to accept the place"),
        "to_be_asked": _("Selected, not asked yet"),
        "participating": _("Taking part"),
        "declined": _("Declined the place"),
        "expired": _("Did not answer in time"),
        "left": _("Left the program"),
        "waitlisted": _("On the waitlist"),
        "not_selected": _("Not selected"),
    }
    rows: list[list[Cell]] = [[words[s.code], s.practices, s.dollars] for s in standings]
    total: list[Cell] = [
        _("All"),
        sum(int(row[1] or 0) for row in rows),
        sum((Decimal(row[2] or 0) for row in rows), Decimal(0)),
    ]
    columns = [
        Column(_("Where the practice is now"), TEXT),
        Column(_("Practices")),
        Column(_("They can earn in all"), MONEY),
    ]
    return Table(STANDINGS, _("Who takes part"), "", columns, rows, total)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else None


def _plain(share: Decimal) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".")


def _word(column: Column, cell: Any) -> str:
    if cell is None or cell == "":
        return NOTHING if column.kind != TEXT else ""
    if column.kind == MONEY:
        return dollars(cell)
    if column.kind == SHARE:
        return f"{cell}%"
    return f"{cell:,}" if column.kind == NUMBER else str(cell)
