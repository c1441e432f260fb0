"""The queue's filters as counted choices, and what is chosen as chips that take it off. No queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.enums import Status
from programs.schema import ProgramDefinition
from selection.filters import FACETS, FIXED, Asked
from selection.presenting.queue import queue_url
from selection.queries.facets import Counts

TITLES: Mapping[str, str | Promise] = {
    "status": _("State"),
    "plan": _("Plan (MCP)"),
    "county": _("County"),
    "population": _("Population of focus"),
    "practice_type": _("Practice type"),
    "tribal": _("Tribal health program"),
    "hpi": _("HPI quartile"),
    "flag": _("Flag"),
    "claimed": _("Claimed"),
}
WORDS: Mapping[str, Mapping[str, str | Promise]] = {
    "status": dict(Status.choices),
    "tribal": {"yes": _("Yes"), "no": _("No")},
    "hpi": {
        "1": _("Quartile 1"),
        "2": _("Quartile 2"),
        "3": _("Quartile 3"),
        "4": _("Quartile 4"),
        "none": _("Not rated"),
    },
    "claimed": {"me": _("By me"), "nobody": _("By nobody"), "anybody": _("By anybody")},
}
LIMIT_WORDS = {
    "mcp": (_("MCP score %(low)s to %(high)s"), _("MCP score from %(low)s"), _("MCP score to %(high)s")),
    "adjusted": (
        _("Adjusted %(low)s to %(high)s"),
        _("Adjusted from %(low)s"),
        _("Adjusted to %(high)s"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One choice: a link that puts it into the view or takes it out."""

    label: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True)
class Facet:
    """One filter with the choices that show anything."""

    name: str
    title: str
    options: list[Option]
    chosen: int


def named_values(
    definition: ProgramDefinition, plans: Iterable[tuple[int, str]]
) -> dict[str, dict[str, str]]:
    """Return what each value of a facet is called, in the order to show; others are called as they are."""
    found = {facet: {k: str(v) for k, v in words.items()} for facet, words in WORDS.items()}
    found["population"] = {c.value: str(c.label) for c in definition.populations}
    found["practice_type"] = {c.value: str(c.label) for c in definition.practice_types}
    found["plan"] = {str(pk): name for pk, name in plans}
    return found


def facets(asked: Asked, counts: Counts, names: Mapping[str, Mapping[str, str]]) -> list[Facet]:
    """Return every filter that has a choice to offer."""
    found = [_facet(name, asked, counts.by_facet.get(name, {}), names) for name in FACETS]
    return [facet for facet in found if facet.options]


def chosen_chips(asked: Asked, names: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """Return what narrows the view, each with the address of the view without it."""
    chips = []
    if asked.words:
        without = replace(asked, words="")
        chips.append({"label": f"“{asked.words}”", "href": queue_url(without)})
    for facet in FACETS:
        for value in asked.values(facet):
            label = f"{TITLES[facet]}: {names.get(facet, {}).get(value, value)}"
            chips.append({"label": label, "href": queue_url(asked.toggled(facet, value))})
    for score, (both, low, high) in LIMIT_WORDS.items():
        limits = {"low": asked.limits.get(f"{score}_min"), "high": asked.limits.get(f"{score}_max")}
        if limits["low"] is None and limits["high"] is None:
            continue
        words = low if limits["high"] is None else high if limits["low"] is None else both
        without = asked.without_limits(f"{score}_min", f"{score}_max")
        chips.append({"label": words % limits, "href": queue_url(without)})
    return chips


def total_words(counts: Counts) -> str:
    """Return how many match, such as "1,204 applications"."""
    if counts.total == 1:
        return _t("1 application")
    return _t("%(n)s applications") % {"n": f"{counts.total:,}"}


def _facet(
    name: str, asked: Asked, counts: Mapping[str, int], names: Mapping[str, Mapping[str, str]]
) -> Facet:
    known = names.get(name, {})
    chosen = asked.values(name)
    given = {value for value in (*counts, *chosen) if value}
    listed = [value for value in known if value in given]
    others = sorted(given - set(listed)) if name not in FIXED else []
    options = [
        Option(
            label=known.get(value, value),
            count=counts.get(value, 0),
            chosen=value in chosen,
            href=queue_url(asked.toggled(name, value)),
        )
        for value in (*listed, *others)
        if counts.get(value) or value in chosen
    ]
    return Facet(name, str(TITLES[name]), options, len(chosen))
