"""From submitted sheets to the figures of the fairness pages. Numbers only, no database.

A third reader's sheet is written because two others differ, and it settles that difference. It is no
independent opinion, so it counts for how points are spread and for nothing that compares reviewers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scoring import rubric, statistics
from scoring.statistics import AllTheSame, Estimate, NotKnown, Severity, TooFew

ROUNDS = 250  # of the bootstrap, for each criterion
SEED = 20
TOTAL = ""  # the code that stands for the sum of all criteria


class Sheet(NamedTuple):
    """One submitted sheet: ids of application, plan and reviewer; points by criterion code.

    `official` is the application's confirmed MCP score, None while there is none.
    """

    application: int
    plan: int
    reviewer: int
    third: bool
    total: int
    official: int | None
    points: Mapping[str, int]


@dataclass(frozen=True)
class Refused:
    """A figure that is not given: `found` of `needed`; `needed` 0 means that every score is the same."""

    found: int = 0
    needed: int = 0


@dataclass(frozen=True)
class Agreement:
    """How far sheets on the same application agree, for one criterion or the total (code "").

    `difference` is the mean difference of two sheets in points, None without pairs. `counts` says how
    many sheets gave 0, 1, … points; it is empty for the total.
    """

    code: str
    alpha: Estimate | Refused
    icc: Estimate | Refused
    difference: float | None
    counts: list[int]


class Standing(NamedTuple):
    """An application's score (points) and rank (1 is the highest) as given, and adjusted."""

    application: int
    raw: int
    adjusted: float
    rank: int
    adjusted_rank: int

    @property
    def change(self) -> int:
        """Places gained (+) or lost (−) by the adjustment."""
        return self.rank - self.adjusted_rank


@dataclass(frozen=True)
class Same:
    """A reviewer who gave the same points everywhere: in total, and on how many criteria."""

    reviewer: int
    sheets: int
    total: bool
    criteria: int


@dataclass
class Report:
    """All figures of a plan, or of every plan (`plans` compares them).

    `reviewers` are compared within their own plan. `crossed` says for each plan id whether they were
    compared on applications that they share. `lonely` counts plans whose reviewers can't be compared.
    """

    sheets: int = 0
    third: int = 0
    applications: int = 0
    twice: int = 0
    total: Agreement | None = None
    criteria: list[Agreement] = field(default_factory=list)
    same: list[Same] = field(default_factory=list)
    reviewers: list[Severity] | Refused = field(default_factory=list)
    crossed: bool = False
    lonely: int = 0
    plans: list[Severity] | Refused = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)


def report(sheets: Sequence[Sheet], maxima: Mapping[str, int], *, all_plans: bool) -> Report:
    """Return the figures of `sheets`; `maxima` holds the most points by criterion code, in order.

    With `all_plans` applications are adjusted by their plan's severity, else by their reviewers'.
    """
    opinions = [sheet for sheet in sheets if not sheet.third]
    each = Counter(sheet.application for sheet in opinions)
    found = Report(
        sheets=len(sheets),
        third=len(sheets) - len(opinions),
        applications=len({sheet.application for sheet in sheets}),
        twice=sum(count > 1 for count in each.values()),
        same=same_everywhere(sheets, maxima),
    )
    found.total = _agreement(TOTAL, opinions, sheets, None, lambda sheet: sheet.total)
    for code, most in maxima.items():
        found.criteria.append(_agreement(code, opinions, sheets, most, _points_of(code)))
    found.reviewers, found.crossed, found.lonely = _reviewers(opinions)
    scores = official_scores(opinions)
    if all_plans:
        plan_of = {sheet.application: sheet.plan for sheet in opinions}
        found.plans = plan_severity([(pk, plan_of[pk], score) for pk, score in scores.items()])
        by_plan = severities(found.plans)
        shift = {pk: by_plan.get(plan_of[pk], 0.0) for pk in scores}
        known = not isinstance(found.plans, Refused)
    else:
        shift = _reviewers_shift(opinions, severities(found.reviewers))
        known = not isinstance(found.reviewers, Refused)
    found.standings = standings(scores, shift) if known else []
    return found


def official_scores(sheets: Iterable[Sheet]) -> dict[int, int]:
    """Return the score by application: the confirmed one, else the mean of its sheets half up."""
    totals: dict[int, list[int]] = defaultdict(list)
    official: dict[int, int] = {}
    for sheet in sheets:
        totals[sheet.application].append(sheet.total)
        if sheet.official is not None:
            official[sheet.application] = sheet.official
    return {pk: official.get(pk, rubric.official_score(given)) for pk, given in totals.items()}


