"""A selection's result as figures, bars and bins for the page. No queries, no markup."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Application
from programs.schema import ProgramDefinition
from scoring.fairness import Refused
from scoring.statistics import Severity
from selection.engine import Result, Rules, Verdict, mix, share
from selection.enums import Outcome

NEAR_THE_LINE = 3
LEAST_SHOWN = 0.05  # points; less reads as 0.0
WIDE_APART = 3  # points between plans that can move an application across the line
TOP_PLANS = 12
NOTHING = "–"


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue, every cell as text."""

    url: str
    reference: str
    practice: str
    plan: str
    focus: str
    types: str
    members: str
    hpi: str
    mcp_score: str
    points: str
    adjusted: str
    status: str
    tone: str


def queue_rows(applications: Iterable[Application], labels: Mapping[str, str]) -> list[QueueRow]:
    """Return the lines of the queue; `labels` names populations and practice types."""
    return [
        QueueRow(
            url=reverse("selection:application", args=[row.pk]),
            reference=row.reference,
            practice=row.practice.name,
            plan=row.designated_mcp.name if row.designated_mcp else NOTHING,
            focus=labels.get(row.population, row.population),
            types=", ".join(labels.get(value, value) for value in row.practice_types),
            members=_number(row.members),
            hpi=_number(row.hpi_quartile),
            mcp_score=_number(row.mcp_score),
            points=_number(row.priority_points),
            adjusted=_number(row.adjusted_score),
            status=row.staff_status,
            tone=row.tone,
        )
        for row in applications
    ]


def _number(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def figures(result: Result, rules: Rules) -> list[dict[str, Any]]:
    """Return the key figures: how many are in, what they cost, what is left of the budget."""
    left = rules.budget - result.cost
    refused = _("%(n)s not selected") % {"n": f"{result.counts.get(Outcome.NOT_SELECTED, 0):,}"}
    total = _("of %(n)s handed over") % {"n": f"{len(result.verdicts):,}"}
    over = left < 0
    return [
        _figure(_("Selected"), f"{result.counts.get(Outcome.SELECTED, 0):,}", total),
        _figure(_("Waitlisted"), f"{result.counts.get(Outcome.WAITLISTED, 0):,}", refused),
        _figure(_("Cost"), dollars(result.cost), _budget_note(rules, result)),
        _figure(
            _("Over the budget by") if over else _("Left of the budget"), dollars(abs(left)), ""
        ),
    ]


def mix_charts(result: Result, definition: ProgramDefinition) -> list[dict[str, Any]]:
    """Return one bar chart an attribute: label, count, share of the selected, target, pool."""
    selected = result.selected
    charts = []
    for title, attribute, labels in _attributes(definition):
        counts, pool = mix(selected, attribute), mix(result.verdicts, attribute)
        values = (
            list(labels) if labels else sorted(counts, key=lambda v: (-counts[v], v))[:TOP_PLANS]
        )
        if attribute == "hpi_quartile" and len(selected) > sum(counts.values()):
            counts["none"] = len(selected) - sum(counts.values())
            pool["none"] = len(result.verdicts) - sum(pool.values())
        charts.append(
            {
                "caption": title,
                "items": [
                    {
                        "label": str(labels.get(value, value) if labels else value),
                        "count": counts.get(value, 0),
                        "share": share(counts.get(value, 0), len(selected)),
                        "target": _target(definition, attribute, value),
                        "note": _("%(share).1f%% of all applicants")
                        % {"share": share(pool.get(value, 0), len(result.verdicts))},
                    }
                    for value in values
                    if value in counts or (labels and value != "none")
                ],
            }
        )
    return charts


def histogram(result: Result, rules: Rules) -> list[dict[str, Any]]:
    """Return adjusted scores in bins of five points; one bin starts at the line."""
    line = rules.threshold if rules.inclusive else rules.threshold + 1
    bins: dict[int, int] = {}
    for score, count in result.histogram.items():
        start = line + (score - line) // 5 * 5
        bins[start] = bins.get(start, 0) + count
    if not bins:
        return []
    return [
        {
            "label": f"{max(start, 0)}–{start + 4}",
            "count": bins.get(start, 0),
            "selected": start >= line,
        }
        for start in range(min(bins), max(bins) + 1, 5)
    ]


def near_the_line(result: Result, rules: Rules) -> list[Verdict]:
    """Return the verdicts within three points of the threshold, highest first."""
    line = rules.threshold if rules.inclusive else rules.threshold + 1
    return [v for v in result.verdicts if abs(v.adjusted - line) <= NEAR_THE_LINE]


def dollars(amount: Decimal) -> str:
    """Return whole dollars, such as "$94,200,000"."""
    return f"${amount:,.0f}"


def choice_labels(definition: ProgramDefinition) -> dict[str, str]:
    """Return the labels of populations and practice types by value, and the word for tribal."""
    labels = {c.value: c.label for c in (*definition.populations, *definition.practice_types)}
    return labels | {"yes": _("Tribal health program")}


def _figure(label: str, value: str, note: str) -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "href": ""}


def _budget_note(rules: Rules, result: Result) -> str:
    note = _("of %(budget)s") % {"budget": dollars(rules.budget)}
    if result.without_payment:
        note += " · " + _("%(n)s without an amount") % {"n": result.without_payment}
    return note


def _attributes(
    definition: ProgramDefinition,
) -> list[tuple[str, str, Mapping[str, Any] | None]]:
    def labels_of(choices) -> dict[str, str]:
        return {choice.value: choice.label for choice in choices}

    quartiles: dict[str, Any] = {str(n): _("Quartile %(n)s") % {"n": n} for n in range(1, 5)}
    quartiles["none"] = _("Not rated")
    return [
        (_("Population of focus"), "population", labels_of(definition.populations)),
        (
            _("Practice type (a practice can have several)"),
            "practice_type",
            labels_of(definition.practice_types),
        ),
        (_("HPI quartile (lowest among the sites)"), "hpi_quartile", quartiles),
        (_("Plan (the twelve with most selected)"), "mcp", None),
    ]


def _target(definition: ProgramDefinition, attribute: str, value: str) -> float | None:
    matches: Callable = lambda t: t.attribute == attribute and t.value == value  # noqa: E731
    found = next(filter(matches, definition.selection.targets), None)
    return float(found.minimum_share) * 100 if found else None


def severity_note(found: list[Severity] | Refused | None) -> dict[str, str]:
    """Return what to know of plans' severity before a threshold is set; no sentence for None."""
    if found is None:
        return {"sentence": "", "tone": "info"}
    if isinstance(found, Refused) or not found:
        text = _("Too few applications are scored to say whether plans are strict or generous.")
        return {"sentence": text, "tone": "info"}
    strictest, mildest = found[0].adjusted, found[-1].adjusted
    if max(-strictest, mildest) < LEAST_SHOWN:
        text = _(
            "Each application is scored by one plan. No difference between plans can be seen: what lies "
            "between their means is no more than chance can make."
        )
        return {"sentence": text, "tone": "info"}
    text = _(
        "Each application is scored by one plan. The strictest of %(plans)d plans gives %(low).1f "
        "points less than the mean of all plans, the most generous %(high).1f more. Nothing is decided "
        "by these figures."
    )
    facts = {"plans": len(found), "low": max(-strictest, 0), "high": max(mildest, 0)}
    wide = mildest - strictest >= WIDE_APART
    return {"sentence": text % facts, "tone": "warning" if wide else "info"}
