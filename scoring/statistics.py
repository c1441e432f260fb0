"""Whether scoring is fair, in numbers. Pure functions over numbers; nothing is decided by them.

A score is a triple: the unit that was scored (an application), who scored it (a rater: a reviewer, or
a plan) and the points. Every function takes them as three equal-length sequences.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

ENOUGH_UNITS = 10
ENOUGH_SCORES = 5
ROUNDS = 1000
SWEEPS = 5000
CLOSE = 1e-9
FEW_VALUES = 8
AT_ONCE = 1_000_000  # pairs of scores, of all samples that are worked out together


class NotKnown(Exception):
    """The scores say nothing about this figure."""


class AllTheSame(NotKnown):
    """Every score is the same, so agreement can't be told from chance."""


class TooFew(NotKnown):
    """The sample is too small to say anything; `found` of `needed`."""

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(f"{found} of {needed}")
        self.found, self.needed = found, needed


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval (None where none can be given) and the units it rests on."""

    value: float
    low: float | None
    high: float | None
    units: int


@dataclass(frozen=True)
class Severity:
    """How much lower (−) or higher (+) a rater scores than the others would, in points.

    `raw` is the plain difference; `adjusted` is drawn towards 0 where it rests on few scores.
    """

    rater: Hashable
    scores: int
    raw: float
    adjusted: float


def ordinal_alpha(
    units: Sequence[Hashable], points: Sequence[int], *, seed: int = 0, rounds: int = ROUNDS
) -> Estimate:
    """Return Krippendorff's alpha for ordinal data with a bootstrap interval over units.

    1 is full agreement, 0 is what chance would give. Units with one score don't count. The interval
    takes the 2.5 and 97.5 percentiles of `rounds` samples of whole units, drawn with replacement; samples
    without any variation say nothing and are left out. The same `seed` gives the same interval. Raises
    TooFew below 10 units with two scores or more, AllTheSame when those scores don't differ at all.
    Source: K. Krippendorff, "Content Analysis", 3rd ed. 2013, chapter 12 (coincidences, ordinal
    difference function).
    """
    known, index = np.unique(np.asarray(points, int), return_inverse=True)
    blocks = _blocks(units, index)
    table = _count(blocks)
    if table < ENOUGH_UNITS:
        raise TooFew(table, ENOUGH_UNITS)
    held, pairs = _held(blocks, len(known)), _pairs(blocks)
    value = float(_alphas(np.ones((1, table)), held, pairs)[0])
    if np.isnan(value):
        raise AllTheSame
    samples = _samples(seed, rounds, table)
    step = max(1, AT_ONCE // len(pairs.owner))
    parts = [
        _alphas(samples[at : at + step].astype(float), held, pairs) for at in range(0, rounds, step)
    ]
    found = np.concatenate(parts or [np.empty(0)])
    found = found[~np.isnan(found)]
    if not len(found):
        return Estimate(value, None, None, table)
    low, high = np.percentile(found, (2.5, 97.5))
    return Estimate(value, float(low), float(high), table)


@lru_cache(maxsize=2)
def _samples(seed: int, rounds: int, table: int) -> np.ndarray:
    """Return how often each of `table` units is drawn, a row a round; one figure draws like the next.

    Each row counts `table` draws of `np.random.default_rng(seed)`, row after row.
    """
    draws = np.random.default_rng(seed).integers(0, table, (rounds, table))
    draws += np.arange(rounds)[:, None] * table
    times = np.bincount(draws.ravel(), minlength=rounds * table)
    return times.reshape(rounds, table).astype(np.int16)


class _Pairs(NamedTuple):
    """Every two scores of one unit: the unit, both values (numbered), the weight 2/(m−1)."""

    owner: np.ndarray
    first: np.ndarray
    second: np.ndarray
    weight: np.ndarray


def _pairs(blocks: list[np.ndarray]) -> _Pairs:
    parts, known = [], 0
    for block in blocks:
        count, size = block.shape
        one, other = np.triu_indices(size, 1)
        owner = np.repeat(np.arange(known, known + count), len(one))
        weight = np.full(len(owner), 2 / (size - 1))
        parts.append((owner, block[:, one].ravel(), block[:, other].ravel(), weight))
        known += count
    return _Pairs(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _held(blocks: list[np.ndarray], values: int) -> np.ndarray:
    """Return how often each unit holds each value: a row a unit."""
    parts = []
    for block in blocks:
        cells = block + np.arange(len(block))[:, None] * values
        held = np.bincount(cells.ravel(), minlength=len(block) * values)
        parts.append(held.reshape(len(block), values))
    return np.concatenate(parts).astype(float)


def _alphas(times: np.ndarray, held: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """Return 1 − observed / expected disagreement of each sample, a row of `times` that each unit counts.

    It is not a number where everybody gave the same points. A score is in m−1 pairs of weight 1/(m−1),
    so the margins of the coincidences are plain counts; the squared differences of all pairs of scores
    add up to 2·N times the squared distances from the mean.
    """
    margin = times @ held
    total = margin.sum(axis=1)
    below = np.cumsum(margin, axis=1) - margin / 2
    observed = _observed(times, below, pairs)
    middle = (margin * below).sum(axis=1)
    around = (margin * (below - (middle / total)[:, None]) ** 2).sum(axis=1)
    expected = 2 * total * around / (total - 1)
    varied = np.count_nonzero(margin, axis=1) > 1
    return np.where(varied, 1 - observed / np.where(varied, expected, 1), np.nan)


def _observed(times: np.ndarray, below: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """Return the sum of the squared differences (of `below`) of all pairs, for each sample.

    Few values: first count each two values' pairs, which is one product of matrices. Many: pair by pair.
    """
    samples, values = below.shape
    if values > FEW_VALUES:
        apart = (below[:, pairs.first] - below[:, pairs.second]) ** 2
        return np.einsum("rp,rp,p->r", apart, times[:, pairs.owner], pairs.weight)
    cells, units = values * values, times.shape[1]
    place = pairs.owner * cells + pairs.first * values + pairs.second
    of_unit = np.bincount(place, pairs.weight, minlength=units * cells).reshape(units, cells)
    apart = (below[:, :, None] - below[:, None, :]) ** 2
    return ((times @ of_unit) * apart.reshape(samples, cells)).sum(axis=1)


def icc1(units: Sequence[Hashable], points: Sequence[float]) -> Estimate:
    """Return ICC(1), the share of the variance that is between units, with a 95 % interval.

    The interval is Fisher's approximation: his z of the intraclass correlation taken as normal, with the
    mean group size for unequal groups. It differs from the exact one of the F distribution by a few
    hundredths at 10 units, less above. Units with one score don't count. Raises TooFew below 10 units
    with two scores or more, AllTheSame when no score differs. Source: P. Shrout and J. Fleiss,
    "Intraclass correlations", Psychological Bulletin 86, 1979 (case 1); mean group size n₀ by S. Searle,
    G. Casella, C. McCulloch, "Variance Components", 1992, § 3.6.
    """
    blocks = _blocks(units, np.asarray(points, float))
    count = _count(blocks)
    if count < ENOUGH_UNITS:
        raise TooFew(count, ENOUGH_UNITS)
    sizes = np.concatenate([np.full(len(block), block.shape[1], float) for block in blocks])
    means = np.concatenate([block.mean(axis=1) for block in blocks])
    many = sizes.sum()
    between = (sizes * (means - (sizes * means).sum() / many) ** 2).sum() / (count - 1)
    apart = sum(((block - block.mean(axis=1)[:, None]) ** 2).sum() for block in blocks)
    within = apart / (many - count)
    size = (many - (sizes**2).sum() / many) / (count - 1)
    if between + (size - 1) * within == 0:
        raise AllTheSame
    value = (between - within) / (between + (size - 1) * within)
    low, high = _icc_interval(value, size, count)
    return Estimate(float(value), low, high, count)


def _icc_interval(value: float, size: float, count: int) -> tuple[float, float]:
    """Return the interval by Fisher's transformation (R. Fisher, "Statistical Methods", 1925, § 39)."""
    inside = np.clip((1 + (size - 1) * value) / max(1 - value, CLOSE), CLOSE, None)
    middle, spread = 0.5 * np.log(inside), np.sqrt(size / (2 * (size - 1) * max(count - 2, 1)))
    ends = np.exp(2 * (middle + np.array([-1.96, 1.96]) * spread))
    low, high = (ends - 1) / (ends + size - 1)
    return float(low), float(high)


