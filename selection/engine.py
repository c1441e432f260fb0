"""From scores to outcomes: pure arithmetic over numbers, no database, no order of rows.

The published method of cohort 1: DHCS adds the same priority points to every application that meets a
criterion, then sets one threshold so that the list fits the budget.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from programs.priority import Facts, priority_points
from programs.schema import PriorityPoint, SelectionRules
from selection.enums import Outcome, Reason

ZERO = Decimal("0.00")
STORED = "As stored with the decisions."


@dataclass(frozen=True)
class Rules:
    """What decides: points per criterion, threshold in points, whether it is inclusive, budget in dollars."""

    points: tuple[PriorityPoint, ...]
    threshold: int
    budget: Decimal
    inclusive: bool = True
    only_recommended: bool = True
    waitlist_margin: int = 0

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
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rules":
        """Return the rules that `as_json` was given."""
        points = tuple(
            PriorityPoint(**rule, purpose=STORED, source="C") for rule in stored["points"]
        )
        return cls(**{**stored, "points": points, "budget": Decimal(stored["budget"])})

    def as_json(self) -> dict[str, Any]:
        """Return the rules as stored with a run."""
        plain = asdict(self) | {"budget": str(self.budget)}
        plain["points"] = [
            {"attribute": rule.attribute, "value": rule.value, "points": rule.points}
            for rule in self.points
        ]
        return plain


@dataclass(frozen=True)
class Candidate:
    """One application as the selection sees it. `payment` is the potential payment in dollars."""

    pk: int
    reference: str
    practice: str
    facts: Facts
    mcp_score: int
    recommended: bool
    payment: Decimal | None


@dataclass(frozen=True)
class Verdict:
    """The three numbers of one application, its outcome and why."""

    candidate: Candidate
    points: int
    adjusted: int
    outcome: str
    reason: str


@dataclass
class Result:
    """Verdicts by outcome, the cost in dollars of who is selected, and the make-up of that list."""

    verdicts: list[Verdict]
    counts: Mapping[str, int]
    cost: Decimal
    without_payment: int
    histogram: Mapping[int, int] = field(default_factory=dict)

    @property
    def selected(self) -> list[Verdict]:
        """Who is in."""
        return [v for v in self.verdicts if v.outcome == Outcome.SELECTED]


def evaluate(candidates: Iterable[Candidate], rules: Rules) -> Result:
    """Return the outcome of every candidate, highest adjusted score first, ties by reference."""
    verdicts = sorted(
        (judge(candidate, rules) for candidate in candidates),
        key=lambda verdict: (-verdict.adjusted, verdict.candidate.reference),
    )
    selected = [v.candidate for v in verdicts if v.outcome == Outcome.SELECTED]
    return Result(
        verdicts=verdicts,
        counts=Counter(v.outcome for v in verdicts),
        cost=sum((c.payment for c in selected if c.payment is not None), ZERO),
        without_payment=sum(c.payment is None for c in selected),
        histogram=Counter(v.adjusted for v in verdicts),
    )


def judge(candidate: Candidate, rules: Rules) -> Verdict:
    """Return the verdict on one candidate; no other candidate has a say in it."""
    points = priority_points(candidate.facts, rules.points)
    adjusted = candidate.mcp_score + points
    outcome, reason = _outcome(adjusted, candidate.recommended, rules)
    return Verdict(candidate, points, adjusted, outcome, reason)


def mix(verdicts: Sequence[Verdict], attribute: str) -> dict[str, int]:
    """Return how many of `verdicts` have each value of `attribute`; several values count in each."""
    counts: Counter[str] = Counter()
    for verdict in verdicts:
        counts.update(verdict.candidate.facts.values_of(attribute))
    return dict(counts)


def share(part: int, whole: int) -> float:
    """Return the percentage that `part` is of `whole`; 0 when there is nothing."""
    return 100 * part / whole if whole else 0.0


def _outcome(adjusted: int, recommended: bool, rules: Rules) -> tuple[str, str]:
    if rules.only_recommended and not recommended:
        return Outcome.NOT_SELECTED, Reason.NOT_RECOMMENDED
    line = rules.threshold if rules.inclusive else rules.threshold + 1
    if adjusted >= line:
        return Outcome.SELECTED, Reason.AT_OR_ABOVE
    if adjusted >= line - rules.waitlist_margin:
        return Outcome.WAITLISTED, Reason.NEAR
    return Outcome.NOT_SELECTED, Reason.BELOW
