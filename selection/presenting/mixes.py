"""The make-up of the selected beside its targets and beside the pool, as rows with bars."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.components import percent
from selection.engine import Result
from selection.engine.measuring import Part, met_targets, mix_of, mix_of_sizes
from selection.engine.pool import NOT_RATED
from selection.presenting.vocabulary import Vocabulary

TOP_PLANS = 10


@dataclass(frozen=True)
class Mix:
    """One attribute's rows; `more` are those that are folded."""

    key: str
    title: str
    note: str
    rows: list[dict[str, Any]]
    more: list[dict[str, Any]]


def mixes(result: Result, vocabulary: Vocabulary) -> list[Mix]:
    """Return the make-up by each attribute but the county, which has the map."""
    reached = met_targets(result)
    found = []
    for attribute, note in _notes().items():
        named = labelled_parts(result, vocabulary, attribute)
        labels = {part.value: label for label, part in named}
        rows = _rows([part for _label, part in named], labels, result, reached)
        found.append(Mix(attribute, vocabulary.attributes[attribute], note, rows, []))
    sizes = _rows(mix_of_sizes(result), _sizes(), result, reached)
    found.append(Mix("size", _("Assigned members"), "", sizes, []))
    return [*found, _plans(result, vocabulary, reached)]


def labelled_parts(
    result: Result, vocabulary: Vocabulary, attribute: str
) -> list[tuple[str, Part]]:
    """Return every value of an attribute that the program declares, and who has none, with its label."""
    labels = {**_others(attribute), **vocabulary.labels_of(attribute)}
    parts = {part.value: part for part in mix_of(result, attribute)}
    if attribute == "hpi_quartile":
        parts["none"] = _not_rated(result)
    ordered = _ordered(parts, labels, attribute)
    return [(labels[part.value], part) for part in ordered]


def target_marks(result: Result, attribute: str, value: str) -> dict[str, Any]:
    """Return the places and words of the targets on one value."""
    for target in result.rules.targets:
        if (target.attribute, target.value) == (attribute, value):
            return {
                "least": _at(target.minimum),
                "most": _at(target.maximum),
                "target": _words(target.minimum, target.maximum),
            }
    return {"least": None, "most": None, "target": ""}


def _plans(result: Result, vocabulary: Vocabulary, reached: Mapping) -> Mix:
    parts = sorted(mix_of(result, "mcp"), key=lambda part: (-part.selected, part.value))
    labels = vocabulary.labels_of("mcp") | {"": _("No plan")}
    rows = _rows(parts, labels, result, reached)
    note = ""
    return Mix("mcp", vocabulary.attributes["mcp"], note, rows[:TOP_PLANS], rows[TOP_PLANS:])


def _rows(
    parts: Iterable[Part], labels: Mapping[str, str], result: Result, reached: Mapping
) -> list[dict[str, Any]]:
    rows = []
    for part in parts:
        met = reached.get((part.attribute, part.value))
        rows.append(
            {
                "label": labels.get(part.value, part.value),
                "selected": part.selected,
                "pool": part.pool,
                "share": f"{100 * part.share:.1f}%",
                "pool_share": f"{100 * part.pool_share:.1f}%",
                "width": percent(100 * part.share),
                "pool_at": percent(100 * part.pool_share),
                "met": None if met is None else met[1],
                **target_marks(result, part.attribute, part.value),
            }
        )
    return rows


def _ordered(parts: Mapping[str, Part], labels: Mapping[str, str], attribute: str) -> list[Part]:
    return [parts.get(value) or Part(attribute, value, 0, 0, 0.0, 0.0) for value in labels]


def _not_rated(result: Result) -> Part:
    mask = result.pool.quartiles == NOT_RATED
    chosen, applied = int((mask & result.is_in).sum()), int(mask.sum())
    total, everybody = int(result.is_in.sum()) or 1, len(result.pool) or 1
    return Part("hpi_quartile", "none", chosen, applied, chosen / total, applied / everybody)


def _notes() -> dict[str, str]:
    return {
        "population": "",
        "practice_type": _("A practice can have several."),
        "tribal": "",
        "hpi_quartile": _("The lowest among its sites; 1 is the least healthy."),
    }


def _others(attribute: str) -> dict[str, str]:
    if attribute == "hpi_quartile":
        return {"1": "", "2": "", "3": "", "4": "", "none": _("Not rated")}
    return {"yes": "", "no": _("Other practices")} if attribute == "tribal" else {}


def _sizes() -> dict[str, str]:
    return {
        "under_1000": _("Under 1,000"),
        "1000_to_4999": _("1,000 to 4,999"),
        "5000_to_19999": _("5,000 to 19,999"),
        "20000_and_more": _("20,000 and more"),
    }


def _at(share: Decimal | None) -> str | None:
    return None if share is None else percent(float(share) * 100)


def _words(least: Decimal | None, most: Decimal | None) -> str:
    shown = {
        name: f"{share * 100:.2f}".rstrip("0").rstrip(".")
        for name, share in (("least", least), ("most", most))
        if share is not None
    }
    if len(shown) > 1:
        return _("%(least)s to %(most)s%%") % shown
    if least is not None:
        return _("at least %(least)s%%") % shown
    return _("at most %(most)s%%") % shown if shown else ""
