import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.canonical import canonical_json, digest
from selection.engine import Pin
from selection.record import verifier
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


def test_the_chain_names_the_record_before():
    first = record(ROWS, RULES)
    second = record(ROWS[1:], PUBLISHED, sequence=2, previous_sha256=first["sha256"])
    verifier.verify_chain([first, second])
    broken = record(ROWS[1:], PUBLISHED, sequence=2, previous_sha256="0" * 64)
    with pytest.raises(verifier.Difference, match="previous_sha256"):
        verifier.verify_chain([first, broken])
    with pytest.raises(verifier.Difference, match="sequence"):
        verifier.verify_chain([second])


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"[]", b'{"format":"other"}', b'{"format": "ept-decision-record/1"}'],
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


def test_it_imports_nothing_of_the_portal():
    text = Path(verifier.__file__).read_text()
    imports = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert imports == [
        "import hashlib",
        "import json",
        "import sys",
        "from decimal import Decimal",
        "from pathlib import Path",
    ]