def plan_severity(rows: Sequence[tuple[int, int, int]]) -> list[Severity] | Refused:
    """Return how each plan scores against all plans, from (application, plan, score) rows.

    Every application is scored by one plan, so a plan's own mean is compared with everybody's, and
    nothing tells a strict plan from one with weaker applications.
    """
    if not rows:
        return Refused(0, 2)
    units, plans, scores = zip(*rows, strict=True)
    return _severity(units, plans, scores)


def severities(found: list[Severity] | Refused) -> dict[Hashable, float]:
    """Return the adjusted severity in points by rater; empty when it was refused."""
    return {} if isinstance(found, Refused) else {one.rater: one.adjusted for one in found}


def standings(scores: Mapping[int, int], shift: Mapping[int, float]) -> list[Standing]:
    """Return every application with its score and rank, as given and less its `shift`; best first."""
    keys = list(scores)
    raw = [scores[pk] for pk in keys]
    adjusted = [round(scores[pk] - shift.get(pk, 0.0), 1) for pk in keys]
    rows = map(Standing, keys, raw, adjusted, statistics.ranks(raw), statistics.ranks(adjusted))
    return sorted(rows, key=lambda row: (row.rank, row.application))


def same_everywhere(sheets: Sequence[Sheet], maxima: Mapping[str, int]) -> list[Same]:
    """Return who gave every application the same total, or the same points on half the criteria."""
    number = Counter(sheet.reviewer for sheet in sheets)
    names = [sheet.reviewer for sheet in sheets]
    totals = set(statistics.same_everywhere(names, [sheet.total for sheet in sheets]))
    criteria: Counter = Counter()
    for code in maxima:
        scored = [sheet for sheet in sheets if code in sheet.points]
        criteria.update(
            statistics.same_everywhere(
                [sheet.reviewer for sheet in scored], [sheet.points[code] for sheet in scored]
            )
        )
    half = len(maxima) / 2
    found = {pk for pk, count in criteria.items() if count >= half} | totals
    return [Same(pk, number[pk], pk in totals, criteria[pk]) for pk in number if pk in found]


def _agreement(
    code: str,
    opinions: Sequence[Sheet],
    sheets: Sequence[Sheet],
    most: int | None,
    value_of: Callable[[Sheet], int | None],
) -> Agreement:
    given = [(sheet.application, value_of(sheet)) for sheet in opinions]
    units = [unit for unit, value in given if value is not None]
    points = [value for _unit, value in given if value is not None]
    try:
        difference: float | None = statistics.mean_difference(units, points)
    except TooFew:
        difference = None
    every = [value for sheet in sheets if (value := value_of(sheet)) is not None]
    return Agreement(
        code,
        alpha=_or_refused(
            lambda: statistics.ordinal_alpha(units, points, seed=SEED, rounds=ROUNDS)
        ),
        icc=_or_refused(lambda: statistics.icc1(units, points)),
        difference=difference,
        counts=[] if most is None else statistics.distribution(every, most),
    )


def _points_of(code: str) -> Callable[[Sheet], int | None]:
    return lambda sheet: sheet.points.get(code)


def _or_refused(figure: Callable[[], Estimate]) -> Estimate | Refused:
    try:
        return figure()
    except TooFew as error:
        return Refused(error.found, error.needed)
    except AllTheSame:
        return Refused()


def _severity(units: Sequence, raters: Sequence, points: Sequence) -> list[Severity] | Refused:
    try:
        found = statistics.severity(units, raters, points)
    except TooFew as error:
        return Refused(error.found, error.needed)
    except NotKnown:
        return Refused()
    return sorted(found, key=lambda one: one.adjusted)


def _reviewers(opinions: Sequence[Sheet]) -> tuple[list[Severity] | Refused, bool, int]:
    """Return the severity of reviewers within their plans, mildest last; see `Report`."""
    plans: dict[int, list[Sheet]] = defaultdict(list)
    for sheet in opinions:
        plans[sheet.plan].append(sheet)
    found: list[Severity] = []
    best, lonely, crossed = Refused(0, 2), 0, True
    for sheets in plans.values():
        units = [sheet.application for sheet in sheets]
        raters = [sheet.reviewer for sheet in sheets]
        one = _severity(units, raters, [sheet.total for sheet in sheets])
        if isinstance(one, Refused):
            lonely += 1
            best = max(best, one, key=lambda refused: refused.found)
        else:
            found += one
            crossed = crossed and statistics.is_crossed(units, raters)
    if not found:
        return best, False, lonely
    return sorted(found, key=lambda one: one.adjusted), crossed, lonely


def _reviewers_shift(
    opinions: Sequence[Sheet], severity: Mapping[Hashable, float]
) -> dict[int, float]:
    """Return the mean severity in points of the reviewers of each application."""
    shifts: dict[int, list[float]] = defaultdict(list)
    for sheet in opinions:
        shifts[sheet.application].append(severity.get(sheet.reviewer, 0.0))
    return {pk: sum(each) / len(each) for pk, each in shifts.items()}
