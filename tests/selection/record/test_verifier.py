import ast
import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.canonical import canonical_json, digest
from selection.engine import Pin
from selection.record import verifier
from selection.record.amending import Act, amended
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for
from tests.selection.record.building import paid, record

ROWS = [
    candidate(
        54 + n, pk=n, recommended=n % 5 > 0, population="pregnant" if n % 2 else "adults_chronic",
        members=1000 * n if n > 1 else 138_000, hpi_quartile=n % 4 or None, county="Fresno",
        mcp="CalViva Health", practice_types=("fqhc",), tribal=n % 7 == 0,
    )
    for n in range(1, 13)
]  # fmt: skip
ROWS = [replace(row, payment=paid(row)) for row in ROWS]
RULES = replace(PUBLISHED, pins=(Pin(ROWS[0].reference, True, "Reviewed again."),))


def resealed(document):
    """Return a document with the hash that its content has now."""
    content = {key: value for key, value in document.items() if key != "sha256"}
    return content | {"sha256": digest(canonical_json(content))}


@given(st.data())
@settings(deadline=None)
def test_what_the_engine_writes_the_verifier_confirms(data):
    rows = [replace(row, payment=paid(row)) for row in data.draw(cohorts())]
    rules = data.draw(rules_for(rows))
    document = record(rows, rules)
    verifier.verify(verifier.read(canonical_json(document).encode()))


def test_one_digit_anywhere_is_caught():
    text = canonical_json(record(ROWS, RULES))
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    for place in places:
        other = str((int(text[place]) + 1) % 10)
        forged = text[:place] + other + text[place + 1 :]
        with pytest.raises(verifier.Difference):
            verifier.verify(verifier.read(forged.encode()))


NUMBERS = {
    "mcp_score": "89",
    "priority_points": "1",
    "adjusted_score": "3",
    "potential_payment": "1.00",
    "rank": 99,
    "outcome": "waitlisted",
    "reason": "near_threshold",
    "members": 4,
    "tribal": None,
    "recommended": None,
}


@pytest.mark.parametrize(("key", "value"), NUMBERS.items(), ids=list(NUMBERS))
@pytest.mark.parametrize("place", [0, 3, 11])
def test_a_forger_who_seals_again_is_caught_by_the_sums(key, value, place):
    document = deepcopy(record(ROWS, RULES))
    row = document["applications"][place]
    row[key] = not row[key] if value is None else value
    with pytest.raises(verifier.Difference):
        verifier.verify(resealed(document))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("threshold",), "78"),
        (("budget",), "10.00"),
        (("inclusive",), False),
        (("priority_points", 1, "points"), "19"),
        (("pins", 0, "selected"), False),
        (("payment_bands", -1, "amount"), "1.00"),
    ],
)
def test_other_rules_than_those_that_decided_are_caught(path, value):
    document = deepcopy(record(ROWS, RULES))
    part = document["rules"]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(verifier.Difference):
        verifier.verify(resealed(document))


LATER = datetime(2024, 2, 10, 17, tzinfo=UTC)


def chain():
    """Return a release, two later acts on it, and new decisions after a change of the rules."""
    first = record(ROWS, replace(RULES, waitlist_margin=14))
    waits = next(r for r in first["applications"] if r["outcome"] == "waitlisted")["reference"]
    taken = next(r for r in first["applications"] if r["outcome"] == "selected")["reference"]
    second = amended(first, [Act(waits, "selected", "promoted", LATER)])
    third = amended(second, [Act(taken, "left", "left_program", LATER + timedelta(days=1))])
    times = {key: LATER + timedelta(days=9) for key in verifier.TIMES}
    fourth = record(ROWS[1:], PUBLISHED, sequence=4, previous_sha256=third["sha256"], **times)
    return [first, second, third, fourth]


def relinked(documents):
    """Return documents sealed anew as a chain, as a forger would who can write everything."""
    before, found = "", []
    for number, document in enumerate(documents, start=1):
        place = {"previous_sha256": before, "sequence": number}
        found.append(resealed({**document, **place}))
        before = found[-1]["sha256"]
    return found


def test_the_chain_holds():
    documents = chain()
    assert verifier.verify_chain(documents) == documents[-1]
    assert relinked(documents) == documents


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ([1, 2, 3], "sequence"),
        ([0, 2, 3], "sequence"),
        ([0, 1, 3], "sequence"),
        ([0, 2, 1, 3], "sequence"),
        ([0, 0], "sequence"),
        ([3, 0], "sequence"),
    ],
)
def test_a_chain_that_is_cut_or_in_another_order_is_caught(order, why):
    documents = chain()
    with pytest.raises(verifier.Difference, match=why):
        verifier.verify_chain([documents[place] for place in order])


@pytest.mark.parametrize(
    ("order", "why"),
    [([1, 2, 3], "acts"), ([0, 2, 1, 3], "acts"), ([3, 0], "proposed_at"), ([0, 1, 1], "no act")],
)
def test_a_chain_that_is_cut_and_sealed_again_is_caught(order, why):
    documents = chain()
    forged = relinked([documents[place] for place in order])
    with pytest.raises(verifier.Difference, match=why):
        verifier.verify_chain(forged)


