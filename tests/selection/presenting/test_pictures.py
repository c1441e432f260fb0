from dataclasses import replace
from decimal import Decimal

import pytest

from programs.geography import counties
from selection.engine import Pool, evaluate, judge_pool
from selection.presenting import pictures
from tests.selection.engine.pools import PUBLISHED, candidate

SCORES = (90, 80, 77, 77, 75, 60, 20)


def result_of(*scores, county="", **changes):
    rows = [candidate(score, pk=pk, county=county) for pk, score in enumerate(scores, start=1)]
    return evaluate(rows, replace(PUBLISHED, **changes))


def test_map_has_every_county_and_fits_its_box():
    found = pictures.county_map(result_of(90))
    assert {one["name"] for one in found["counties"]} == set(counties())
    assert all(
        0 <= one["x"] <= found["width"] and 0 <= one["y"] <= found["height"]
        for one in found["counties"]
    )
    assert pictures.MAP.stat().st_size < 60_000


@pytest.mark.parametrize(
    ("scores", "level", "key"),
    [
        ((90,), "4", [(1, None)]),
        ((20,), "zero", []),
        ((90, 90, 90), "4", [(1, 1), (2, 2), (3, None)]),
        ((90,) * 100, "4", [(1, 3), (4, 9), (10, 31), (32, None)]),
    ],
)
def test_shade_says_how_many_are_selected(scores, level, key):
    found = pictures.county_map(result_of(*scores, county="Kern"))
    levels = {one["name"]: one["level"] for one in found["counties"]}
    assert levels.pop("Kern") == level
    assert set(levels.values()) == {"none"}
    assert [(step["first"], step["last"]) for step in found["key"]] == key
    assert found["without"] == 57


def test_bars_count_everybody_once_by_outcome():
    found = pictures.histogram(result_of(*SCORES, budget=Decimal("300.00")))
    kinds = ("selected", "waiting", "rest")
    assert [sum(row[kind] for row in found["rows"]) for kind in kinds] == [3, 2, 2]
    assert sum(bar["height"] for bar in found["bars"]) == len(SCORES)
    assert found["top"] == 2
    assert found["has_line"]


@pytest.mark.parametrize("threshold", [0, 20, 90, 91, 500])
def test_pictures_stand_every_threshold(threshold):
    result = result_of(*SCORES, threshold=threshold)
    assert pictures.histogram(result)["bars"]
    assert len(pictures.curve(result)["steps"]) >= 90 - 20


def test_curve_falls_with_the_threshold_and_marks_the_chosen_one():
    found = pictures.curve(result_of(*SCORES))
    assert (found["here"]["threshold"], found["here"]["selected"]) == (77, 4)
    assert found["here"]["cost"] == "$400"
    counts = [step["selected"] for step in found["steps"]]
    assert counts == sorted(counts)
    assert found["budget_y"] is not None
    assert pictures.curve(result_of(*SCORES, budget=None))["budget_y"] is None


def test_nobody_has_no_picture():
    empty = judge_pool(Pool.of([]), PUBLISHED)
    assert (pictures.histogram(empty), pictures.curve(empty)) == (None, None)
    assert pictures.county_map(empty)["rows"] == []
