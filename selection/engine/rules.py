"""What decides, as data: points, threshold, budget, tie-break, pins, targets. No database.

The published method of cohort 1: DHCS adds the same priority points to every application that meets a
criterion, then sets one threshold so that the list fits the budget. Tie-break, pins and the cut at the
budget are this portal's own additions; without them the rules are the published ones.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from programs.schema import PriorityPoint, SelectionRules

STORED = "As stored with the decisions."
TIE_BREAKS = ("hpi_quartile", "members", "mcp_score", "payment", "tribal", "reference")
LAST_TIE_BREAK = "reference"


@dataclass(frozen=True)
class Pin:
    """An application that is in or out whatever its score, and why."""

    reference: str
    selected: bool
    reason: str


@dataclass(frozen=True)
class Share:
    """The share (0 to 1) of the selected that should have a value: at least, at most, or both."""

    attribute: str
    value: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True)
class Rules:
    """What decides: points per criterion, threshold in points, whether it is inclusive, budget in dollars.

    `tie_break` orders applications with the same adjusted score: lower `hpi_quartile` first, more
    `members` first, higher `mcp_score` first, lower `payment` first, `tribal` first; `reference` always
    comes last, so that no two are equal. Without a `budget` nothing is cut.
    """

    points: tuple[PriorityPoint, ...]
    threshold: int
    budget: Decimal | None
    inclusive: bool = True
    only_recommended: bool = True
    waitlist_margin: int = 0
    tie_break: tuple[str, ...] = (LAST_TIE_BREAK,)
    pins: tuple[Pin, ...] = ()
    targets: tuple[Share, ...] = ()

    @property
    def line(self) -> int:
        """The lowest adjusted score that is in, in points."""
        return self.threshold if self.inclusive else self.threshold + 1

    @property
    def order(self) -> tuple[str, ...]:
        """The keys of the tie-break, the fixed one last."""
        chosen = tuple(key for key in self.tie_break if key != LAST_TIE_BREAK)
        return (*chosen, LAST_TIE_BREAK)

    def without_pins(self, references: Collection[str]) -> "Rules":
        """Return the rules without the pins of `references`."""
        return replace(
            self, pins=tuple(pin for pin in self.pins if pin.reference not in references)
        )

    @classmethod
    def from_definition(cls, rules: SelectionRules, budget: Decimal) -> "Rules":
        """Return the rules as the program publishes them."""
        return cls(
            points=tuple(rules.priority_points),
            threshold=rules.threshold,
            budget=budget,
            inclusive=rules.inclusive,
            only_recommended=rules.only_recommended,
            waitlist_margin=rules.waitlist_margin,
            targets=tuple(
                Share(target.attribute, target.value, target.minimum_share)
                for target in rules.targets
            ),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rules":
        """Return the rules that `as_json` was given; what older ones lack has its default."""
        points = tuple(
            PriorityPoint(**rule, purpose=STORED, source="C") for rule in stored["points"]
        )
        budget = stored["budget"]
        return cls(
            **{
                **stored,
                "points": points,
                "budget": None if budget is None else Decimal(budget),
                "tie_break": tuple(stored.get("tie_break", (LAST_TIE_BREAK,))),
                "pins": tuple(Pin(**pin) for pin in stored.get("pins", ())),
                "targets": tuple(_share(target) for target in stored.get("targets", ())),
            }
        )

    def as_json(self) -> dict[str, Any]:
        """Return the rules as stored with a run: plain values, dollars and shares as text."""
        plain = asdict(self)
        plain["budget"] = None if self.budget is None else str(self.budget)
        plain["points"] = [
            {"attribute": rule.attribute, "value": rule.value, "points": rule.points}
            for rule in self.points
        ]
        plain["targets"] = [
            {key: None if (v := getattr(target, key)) is None else str(v) for key in SHARE_KEYS}
            for target in self.targets
        ]
        plain["tie_break"], plain["pins"] = list(self.order), list(plain["pins"])
        return plain


SHARE_KEYS = ("attribute", "value", "minimum", "maximum")


def _share(stored: Mapping[str, Any]) -> Share:
    minimum, maximum = (
        None if stored[key] is None else Decimal(stored[key]) for key in ("minimum", "maximum")
    )
    return Share(stored["attribute"], stored["value"], minimum, maximum)
