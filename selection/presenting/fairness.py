"""How fair a list is, in rows: plans' severity, rates with intervals, the list without severity."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.components import percent
from scoring.statistics import Severity
from selection.engine import Result
from selection.engine.intervals import wilson
from selection.engine.levelling import Change
from selection.engine.measuring import Part, mix_of
from selection.presenting.solving import tenth_words
from selection.presenting.vocabulary import Vocabulary

ENOUGH_IN_COUNTY = 10  # applications; a rate of fewer says little
ATTRIBUTES = ("population", "practice_type", "tribal", "hpi_quartile")
MINUS = "−"
Json = dict[str, Any]


def rate_groups(result: Result, vocabulary: Vocabulary) -> list[Json]:
    """Return acceptance rates by group, the interval as words and as places in a picture."""
    groups = []
    for attribute in ATTRIBUTES:
        labels = vocabulary.labels_of(attribute) | _others(attribute)
        parts = {part.value: part for part in mix_of(result, attribute)}
        rows = [_rate(labels[value], parts[value]) for value in labels if value in parts]
        groups.append(_group(attribute, vocabulary.attributes[attribute], rows, ""))
    counties = [p for p in mix_of(result, "county") if p.value and p.pool >= ENOUGH_IN_COUNTY]
    note = _("Counties with %(n)s applications or more.") % {"n": ENOUGH_IN_COUNTY}
    title = vocabulary.attributes["county"]
    groups.append(_group("county", title, [_rate(p.value, p) for p in _by_pool(counties)], note))
    return [group for group in groups if group["rows"]]


def plan_rows(
    result: Result, severity: Mapping[str, Severity], vocabulary: Vocabulary
) -> list[Json]:
    """Return each plan's severity and acceptance rate, the strictest first, those without a figure last.

    `severity` is by the plan's name.
    """
    parts = {part.value: part for part in mix_of(result, "mcp")}
    known = sorted((n for n in parts if n in severity), key=lambda n: severity[n].adjusted)
    rows = []
    for name in [*known, *(name for name in parts if name not in severity)]:
        label = vocabulary.label("mcp", name) or _("No plan")
        found = severity.get(name)
        figure = "–" if found is None else signed(found.adjusted)
        rows.append(_rate(label, parts[name]) | {"severity": figure})
    return rows


def overall(result: Result) -> Json:
    """Return the acceptance rate of everybody."""
    count, whole = int(result.is_in.sum()), len(result.pool)
    return _rate("", Part("", "", count, whole, 0.0, 0.0))


def change_rows(changes: Iterable[Change], hidden: Collection[int]) -> list[Json]:
    """Return who would enter or leave; of one closed to the person only that it would."""
    rows: list[Json] = []
    for change in changes:
        one = change.before.candidate
        if one.pk in hidden:
            rows.append({"hidden": True, "enters": change.enters})
            continue
        rows.append(
            {
                "hidden": False,
                "enters": change.enters,
                "url": reverse("selection:application", args=[one.pk]),
                "reference": one.reference,
                "practice": one.practice,
                "plan": one.facts.mcp,
                "before": change.before.adjusted,
                "after": change.after.adjusted,
            }
        )
    return rows


def signed(points: float) -> str:
    """Return points with one decimal and a sign, such as "+0.4" or "−1.2"."""
    shown = round(points, 1)
    sign = MINUS if shown < 0 else "+" if shown > 0 else ""
    return f"{sign}{abs(shown):.1f}"


def _group(key: str, title: str, rows: list[Json], note: str) -> Json:
    return {"key": key, "title": title, "rows": rows, "note": note}


def _rate(label: str, part: Part) -> Json:
    low, high = wilson(part.selected, part.pool)
    share = part.selected / part.pool if part.pool else 0.0
    return {
        "label": label,
        "selected": part.selected,
        "pool": part.pool,
        "rate": tenth_words(share),
        "interval": _("%(low)s to %(high)s")
        % {"low": f"{100 * low:.0f}%", "high": f"{100 * high:.0f}%"},
        "x": percent(100 * low),
        "width": percent(100 * (high - low)),
        "at": percent(100 * share),
    }


def _others(attribute: str) -> dict[str, str]:
    return {"no": _("Other practices")} if attribute == "tribal" else {}


def _by_pool(parts: Iterable[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.pool, part.value))
