"""Sealing and verifying decision records of up to 10,000: seconds and bytes, without a database."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from core.canonical import canonical_json
from programs.packaged import packaged_definition
from programs.payment import potential_payment
from programs.priority import Facts
from selection.engine import Candidate, Pool, Result, Rules, judge_pool
from selection.record import verifier
from selection.record.document import Heading, document
from selection.record.redacting import numbers_for, redacted

CASES = ((719, 1.0), (10_000, 5.0))  # applications, seconds at most
SEED = 1
COUNTIES = ("Alameda", "Fresno", "Kern", "Los Angeles", "Sacramento")


@dataclass(frozen=True)
class Verified:
    """One record of `n` applications: seconds to write both copies and to verify one, bytes of it."""

    name: str
    n: int
    seal_seconds: float
    verify_seconds: float
    bytes: int

    def as_json(self) -> str:
        """Return the line as one JSON object."""
        return json.dumps(asdict(self))

    def verdicts(self, most_seconds: float) -> list[tuple[bool, str]]:
        """Return (reached, sentence) for the seconds of the verifier."""
        sentence = (
            f"{self.name} of {self.n:,}: {self.verify_seconds:g} s, target {most_seconds:g} s"
        )
        return [(self.verify_seconds <= most_seconds, sentence)]


def measured() -> Iterator[tuple[Verified, float]]:
    """Yield every line with the seconds that it may take."""
    for n, most in CASES:
        result = a_result(n)
        started = time.perf_counter()
        full = document(_heading(), result)
        numbers = numbers_for([row["reference"] for row in full["applications"]], {})
        text = canonical_json(full).encode()
        public = canonical_json(redacted(full, numbers, "")).encode()
        sealed = time.perf_counter()
        verifier.verify(verifier.read(text))
        done = time.perf_counter()
        verifier.verify(verifier.read(public))
        yield (
            Verified("verify", n, round(sealed - started, 3), round(done - sealed, 3), len(text)),
            most,
        )


def a_result(n: int) -> Result:
    """Return what the published rules make of `n` applications with drawn facts."""
    rng, definition = np.random.default_rng(SEED), packaged_definition()
    populations = [choice.value for choice in definition.populations]
    types = [choice.value for choice in definition.practice_types]
    rows = []
    for pk in range(1, n + 1):
        facts = Facts(
            population=populations[rng.integers(len(populations))],
            practice_types=(types[rng.integers(len(types))],),
            tribal=bool(rng.random() < 0.03),
            members=int(rng.integers(1, 20_000)),
            hpi_quartile=int(rng.integers(1, 5)),
            county=COUNTIES[rng.integers(len(COUNTIES))],
            mcp=f"Plan {rng.integers(23)}",
        )
        payment = potential_payment(facts.members, definition.payment.bands)
        score, recommended = int(rng.integers(12, 91)), bool(rng.random() < 0.85)
        rows.append(Candidate(pk, f"EPT1-{pk:06d}-0", "-", facts, score, recommended, payment))
    rules = Rules.from_definition(definition.selection, Decimal(135_000 * n))
    return judge_pool(Pool.of(rows), rules)


def _heading() -> Heading:
    definition, at = packaged_definition(), datetime(2024, 1, 10, tzinfo=UTC)
    program = {"slug": definition.slug, "version": 1, "sha256": "0" * 64}
    return Heading("bench", 1, "", program, definition.payment.bands, at, at, at)


if __name__ == "__main__":
    for line, _most in measured():
        print(line.as_json())
