"""The automatic assignment beside a plain round-robin that ignores everything: seconds, spread, faults."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from scoring.balancing import Pool, balance

EACH = 3
CASES = ((719, 25, 2.0), (10_000, 300, 30.0))  # applications, reviewers, seconds at most
WIDEST = 1
SEED = 1
CONFLICTS, AWAY, STANDING = 0.03, 0.04, 4  # shares of pairs and people; most reviews that stand


@dataclass(frozen=True)
class Assigned:
    """One way of giving `n` × `each` reviews to `reviewers`.

    `spread` is the largest load less the smallest, of those who are there. `hard_violations` counts
    reviews against a conflict, an absence or a limit. `preferred` is the share of reviews that match.
    """

    name: str
    way: str
    n: int
    each: int
    reviewers: int
    seconds: float
    spread: int
    hard_violations: int
    preferred: float

    def as_json(self) -> str:
        """Return the line as one JSON object."""
        return json.dumps(asdict(self))

    def verdicts(self, most_seconds: float) -> list[tuple[bool, str]]:
        """Return (reached, sentence) for time, spread and violations."""
        what = f"{self.name} of {self.n:,} × {self.each} to {self.reviewers} ({self.way})"
        return [
            (
                self.seconds <= most_seconds,
                f"{what}: {self.seconds:g} s, target {most_seconds:g} s",
            ),
            (self.spread <= WIDEST, f"{what}: spread {self.spread}, target {WIDEST}"),
            (
                self.hard_violations == 0,
                f"{what}: {self.hard_violations} hard violations, target 0",
            ),
        ]


def a_pool(applications: int, reviewers: int) -> Pool:
    """Return a pool as a plan has it: some conflicts, some people away, loads and limits, preferences.

    Nobody's limit is so low that the loads could not be even.
    """
    rng = np.random.default_rng(SEED)
    shape = (applications, reviewers)
    load = rng.integers(0, STANDING + 1, reviewers)
    there = rng.random(reviewers) >= AWAY
    limit = 2 * applications * EACH // reviewers + STANDING
    near = rng.integers(0, 58, applications)[:, None] == rng.integers(0, 58, reviewers)[None, :]
    known = rng.random(shape) < 0.3
    return Pool(
        allowed=rng.random(shape) >= CONFLICTS,
        need=np.full(applications, EACH),
        load=load,
        room=np.where(there, limit - load, 0),
        preference=2 * near.astype(np.int8) + known.astype(np.int8),
    )


def round_robin(pool: Pool) -> np.ndarray:
    """Return the pairs of a plain round-robin: the next three people, whoever they are."""
    chosen = np.zeros(pool.allowed.shape, bool)
    people = pool.allowed.shape[1]
    for row, need in enumerate(pool.need.tolist()):
        chosen[row, (row * need + np.arange(need)) % people] = True
    return chosen


def measured() -> Iterator[tuple[Assigned, float | None]]:
    """Yield every line, with the seconds that it may take (None: it has no targets)."""
    for applications, reviewers, most in CASES:
        pool = a_pool(applications, reviewers)
        yield _line("ours", pool, lambda pool: balance(pool).chosen), most
        yield _line("round-robin", pool, round_robin), None


def _line(way: str, pool: Pool, assign: Callable[[Pool], np.ndarray]) -> Assigned:
    started = time.perf_counter()
    chosen = assign(pool)
    seconds = time.perf_counter() - started
    given = chosen.sum(axis=0)
    loads = (pool.load + given)[pool.room > 0]
    over = np.maximum(given - pool.room, 0).sum()
    return Assigned(
        name="assignment",
        way=way,
        n=len(pool.need),
        each=EACH,
        reviewers=len(pool.load),
        seconds=round(seconds, 3),
        spread=int(loads.max() - loads.min()),
        hard_violations=int((chosen & ~pool.allowed).sum() + over),
        preferred=round(float((pool.preference > 0)[chosen].mean()), 3),
    )
