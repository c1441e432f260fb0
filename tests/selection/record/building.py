"""Records of small cohorts for tests."""

from datetime import UTC, datetime

from programs.packaged import packaged_definition
from programs.payment import PaymentError, potential_payment
from selection.engine import Pool, judge_pool
from selection.record.document import Heading, document

BANDS = packaged_definition().payment.bands


def heading(**changes):
    """Return a first record's heading."""
    values = {
        "cycle": "cohort-1",
        "sequence": 1,
        "previous_sha256": "",
        "program": {"slug": "ept", "version": 1, "sha256": "ab" * 32},
        "bands": BANDS,
        "proposed_at": datetime(2024, 1, 8, 17, tzinfo=UTC),
        "approved_at": datetime(2024, 1, 9, 17, tzinfo=UTC),
        "released_at": datetime(2024, 1, 10, 17, tzinfo=UTC),
    }
    return Heading(**values | changes)


def paid(row):
    """Return the payment that the table gives a candidate, None where it gives none."""
    try:
        return potential_payment(row.facts.members, BANDS)
    except PaymentError:
        return None


def record(rows, rules, **changes):
    """Return the record of what `rules` make of `rows`."""
    return document(heading(**changes), judge_pool(Pool.of(rows), rules))
