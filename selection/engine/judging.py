"""From scores to outcomes: exact arithmetic over whole points and cents; the order of rows has no say.

1. Adjusted score = MCP score + the points of every rule that applies.
2. Rank: by adjusted score, then by the keys of the tie-break, then by reference.
3. Who is pinned in is selected and paid first; who is pinned out is not selected.
4. Then, in rank order, everybody at or above the line is selected while the budget lasts. The first whose
   payment does not fit ends the list; it and all after it wait, however small their payments are.
5. Who is at most the margin below the line waits too. Who is not recommended is not selected.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from selection.engine.pool import Candidate, Pool
from selection.engine.rules import Rules
from selection.enums import Outcome, Reason

REASONS: tuple[Reason, ...] = (
    Reason.BELOW,
    Reason.NEAR,
    Reason.AT_OR_ABOVE,
    Reason.OVER_BUDGET,
    Reason.TIE_BREAK,
    Reason.NOT_RECOMMENDED,
    Reason.PINNED_OUT,
    Reason.PINNED_IN,
)
CODE = {reason: code for code, reason in enumerate(REASONS)}
OUTCOME_OF = {
    Reason.BELOW: Outcome.NOT_SELECTED,
    Reason.NEAR: Outcome.WAITLISTED,
    Reason.AT_OR_ABOVE: Outcome.SELECTED,
    Reason.OVER_BUDGET: Outcome.WAITLISTED,
    Reason.TIE_BREAK: Outcome.WAITLISTED,
    Reason.NOT_RECOMMENDED: Outcome.NOT_SELECTED,
    Reason.PINNED_OUT: Outcome.NOT_SELECTED,
    Reason.PINNED_IN: Outcome.SELECTED,
}


@dataclass(frozen=True)
class Verdict:
    """The three numbers of one application, its place in the rank (from 1), its outcome and why."""

    candidate: Candidate
    points: int
    adjusted: int
    outcome: str
    reason: str
    rank: int


@dataclass(frozen=True)
class Result:
    """What the rules make of a pool: arrays beside its candidates, and `order`, the rank as indices.

    `cost` is in dollars and counts the selected; `without_payment` those of them with no known amount.
    """

    pool: Pool
    rules: Rules
    points: np.ndarray = field(repr=False)
    adjusted: np.ndarray = field(repr=False)
    order: np.ndarray = field(repr=False)
    codes: np.ndarray = field(repr=False)

    @cached_property
    def is_in(self) -> np.ndarray:
        """Whether each candidate is selected."""
        return np.isin(self.codes, [CODE[Reason.AT_OR_ABOVE], CODE[Reason.PINNED_IN]])

    @cached_property
    def cost(self) -> Decimal:
        """The potential payments of the selected, in dollars."""
        return dollars_of(int(self.pool.cents[self.is_in].sum()))

    @property
    def without_payment(self) -> int:
        """How many of the selected have no known amount."""
        return int(self.pool.unknown[self.is_in].sum())

    @cached_property
    def reasons(self) -> Mapping[str, int]:
        """How many candidates have each reason."""
        found = np.bincount(self.codes, minlength=len(REASONS))
        return {reason: int(found[code]) for reason, code in CODE.items() if found[code]}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many candidates have each outcome."""
        counts: Counter[str] = Counter()
        for reason, number in self.reasons.items():
            counts[OUTCOME_OF[Reason(reason)]] += number
        return counts

    @cached_property
    def histogram(self) -> Mapping[int, int]:
        """How many candidates have each adjusted score."""
        scores, counts = np.unique(self.adjusted, return_counts=True)
        return dict(zip(scores.tolist(), counts.tolist(), strict=True))

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """Everybody in rank order."""
        return self.verdicts_at(range(len(self.pool)))

    @property
    def selected(self) -> list[Verdict]:
        """Who is in, in rank order."""
        return self.verdicts_at(np.flatnonzero(self.is_in[self.order]))

    def verdicts_at(self, places: Iterable[int]) -> list[Verdict]:
        """Return the verdicts at these places of the rank (from 0)."""
        return [self._verdict(int(place)) for place in places]

    def _verdict(self, place: int) -> Verdict:
        index = int(self.order[place])
        reason = REASONS[self.codes[index]]
        return Verdict(
            candidate=self.pool.candidates[index],
            points=int(self.points[index]),
            adjusted=int(self.adjusted[index]),
            outcome=OUTCOME_OF[reason],
            reason=reason,
            rank=place + 1,
        )


