"""The bench's arithmetic and what it prints; the timing itself is `make bench`'s business."""

import json

import pytest

from scripts.bench import __main__ as bench
from scripts.bench import figures
from scripts.bench.scenarios import Sheet


def line(name="queue", n=1000, **changes):
    times = {"p50_ms": 20.0, "p95_ms": 30.0, "floor_ms": 2.5, "ratio": 8.0}
    return figures.Line(**{"name": name, "n": n, **times, "queries": 8, "bytes": 9} | changes)


def rush(**changes):
    times = {"p50_ms": 9.0, "p95_ms": 20.0, "submit_p50_ms": 40.0, "submit_p95_ms": 90.0}
    counts = {"saves": 900, "doubled": 144, "answers": 25_000}
    zeros = {"errors": 0, "lost_answers": 0, "duplicate_submissions": 0}
    facts = {"name": "deadline_rush", "n": 719, "rps": 150.0, **times, **counts, **zeros}
    return figures.Rush(**facts | changes)


def missed(*lines):
    return [sentence for reached, sentence in figures.verdicts(lines) if not reached]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([7], 95, 7), (range(1, 101), 95, 95), (range(1, 21), 95, 19), ([3, 1, 2], 50, 2)],
)
def test_a_percentile_is_a_measured_value(values, percent, expected):
    assert figures.percentile(list(values), percent) == expected


def test_no_values_have_no_percentile():
    with pytest.raises(ValueError, match="at least one"):
        figures.percentile([], 50)


def test_a_line_is_in_milliseconds_with_the_ratio_to_the_floor():
    times, floors = [0.010, 0.012, 0.050], [0.003, 0.002, 0.004]
    made = figures.line_of("queue", 1000, times, floors, queries=8, size=90)
    assert json.loads(made.as_json()) == {
        "name": "queue",
        "n": 1000,
        "p50_ms": 12.0,
        "p95_ms": 50.0,
        "queries": 8,
        "bytes": 90,
        "floor_ms": 3.0,
        "ratio": 4.0,
    }


def test_everything_at_its_target_passes():
    lines = [
        line(ratio=10.0),
        line(n=10_000, p50_ms=26.0, ratio=99.0),
        line("application", queries=12),
        line("score-save", ratio=6.0),
        line("section-autosave", queries=6, ratio=6.0),
    ]
    assert missed(*lines) == []


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (line(queries=9), "queue at 1,000: 9 queries, target 8"),
        (line(ratio=10.1), "queue at 1,000: 10.1 × its floor, target 10"),
        (line("workbench", queries=13), "workbench at 1,000: 13 queries, target 12"),
        (line("score-autosave", ratio=6.5), "score-autosave at 1,000: 6.5 × its floor, target 6"),
        (
            line("section-autosave", ratio=6.1, queries=6),
            "section-autosave at 1,000: 6.1 × its floor, target 6",
        ),
        (
            line("section-autosave", ratio=5, queries=7),
            "section-autosave at 1,000: 7 queries, target 6",
        ),
    ],
)
def test_a_missed_target_is_named(late, said):
    assert missed(late) == [said]


def test_the_queue_hardly_grows():
    grown = line(n=10_000, p50_ms=26.2)
    assert missed(line(), grown) == ["queue at 10,000: 1.31 × its time at 1,000, target 1.3"]


def test_counts_take_their_time_at_most():
    lines = [line("queue-facets"), line("queue-facets", n=100_000, p50_ms=150.1)]
    assert missed(*lines) == ["queue-facets at 100,000: 150.1 ms, target 150 ms"]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("1000,10000", [1000, 10000]),
        (" 50 , 20,50", [20, 50]),
        ("0", []),
        ("10,many", []),
        ("", []),
    ],
)
def test_sizes_are_whole_numbers(text, sizes):
    assert bench.read_sizes(text) == sizes


def test_sizes_that_can_not_be_end_with_status_2(capsys):
    assert bench.main({"BENCH_SIZES": "1e3"}) == 2
    assert "1e3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ratio", "errors", "strict", "status"),
    [(11, 0, "1", 1), (11, 0, "0", 0), (9, 1, "1", 1), (9, 1, "0", 0), (9, 0, "1", 0)],
)
def test_a_missed_target_fails_only_when_strict(monkeypatch, capsys, ratio, errors, strict, status):
    monkeypatch.setattr(bench, "_measured", lambda local, sizes: [line(n=sizes[0], ratio=ratio)])
    monkeypatch.setattr(bench, "_rushed", lambda local, seconds: rush(errors=errors))
    monkeypatch.setattr(bench, "_balanced", list)
    monkeypatch.setattr(bench, "_queued", lambda local, text: [])
    monkeypatch.setattr(bench, "_released", lambda local, size: [])
    monkeypatch.setattr(bench, "_verified", list)
    monkeypatch.setattr(bench, "_solved", list)
    monkeypatch.setattr(bench, "_assigned", lambda local, size: [])
    assert bench.main({"BENCH_SIZES": "1000", "BENCH_STRICT": strict}) == status
    assert ("FAIL" in capsys.readouterr().err) == (ratio > 10 or errors > 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60),
        ("0", 0),
        ("600", 600),
        ("601", None),
        ("-1", None),
        ("1.5", None),
        ("9" * 50, None),
    ],
)
def test_the_rush_takes_whole_seconds(text, seconds):
    assert bench.read_seconds(text) == seconds


def test_seconds_that_can_not_be_end_with_status_2(capsys):
    assert bench.main({"BENCH_SIZES": "1000", "RUSH_SECONDS": "soon"}) == 2
    assert "RUSH_SECONDS" in capsys.readouterr().err


def test_a_rush_that_loses_nothing_passes():
    assert [reached for reached, _sentence in rush().verdicts()] == [True, True, True]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("errors", "errors"),
        ("lost_answers", "lost answers"),
        ("duplicate_submissions", "duplicate submissions"),
    ],
)
def test_what_a_rush_may_not_do_is_named_with_its_number(name, words):
    found = rush(**{name: 2}).verdicts()
    said = [sentence for reached, sentence in found if not reached]
    assert said == [f"deadline_rush of 719: 2 {words}, target 0"]


def test_the_sheet_bases_each_save_on_the_versions_of_the_last():
    sheet = Sheet(
        {"codes": ["1.1", "1.2"], "points": {"1.1": [4, 2]}, "comments": {"1.2": [2, "Why"]}}
    )
    first = sheet.whole()
    sheet.saved_whole(b"")
    second = sheet.whole()
    assert (first["version:points_1_1"], second["version:points_1_1"]) == (4, 5)
    assert (first["version:points_1_2"], second["version:points_1_2"]) == (0, 1)
    assert first["points_1_1"] != second["points_1_1"]
    assert (second["comment_1_2"], second["version:comment_1_2"]) == ("Why", 2)
    sheet.saved_one(b'{"versions": {"points_1_1": 9}}')
    assert sheet.one()["version:points_1_1"] == 9


def test_the_score_page_and_equal_queries_have_targets():
    near = [line("score-sheet", ratio=8.0), line("score-sheet", n=10_000, ratio=8.0)]
    assert missed(*near) == []
    far = [line("score-sheet", ratio=8.1), line("score-sheet", n=10_000, queries=9, ratio=7)]
    assert missed(*far) == [
        "score-sheet at 1,000: 8.1 × its floor, target 8",
        "score-sheet at 10,000: 9 queries, target 8 as at 1,000",
    ]
