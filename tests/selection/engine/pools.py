"""Small pools of candidates for tests of the arithmetic."""

from decimal import Decimal

from hypothesis import strategies as st

from programs.packaged import packaged_definition
from programs.priority import Facts
from programs.schema import PriorityPoint
from selection.engine import TIE_BREAKS, Candidate, Pin, Rules

BUDGET = Decimal("97000000.00")
PUBLISHED = Rules.from_definition(packaged_definition().selection, BUDGET)
POPULATIONS = ("adults_chronic", "children_youth", "pregnant")


def candidate(score, pk=1, recommended=True, payment=Decimal("100.00"), **facts):
    """Return one application that is recommended and worth 100 dollars unless told otherwise."""
    return Candidate(
        pk, f"EPT1-{pk:06d}-0", "A practice", Facts(**facts), score, recommended, payment
    )


def points(attribute, value, number):
    """Return one rule of priority points."""
    return PriorityPoint(attribute=attribute, value=value, points=number, purpose="-", source="X")


@st.composite
def cohorts(draw, most=25, highest=90):
    """Draw up to `most` candidates."""
    return [
        candidate(
            draw(st.integers(0, highest)),
            pk=pk,
            recommended=draw(st.booleans()),
            payment=draw(st.none() | st.integers(1, 10**5).map(lambda n: Decimal(n) / 100)),
            population=draw(st.sampled_from(POPULATIONS)),
            practice_types=tuple(draw(st.sets(st.sampled_from(("fqhc", "small"))))),
            tribal=draw(st.booleans()),
            members=draw(st.integers(0, 3)) * 1000,
            hpi_quartile=draw(st.none() | st.integers(1, 4)),
        )
        for pk in range(1, draw(st.integers(0, most)) + 1)
    ]


@st.composite
def rules_for(draw, rows, highest=90):
    """Draw rules of every kind for `rows`."""
    pinned = draw(st.lists(st.sampled_from(rows), max_size=2, unique=True)) if rows else []
    return Rules(
        points=tuple(
            points(attribute, value, draw(st.integers(0, 20)))
            for attribute, value in (("population", "pregnant"), ("tribal", "yes"))
        ),
        threshold=draw(st.integers(0, highest + 20)),
        budget=draw(st.none() | st.integers(0, 10**6).map(lambda n: Decimal(n) / 100)),
        inclusive=draw(st.booleans()),
        only_recommended=draw(st.booleans()),
        waitlist_margin=draw(st.integers(0, 5)),
        tie_break=tuple(draw(st.lists(st.sampled_from(TIE_BREAKS), unique=True, max_size=3))),
        pins=tuple(Pin(row.reference, draw(st.booleans()), "Because.") for row in pinned),
    )