def test_a_record_that_names_another_before_it_is_caught():
    first = record(ROWS, RULES)
    broken = record(ROWS[1:], PUBLISHED, sequence=2, previous_sha256="0" * 64)
    with pytest.raises(verifier.Difference, match="previous_sha256"):
        verifier.verify_chain([first, broken])


def change_score(row):
    row["mcp_score"] = "0"
    row["adjusted_score"] = row["priority_points"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["acts"][0].update(reason="reconsidered"),
        lambda d: d["acts"][0].update(at="2024-01-01T00:00:00Z"),
        lambda d: d["acts"][0].update(number=2),
        lambda d: d["acts"][0].update(reference="EPT1-999999-9"),
        lambda d: d["acts"].clear(),
        lambda d: d["acts"].reverse(),
        lambda d: d["rules"].update(threshold="76"),
        lambda d: d.update(approved_at="2024-01-08T17:00:00Z"),
        lambda d: d["program"].update(version=2),
        lambda d: d["applications"].pop(),
        lambda d: change_score(d["applications"][-1]),
    ],
)
def test_a_later_act_that_changes_more_than_its_outcome_is_caught(change):
    documents = [deepcopy(document) for document in chain()[:3]]
    change(documents[2])
    with pytest.raises(verifier.Difference):
        verifier.verify_chain(relinked(documents))


def test_one_digit_anywhere_in_a_later_act_is_caught():
    first, second = chain()[:2]
    text = canonical_json(second)
    start = text.index('"acts"')
    for place in range(start, start + 200):
        if not text[place].isdigit():
            continue
        forged = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
        with pytest.raises(verifier.Difference):
            verifier.verify_chain([first, verifier.read(forged.encode())])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"NaN",
        b"[" * 200_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"format":"other"}',
        b'{"format": "ept-decision-record/1"}',
        b'{"format":"ept-decision-record/1","x":NaN}',
        b'{"format":"ept-decision-record/1","x":"\\ud800"}',
        b'{"format":"ept-decision-record/1"}\n\n',
    ],
)
def test_what_is_not_a_record_is_refused(data):
    with pytest.raises(verifier.Difference):
        verifier.read(data)


def run(*paths):
    """Run the file by itself, without the portal on its path."""
    command = [sys.executable, "-I", verifier.__file__, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_runs_alone_and_names_the_first_difference(tmp_path: Path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(canonical_json(record(ROWS, RULES)) + "\n", encoding="utf-8")
    forged = json.loads(good.read_text())
    forged["applications"][0]["adjusted_score"] = "7"
    bad.write_text(canonical_json(resealed(forged)), encoding="utf-8")
    assert (run(good).returncode, run(good).stdout) == (0, "OK: 1 record(s), 12 applications\n")
    answer = run(bad)
    assert answer.returncode == 1
    name = forged["applications"][0]["reference"]
    assert answer.stdout.startswith(f"DIFFERENT: {name}: adjusted_score: the record says '7'")


def test_it_runs_over_a_chain(tmp_path: Path):
    paths = [tmp_path / f"{number}.json" for number in range(1, 5)]
    for path, document in zip(paths, chain(), strict=True):
        path.write_text(canonical_json(document), encoding="utf-8")
    assert run(*paths).stdout == "OK: 4 record(s), 11 applications\n"
    assert run(paths[2]).stdout.splitlines() == [
        "OK: 1 record(s), 12 applications",
        "Checked by itself: it is number 3 of its chain.",
    ]
    assert run(paths[0], paths[2]).returncode == 1


@pytest.mark.parametrize("words", [[], ["--help"], ["no-such-file.json"]])
def test_wrong_usage_is_said_apart_from_a_difference(words):
    answer = run(*words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr


SHAPES = {
    "a score that is a number": ("mcp_score", 70),
    "a score with a sign": ("mcp_score", "+70"),
    "a score in other digits": ("mcp_score", "\u0667\u0660"),
    "a leading zero": ("priority_points", "00"),
    "cents left out": ("potential_payment", "280600.0"),
    "a float": ("members", 920.0),
    "a truth for a number": ("rank", True),
    "one text for a list": ("practice_types", "fqhc"),
    "nothing": ("county", None),
}


@pytest.mark.parametrize(("key", "value"), SHAPES.values(), ids=list(SHAPES))
def test_values_are_written_in_one_way_only(key, value):
    document = deepcopy(record(ROWS, RULES))
    document["applications"][0][key] = value
    with pytest.raises(verifier.Difference, match="applications 1"):
        verifier.verify(resealed(document))


def test_keys_are_exactly_the_documented_ones():
    document = record(ROWS, RULES)
    more = {**document, "more": 1}
    less = {key: value for key, value in document.items() if key != "totals"}
    for other in (more, less):
        with pytest.raises(verifier.Difference, match="expected the keys"):
            verifier.verify(resealed(other))


def test_it_imports_the_standard_library_only():
    tree = ast.parse(Path(verifier.__file__).read_text())
    found = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [f"{'.' * node.level}{node.module}"]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert found <= sys.stdlib_module_names
    assert found == {"hashlib", "json", "re", "sys", "decimal", "pathlib"}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"__import__", "eval", "exec", "open"}