def evaluate(candidates: Sequence[Candidate], rules: Rules) -> Result:
    """Return what `rules` make of `candidates`."""
    return judge_pool(Pool.of(candidates), rules)


def judge(candidate: Candidate, rules: Rules) -> Verdict:
    """Return the verdict on one candidate as if nobody else applied and the budget were endless."""
    [verdict] = judge_pool(Pool.of([candidate]), replace(rules, budget=None)).verdicts
    return verdict


def judge_pool(pool: Pool, rules: Rules) -> Result:
    """Return what `rules` make of `pool`."""
    points = points_of(pool, rules)
    adjusted = pool.scores + points
    order = ranked(pool, adjusted, rules.order)
    codes = _codes(pool, adjusted, rules)
    _cut(codes, order, adjusted, pool, rules)
    return Result(pool, rules, points, adjusted, order, codes)


def points_of(pool: Pool, rules: Rules) -> np.ndarray:
    """Return the priority points of each candidate: each rule that applies counts once."""
    points = np.zeros(len(pool), dtype=np.int64)
    for rule in rules.points:
        points[pool.having(rule.attribute, rule.value)] += rule.points
    return points


def ranked(pool: Pool, adjusted: np.ndarray, keys: Sequence[str]) -> np.ndarray:
    """Return the candidates' indices, best first; the pool's own order is that of the references."""
    columns = {
        "hpi_quartile": pool.quartiles,
        "members": -pool.members,
        "mcp_score": -pool.scores,
        "payment": pool.cents,
        "tribal": ~pool.tribal,
        "reference": np.arange(len(pool)),
    }
    return np.lexsort([*(columns[key] for key in reversed(keys)), -adjusted])


def dollars_of(cents: int) -> Decimal:
    """Return cents as dollars with two decimals."""
    return Decimal(cents).scaleb(-2)


def _codes(pool: Pool, adjusted: np.ndarray, rules: Rules) -> np.ndarray:
    """Return each candidate's reason as if the budget were endless."""
    codes = np.full(len(pool), CODE[Reason.BELOW], dtype=np.int8)
    codes[adjusted >= rules.line - rules.waitlist_margin] = CODE[Reason.NEAR]
    codes[adjusted >= rules.line] = CODE[Reason.AT_OR_ABOVE]
    if rules.only_recommended:
        codes[~pool.recommended] = CODE[Reason.NOT_RECOMMENDED]
    for pin in rules.pins:
        if (place := pool.places.get(pin.reference)) is not None:
            codes[place] = CODE[Reason.PINNED_IN if pin.selected else Reason.PINNED_OUT]
    return codes


def _cut(
    codes: np.ndarray, order: np.ndarray, adjusted: np.ndarray, pool: Pool, rules: Rules
) -> None:
    """Let those wait whom the budget does not reach; among equals at the cut the tie-break decided."""
    if rules.budget is None:
        return
    pinned = int(pool.cents[codes == CODE[Reason.PINNED_IN]].sum())
    above = order[codes[order] == CODE[Reason.AT_OR_ABOVE]]
    spent = pinned + np.cumsum(pool.cents[above])
    fits = int(np.searchsorted(spent, int(rules.budget * 100), side="right"))
    cut = above[fits:]
    codes[cut] = CODE[Reason.OVER_BUDGET]
    if fits and len(cut):
        equal = cut[adjusted[cut] == adjusted[above[fits - 1]]]
        codes[equal] = CODE[Reason.TIE_BREAK]


def mix(verdicts: Iterable[Verdict], attribute: str) -> dict[str, int]:
    """Return how many of `verdicts` have each value of `attribute`; several values count in each."""
    counts: Counter[str] = Counter()
    for verdict in verdicts:
        counts.update(verdict.candidate.facts.values_of(attribute))
    return dict(counts)


def share(part: int, whole: int) -> float:
    """Return the percentage that `part` is of `whole`; 0 when there is nothing."""
    return 100 * part / whole if whole else 0.0
