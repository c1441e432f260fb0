"""The bench's own round-robin and figures of the assignment, on small pools."""

import json

import numpy as np

from scripts.bench import assignment
from scripts.bench.assignment import Assigned, a_pool, measured, round_robin


def test_the_lines_name_both_ways_with_their_faults(monkeypatch):
    monkeypatch.setattr(assignment, "CASES", ((60, 6, 2.0),))
    (ours, most), (plain, none) = measured()
    assert (most, none) == (2.0, None)
    assert (ours.way, ours.spread <= 1, ours.hard_violations) == ("ours", True, 0)
    assert (plain.way, plain.hard_violations > 0) == ("round-robin", True)
    assert ours.preferred > plain.preferred
    assert json.loads(plain.as_json())["n"] == 60
    assert [reached for reached, _sentence in ours.verdicts(2.0)] == [True] * 3


def test_the_round_robin_gives_each_the_next_three():
    chosen = round_robin(a_pool(4, 5))
    assert [np.flatnonzero(row).tolist() for row in chosen] == [
        [0, 1, 2],
        [0, 3, 4],
        [1, 2, 3],
        [0, 1, 4],
    ]


def test_what_misses_its_target_is_named():
    bad = Assigned("assignment", "ours", 9, 3, 2, 2.5, 2, 1, 0.5)
    assert bad.verdicts(2.0) == [
        (False, "assignment of 9 × 3 to 2 (ours): 2.5 s, target 2 s"),
        (False, "assignment of 9 × 3 to 2 (ours): spread 2, target 1"),
        (False, "assignment of 9 × 3 to 2 (ours): 1 hard violations, target 0"),
    ]
