"""What rules may name: the program's attributes with their values, each with its words. No markup."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from programs.schema import ProgramDefinition
from selection.engine import Pool
from selection.engine.pool import ATTRIBUTES

CHOSEN = (
    "population",
    "practice_type",
    "tribal",
    "hpi_quartile",
)  # their values are in the program
Key = tuple[str, str]


@dataclass(frozen=True)
class Vocabulary:
    """The words for attributes, and for (attribute, value); counties and plans are those of the pool."""

    attributes: Mapping[str, str]
    values: Mapping[Key, str]

    @classmethod
    def of(cls, definition: ProgramDefinition, pool: Pool) -> "Vocabulary":
        """Return the words for what `definition` declares and `pool` has."""
        values: dict[Key, str] = {}
        for choice in definition.populations:
            values["population", choice.value] = choice.label
        for choice in definition.practice_types:
            values["practice_type", choice.value] = choice.label
        values["tribal", "yes"] = _("Tribal health program")
        for quartile in "1234":
            values["hpi_quartile", quartile] = _("HPI quartile %(n)s") % {"n": quartile}
        for attribute in ("county", "mcp"):
            for value in filter(None, pool.values_of(attribute)):
                values[attribute, value] = value
        return cls(attribute_words(), values)

    def label(self, attribute: str, value: str) -> str:
        """Return the words for a value where nothing tells its attribute; an unknown one is its own word.

        A practice type that is called as the tribal programs are is told apart from them.
        """
        words = self.values.get((attribute, value), value)
        if attribute == "practice_type" and words == self.values.get(("tribal", "yes")):
            return _("%(what)s (practice type)") % {"what": words}
        return words

    def labels_of(self, attribute: str) -> dict[str, str]:
        """Return the words for every value of an attribute, in the program's order."""
        return {value: label for (name, value), label in self.values.items() if name == attribute}

    def choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return every value by attribute, as the groups of a select; keys are `attribute_value`."""
        return [
            (
                self.attributes[attribute],
                [(f"{attribute}_{v}", self.label(attribute, v)) for v in self.labels_of(attribute)],
            )
            for attribute in ATTRIBUTES
            if self.labels_of(attribute)
        ]


def attribute_words() -> dict[str, str]:
    """Return the words for the attributes that rules may look at."""
    return {
        "population": _("Population of focus"),
        "practice_type": _("Practice type"),
        "tribal": _("Tribal health program"),
        "hpi_quartile": _("HPI quartile"),
        "county": _("County"),
        "mcp": _("Plan (MCP)"),
    }


def tie_break_words() -> dict[str, str]:
    """Return what each key of the tie-break puts first."""
    return {
        "hpi_quartile": _("Lower HPI quartile first"),
        "members": _("More assigned members first"),
        "mcp_score": _("Higher MCP score first"),
        "payment": _("Smaller payment first"),
        "tribal": _("Tribal health programs first"),
    }
