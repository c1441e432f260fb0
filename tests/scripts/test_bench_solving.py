"""The bench's questions are real ones, and a slow answer misses its target."""

import json

from scripts.bench import solving
from scripts.bench.solving import Solved, measured


def test_every_question_has_a_line(monkeypatch):
    monkeypatch.setattr(solving, "SIZES", (60,))
    monkeypatch.setattr(solving, "THREE", solving.TWO)
    lines = list(measured())
    assert [(line.name, line.n, most) for line, most in lines] == [
        ("solve-threshold", 60, 2.0),
        ("solve-points", 60, 2.0),
        ("solve-both", 60, 2.0),
        ("solve-impossible", 60, 2.0),
        ("best-cohort", 60, 120.0),
    ]
    assert all(json.loads(line.as_json())["seconds"] == line.seconds for line, _most in lines)
    assert all(line.tried for line, _most in lines[1:4])


def test_what_misses_its_target_is_named():
    slow = Solved("solve-both", 719, 2.5, 0.001, 9)
    assert slow.verdicts(2.0) == [(False, "solve-both of 719: 2.5 s, target 2 s")]
