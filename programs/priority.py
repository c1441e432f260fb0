"""Priority points DHCS adds to an MCP's score: pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass

from programs.schema import PriorityPoint, ProgramDefinition


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What selection rules may look at in one application.

    `members` counts assigned Medi-Cal members; `hpi_quartile` is 1 to 4 or None when not rated;
    `county` and `mcp` are names, empty when not known. A practice type counts once, however often it is
    stored.
    """

    population: str = ""
    practice_types: tuple[str, ...] = ()
    tribal: bool = False
    members: int = 0
    hpi_quartile: int | None = None
    county: str = ""
    mcp: str = ""

    def __post_init__(self) -> None:
        """Drop practice types that are given again."""
        if len(self.practice_types) > 1:
            once = tuple(dict.fromkeys(self.practice_types))
            object.__setattr__(self, "practice_types", once)

    def values_of(self, attribute: str) -> frozenset[str]:
        """The values an attribute of the rules has for this application, as text."""
        values = {
            "population": (self.population,),
            "practice_type": self.practice_types,
            "tribal": ("yes" if self.tribal else "no",),
            "hpi_quartile": () if self.hpi_quartile is None else (str(self.hpi_quartile),),
            "county": (self.county,),
            "mcp": (self.mcp,),
        }[attribute]
        return frozenset(values)


def matching_points(facts: Facts, points: Sequence[PriorityPoint]) -> list[PriorityPoint]:
    """The rules that apply to these facts, in the order of the definition."""
    return [rule for rule in points if rule.value in facts.values_of(rule.attribute)]


def priority_points(facts: Facts, points: Sequence[PriorityPoint]) -> int:
    """The sum of points of all rules that apply: each is counted once, and they add up."""
    return sum(rule.points for rule in matching_points(facts, points))


def possible_totals(points: Sequence[PriorityPoint], definition: ProgramDefinition) -> list[int]:
    """Every sum of points from population and tribal status, in ascending order.

    Other attributes are left out: they do not make a small set of totals.
    """
    populations = [choice.value for choice in definition.populations]
    totals = {
        priority_points(Facts(population=population, tribal=tribal), points)
        for population in populations
        for tribal in (False, True)
    }
    return sorted(totals)