def mean_difference(units: Sequence[Hashable], points: Sequence[float]) -> float:
    """Return the mean of |a − b| in points over all pairs of scores of one unit; each unit counts once.

    Raises TooFew when no unit has two scores.
    """
    blocks = _blocks(units, np.asarray(points, float))
    if not blocks:
        raise TooFew(0, 1)
    each = []
    for block in blocks:
        first, second = np.triu_indices(block.shape[1], 1)
        each.append(np.abs(block[:, first] - block[:, second]).mean(axis=1))
    return float(np.concatenate(each).mean())


def severity(
    units: Sequence[Hashable], raters: Sequence[Hashable], points: Sequence[float]
) -> list[Severity]:
    """Return how severe or mild each rater is, ordered by rater as first seen.

    Where units have several scores, raters are compared on the units they share (additive model: unit
    plus rater, least squares); else on all their scores against the mean of everybody. The adjusted
    figure is the shrunken mean residual: raw × n / (n + error variance / rater variance). Raters who
    share no unit, not even through others, are each compared within their own group, whose mean is 0;
    raters with fewer than 5 scores that count are left out. Raises TooFew below 2 raters with 5.
    Source: S. Searle, G. Casella, C. McCulloch, "Variance
    Components", 1992, § 3.4 (best linear unbiased prediction in the one-way model).
    """
    names, rater = _numbered(raters)
    _names, unit = _numbered(units)
    score = np.asarray(points, float)
    several = np.bincount(unit)[unit] > 1
    crossed = is_crossed(units, raters)
    if crossed:
        rater, unit, score = rater[several], unit[several], score[several]
    number = np.bincount(rater, minlength=len(names))
    if (number >= ENOUGH_SCORES).sum() < 2:
        raise TooFew(int((number >= ENOUGH_SCORES).sum()), 2)
    raw, residual = _effects(unit, rater, score, number, crossed=crossed)
    shrink = _shrinkage(raw, number, residual, lost=len(np.unique(unit)) if crossed else 1)
    return [
        Severity(name, int(n), float(effect), float(effect * factor))
        for name, n, effect, factor in zip(names, number, raw, shrink, strict=True)
        if n >= ENOUGH_SCORES
    ]


