"""The bench's records are real ones: both copies verify, and a slow one misses its target."""

import json

from scripts.bench import verifying
from scripts.bench.verifying import Verified, measured


def test_lines_name_seconds_and_bytes(monkeypatch):
    monkeypatch.setattr(verifying, "CASES", ((40, 5.0),))
    [(line, most)] = measured()
    assert (line.name, line.n, most) == ("verify", 40, 5.0)
    assert line.bytes > 10_000
    assert json.loads(line.as_json())["verify_seconds"] == line.verify_seconds
    assert [reached for reached, _sentence in line.verdicts(most)] == [True]


def test_what_misses_its_target_is_named():
    slow = Verified("verify", 10_000, 0.5, 5.25, 1)
    assert slow.verdicts(5.0) == [(False, "verify of 10,000: 5.25 s, target 5 s")]
