"""What each synthetic application is to become: fixed before a single row is made.

Source of the quotas: the published result of cohort 1 (719 applied, 211 selected at 77 points). Other
numbers of applications get the same proportions. Pure: random numbers come from the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from programs.priority import Facts, priority_points
from programs.schema import PriorityPoint, SelectionRules

APPLIED, SELECTED = 719, 211
POPULATIONS = {
    "pregnant": 11,
    "children_youth": 86,
    "adults_preventive": 39,
    "adults_chronic": 61,
    "behavioral_health": 14,
}
TYPES = {"small_independent": 108, "fqhc": 88, "large_system": 9, "tribal_program": 11}
IN_LOW_QUARTILES = 175
NOT_RECOMMENDED = 108
NOT_RECOMMENDED_ABOVE_LINE = 3
BELOW_LINE_BY = {1: 6, 2: 4, 3: 3}
AT_LINE = {"children_youth": 12, "pregnant": 4}

POOL_POPULATIONS = {
    "pregnant": 3,
    "children_youth": 30,
    "adults_preventive": 24,
    "adults_chronic": 33,
    "behavioral_health": 10,
}
POOL_TYPES = {"small_independent": 60, "fqhc": 30, "large_system": 7, "tribal_program": 3}
POOL_QUARTILES: dict[int | None, int] = {1: 25, 2: 25, 3: 25, 4: 19, None: 6}
TRIBAL = "tribal_program"
MOST_POINTS = 90
LEAST_POINTS = 12


@dataclass
class Target:
    """One application to make. Scores are points; `quartile` is the lowest among its sites.

    `below_line_by` is the distance to the threshold of those that miss it by 1 to 3 points, else 0;
    `members` counts all assigned members and is filled in later.
    """

    population: str
    types: tuple[str, ...]
    quartile: int | None
    mcp_score: int = 0
    priority: int = 0
    recommended: bool = True
    selected: bool = False
    below_line_by: int = 0
    members: int = 0

    @property
    def tribal(self) -> bool:
        """Whether the practice is a tribal health program."""
        return TRIBAL in self.types


def plan_targets(count: int, rules: SelectionRules, rng: Random) -> list[Target]:
    """Return `count` targets in the order in which they apply."""
    winners = _selected(_scaled(SELECTED, count), count, rules, rng)
    near = [
        _near(below, rules, rng)
        for below, number in BELOW_LINE_BY.items()
        for _ in range(_scaled(number, count))
    ]
    room = count - len(winners) - len(near)
    refused = _refused(min(_scaled(NOT_RECOMMENDED, count), room), count, rules, rng)
    rest = [_below(rules, rng) for _ in range(room - len(refused))]
    targets = [*winners, *near, *refused, *rest]
    rng.shuffle(targets)
    return targets


def apportion(weights: Mapping[str, int], total: int) -> dict[str, int]:
    """Divide `total` in the proportions of `weights`, by largest remainder: the parts add up."""
    whole = sum(weights.values())
    parts = {key: total * weight // whole for key, weight in weights.items()}
    remainders = sorted(weights, key=lambda key: (-(total * weights[key] % whole), key))
    for key in remainders[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def _scaled(number: int, count: int, of: int = APPLIED) -> int:
    """Scale a published number to `count`, half up."""
    return (2 * number * count + of) // (2 * of)


def _selected(number: int, count: int, rules: SelectionRules, rng: Random) -> list[Target]:
    people = [p for p, n in apportion(POPULATIONS, number).items() for _ in range(n)]
    types = _types(number)
    low = _scaled(IN_LOW_QUARTILES, number, SELECTED)
    quartiles: list[int | None] = [1 if rng.random() < 0.55 else 2 for _ in range(low)]
    quartiles += rng.choices((3, 4, None), (60, 30, 10), k=number - low)
    rng.shuffle(types)
    rng.shuffle(quartiles)
    targets = []
    at_line = {key: -(-wanted * count // APPLIED) for key, wanted in AT_LINE.items()}
    for population, kinds, quartile in zip(people, types, quartiles, strict=True):
        target = Target(population, kinds, quartile, selected=True)
        _price(target, rules.priority_points)
        at_line[population] = at_line.get(population, 0) - 1
        highest = MOST_POINTS + target.priority
        lowest = rules.threshold + (population in AT_LINE)
        drawn = int(rng.triangular(lowest, highest + 0.99, lowest + (highest - lowest) * 0.2))
        adjusted = rules.threshold if at_line[population] >= 0 else min(drawn, highest)
        target.mcp_score = adjusted - target.priority
        targets.append(target)
    return targets


def _types(number: int) -> list[tuple[str, ...]]:
    """Return the practice types of the selected: the published shares add up to 102 percent."""
    small, fqhc, large, tribal = (_scaled(n, number, SELECTED) for n in TYPES.values())
    large = min(large, number - small)
    tribal = min(tribal, number - small - large)
    alone = number - small - large - tribal
    both = min(max(fqhc - alone, 0), large + tribal)
    kinds = [TRIBAL] * tribal + ["large_system"] * large
    rows: list[tuple[str, ...]] = [
        ("fqhc", kind) if index < both else (kind,) for index, kind in enumerate(kinds)
    ]
    return [*rows, *[("small_independent",)] * small, *[("fqhc",)] * alone]


def _near(below: int, rules: SelectionRules, rng: Random) -> Target:
    target = _from_pool(rules, rng)
    target.below_line_by = below
    target.mcp_score = min(rules.threshold - below - target.priority, MOST_POINTS)
    return target


def _refused(number: int, count: int, rules: SelectionRules, rng: Random) -> list[Target]:
    """Return those that the plan does not recommend; a few of them would be above the line."""
    targets = []
    above = _scaled(NOT_RECOMMENDED_ABOVE_LINE, count)
    for index in range(number):
        target = _from_pool(rules, rng)
        target.recommended = False
        score = int(rng.gauss(44, 10))
        if index < above:
            score = rules.threshold + rng.randint(1, 6) - target.priority
        target.mcp_score = min(max(score, LEAST_POINTS), MOST_POINTS)
        targets.append(target)
    return targets


def _below(rules: SelectionRules, rng: Random) -> Target:
    target = _from_pool(rules, rng)
    highest = rules.threshold - max(BELOW_LINE_BY) - 1 - target.priority
    drawn = int(rng.gauss(64, 8)) - target.priority
    target.mcp_score = min(max(drawn, LEAST_POINTS), highest)
    return target


def _from_pool(rules: SelectionRules, rng: Random) -> Target:
    kind = _draw(POOL_TYPES, rng)
    also = rng.random() < 0.3 and kind in (TRIBAL, "large_system")
    target = Target(
        population=_draw(POOL_POPULATIONS, rng),
        types=("fqhc", kind) if also else (kind,),
        quartile=_draw(POOL_QUARTILES, rng),
    )
    _price(target, rules.priority_points)
    return target


def _price(target: Target, points: Sequence[PriorityPoint]) -> None:
    facts = Facts(population=target.population, practice_types=target.types, tribal=target.tribal)
    target.priority = priority_points(facts, points)


def _draw(weights: Mapping, rng: Random):
    return rng.choices(list(weights), list(weights.values()))[0]
