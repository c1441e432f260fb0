import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.balancing import Pool, balance


@st.composite
def small_pools(draw):
    """Pools that brute force can search: conflicts, standing loads, limits, preferences, needs."""
    rows, columns = draw(st.integers(0, 4)), draw(st.integers(0, 4))

    def table(cells):
        row = st.lists(cells, min_size=columns, max_size=columns)
        drawn = draw(st.lists(row, min_size=rows, max_size=rows))
        return np.array(drawn).reshape(rows, columns)

    def line(cells, size):
        return np.array(draw(st.lists(cells, min_size=size, max_size=size)), int)

    return Pool(
        allowed=table(st.booleans()).astype(bool),
        need=line(st.integers(0, 3), rows),
        load=line(st.integers(0, 3), columns),
        room=line(st.integers(0, 3), columns),
        preference=table(st.integers(0, 3)).astype(int),
    )


def worth(placed, loads, preference):
    """Return what is compared, the better the smaller: more placed, fairer loads, more preferred."""
    return -placed, sorted(loads.tolist(), reverse=True), -preference


def best_of_all(pool):
    choices = [
        [
            some
            for size in range(need + 1)
            for some in itertools.combinations(row.nonzero()[0], size)
        ]
        for row, need in zip(pool.allowed, pool.need, strict=True)
    ]
    found = []
    for plan in itertools.product(*choices):
        pairs = [(row, column) for row, some in enumerate(plan) for column in some]
        new = np.bincount([c for _row, c in pairs], minlength=len(pool.load)).astype(int)
        if (new <= pool.room).all():
            preferred = sum(int(pool.preference[pair]) for pair in pairs)
            found.append(worth(len(pairs), pool.load + new, preferred))
    return min(found)


@settings(max_examples=400, deadline=None)
@given(small_pools())
def test_no_rule_is_broken_and_nothing_is_better(pool):
    plan = balance(pool)
    new = plan.chosen.sum(axis=0)
    assert not (plan.chosen & ~pool.allowed).any()
    assert (new <= pool.room).all()
    assert (plan.chosen.sum(axis=1) + plan.unplaced == pool.need).all()
    preferred = int((plan.chosen * pool.preference).sum())
    assert worth(int(new.sum()), pool.load + new, preferred) == best_of_all(pool)


@settings(max_examples=50, deadline=None)
@given(small_pools())
def test_same_pool_gives_the_same_plan(pool):
    first, second = balance(pool), balance(pool)
    assert (first.chosen == second.chosen).all()
    assert (first.unplaced == second.unplaced).all()


@pytest.fixture(scope="module")
def cohort():
    """719 applications, 25 reviewers, 6 % conflicts, some pairs preferred."""
    draw = np.random.default_rng(1)
    county, specialty = draw.random((719, 25)) < 0.2, draw.random((719, 25)) < 0.2
    return Pool(
        allowed=draw.random((719, 25)) > 0.06,
        need=np.full(719, 3),
        load=np.zeros(25, int),
        room=np.full(25, 120),
        preference=county * 2 + specialty,
    )


def test_a_cohort_is_placed_evenly_with_every_rule_kept(cohort):
    shares = []
    plan = balance(cohort, shares.append)
    loads = plan.chosen.sum(axis=0)
    assert loads.max() - loads.min() <= 1
    assert not (plan.chosen & ~cohort.allowed).any()
    assert (plan.chosen.sum(axis=1) == 3).all()
    assert plan.unplaced.sum() == 0
    assert shares == sorted(shares)
    assert (shares[-1], min(shares) > 0) == (1.0, True)


def test_round_robin_is_worse(cohort):
    """A round robin that ignores everything breaks rules and prefers nothing."""
    plan = balance(cohort)
    blind = np.zeros_like(cohort.allowed)
    turns = itertools.cycle(range(25))
    for row in range(719):
        for _one in range(3):
            blind[row, next(turns)] = True
    assert (blind & ~cohort.allowed).sum() > 0
    assert (blind * cohort.preference).sum() < (plan.chosen * cohort.preference).sum()


def test_standing_loads_are_levelled_and_a_gap_is_filled_alone():
    pool = Pool(
        allowed=np.ones((4, 3), bool),
        need=np.array([0, 0, 1, 0]),
        load=np.array([5, 4, 5]),
        room=np.array([9, 9, 9]),
        preference=np.array([[0, 0, 3]] * 4),
    )
    plan = balance(pool)
    assert np.argwhere(plan.chosen).tolist() == [[2, 1]]


def test_as_many_as_can_be_are_placed_through_chains():
    """Only the second reviewer may have the second application, so the first one moves."""
    pool = Pool(
        allowed=np.array([[True, True], [False, True]]),
        need=np.array([1, 1]),
        load=np.array([7, 0]),
        room=np.array([1, 1]),
        preference=np.zeros((2, 2), int),
    )
    plan = balance(pool)
    assert np.argwhere(plan.chosen).tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0)])
def test_nothing_or_nobody(rows, columns):
    pool = Pool(
        allowed=np.ones((rows, columns), bool),
        need=np.full(rows, 2),
        load=np.zeros(columns, int),
        room=np.full(columns, 5),
        preference=np.zeros((rows, columns), int),
    )
    plan = balance(pool)
    assert plan.chosen.shape == (rows, columns)
    assert plan.unplaced.tolist() == [2] * rows