def is_crossed(units: Sequence[Hashable], raters: Sequence[Hashable]) -> bool:
    """Return whether at least two raters have 5 scores on units that somebody else scored too."""
    names, rater = _numbered(raters)
    _names, unit = _numbered(units)
    several = np.bincount(unit)[unit] > 1
    shared = np.bincount(rater, several, minlength=len(names))
    return bool((shared >= ENOUGH_SCORES).sum() >= 2)


def _effects(
    unit: np.ndarray, rater: np.ndarray, score: np.ndarray, number: np.ndarray, *, crossed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the raters' effects (weighted mean 0) and the residuals, by alternating means.

    The sweeps converge to the least squares of unit + rater; loosely linked raters need the most.
    """
    effect = np.zeros(len(number))
    size = np.bincount(unit)
    level = np.full(len(size), score.mean())
    for _sweep in range(SWEEPS):
        before = effect
        if crossed:
            total = np.bincount(unit, score - effect[rater], minlength=len(size))
            level = total / np.maximum(size, 1)
        total = np.bincount(rater, score - level[unit], minlength=len(number))
        effect = total / np.maximum(number, 1)
        effect = effect - (effect * number).sum() / number.sum()
        if np.abs(effect - before).max() < CLOSE:
            break
    return effect, score - level[unit] - effect[rater]


def _shrinkage(
    raw: np.ndarray, number: np.ndarray, residual: np.ndarray, *, lost: int
) -> np.ndarray:
    """Return the factor 0 to 1 for each rater: its variance over itself plus the error of its mean."""
    known = number > 0
    freedom = max(len(residual) - lost - known.sum() + 1, 1)
    error = (residual**2).sum() / freedom
    centred = max(int(known.sum()) - 1, 1)  # the effects have the mean 0
    between = max((raw[known] ** 2).sum() / centred - (error / number[known]).mean(), 0.0)
    if between + error == 0:
        return np.zeros(len(raw))
    return between / (between + error / np.maximum(number, 1))


def same_everywhere(raters: Sequence[Hashable], points: Sequence[float]) -> list[Hashable]:
    """Return the raters with at least 5 scores who gave every one of them the same points."""
    names, rater = _numbered(raters)
    score = np.asarray(points, float)
    found = []
    for number, name in enumerate(names):
        own = score[rater == number]
        if len(own) >= ENOUGH_SCORES and np.ptp(own) == 0:
            found.append(name)
    return found


def distribution(points: Sequence[int], highest: int) -> list[int]:
    """Return how many scores gave 0, 1, … `highest` points."""
    return np.bincount(np.asarray(points, int), minlength=highest + 1).tolist()


def ranks(values: Sequence[float]) -> list[int]:
    """Return the rank of each value, 1 for the highest; equal values share the better rank."""
    ordered = sorted(values, reverse=True)
    first = {value: place for place, value in reversed(list(enumerate(ordered, start=1)))}
    return [first[value] for value in values]


def _numbered(names: Sequence[Hashable]) -> tuple[list[Hashable], np.ndarray]:
    """Return the different names in the order of their appearance, and each name's number."""
    known: dict[Hashable, int] = {}
    numbers = np.array([known.setdefault(name, len(known)) for name in names], int)
    return list(known), numbers


def _blocks(units: Sequence[Hashable], values: np.ndarray) -> list[np.ndarray]:
    """Return the values of units with several: a matrix for each number of values, a row a unit."""
    _names, unit = _numbered(units)
    size = np.bincount(unit)
    start = np.cumsum(size) - size
    ordered = values[np.argsort(unit, kind="stable")]
    several = [many for many in np.unique(size) if many > 1]
    return [ordered[start[size == many][:, None] + np.arange(many)] for many in several]


def _count(blocks: list[np.ndarray]) -> int:
    return sum(len(block) for block in blocks)
