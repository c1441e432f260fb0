import pytest

from scripts.bench.recomputing import Recomputed, recompute
from scripts.bench.verifying import a_result
from selection.engine import judge_pool


@pytest.mark.parametrize(("most", "reached"), [(0.5, [True]), (0.1, [False]), (None, [])])
def test_a_line_says_whether_it_is_in_time(most, reached):
    line = Recomputed("scenario-arithmetic", 719, 0.2, 0.01)
    assert [found for found, _sentence in line.verdicts(most)] == reached


def test_what_is_measured_is_what_the_rules_make_of_the_pool():
    result = a_result(60)
    cost, curve, *_rest, shown = recompute(result.pool, result.rules)
    assert cost == judge_pool(result.pool, result.rules).cost
    assert len(curve) > 1
    assert [verdict.rank for verdict in shown] == sorted(verdict.rank for verdict in shown)
