"""Check a decision record without trusting who wrote it. Python's standard library only.

This file is meant to be read, copied and run by anybody: python verifier.py record.json [earlier.json …]
It shares no line with the program that made the decision; it does the same sums a second time, plainly.
It stops at the first difference and names it.

Method of the rules (docs/decision-record.md says it in words):
- adjusted score = score of the plan + priority points of every criterion that is met;
- rank by adjusted score, highest first; equals by the keys of `tie_break` in order;
- pinned applications are in or out as their pin says; what is pinned in is paid first;
- the recommended at or above the threshold are selected in rank order while the budget lasts; the first that
  does not fit ends the list, and it and all after it wait;
- who is at most `waitlist_margin` points below waits too; everybody else is not selected.
"""

import hashlib
import json
import sys
from decimal import Decimal
from pathlib import Path

FORMAT = "ept-decision-record/1"
KEYS = {
    "applications", "approved_at", "cycle", "format", "previous_sha256", "program", "proposed_at",
    "released_at", "rules", "sequence", "sha256", "totals",
}  # fmt: skip


class Difference(Exception):
    """Something in the record is not what it should be; the text says what and where."""


def canonical(document):
    """Return a document as canonical JSON: UTF-8, keys sorted, no spaces."""
    text = json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def read(data):
    """Return the record in `data` (bytes). Raises Difference when it is not canonical JSON."""
    try:
        record = json.loads(data.decode())
    except (UnicodeDecodeError, ValueError) as error:
        raise Difference(f"not JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise Difference(f"format: expected {FORMAT}")
    if canonical(record) != data.rstrip(b"\n"):
        raise Difference("text: not canonical JSON (sorted keys, no spaces, UTF-8)")
    return record


def verify(record):
    """Check one record by itself. Raises Difference at the first thing that does not hold."""
    expect("keys", sorted(record), sorted(KEYS))
    content = {key: value for key, value in record.items() if key != "sha256"}
    expect("sha256", record["sha256"], hashlib.sha256(canonical(content)).hexdigest())
    expect("times", [record[k] for k in TIMES], sorted(record[k] for k in TIMES))
    rows, rules = record["applications"], record["rules"]
    names = [row["reference"] for row in rows]
    expect("references", len(names), len(set(names)))
    for row in rows:
        check_numbers(row, rules)
    ranked = sorted(rows, key=lambda row: sort_key(row, rules["tie_break"]))
    for place, row in enumerate(ranked, start=1):
        expect(f"{row['reference']}: rank", row["rank"], place)
    for row, (outcome, reason) in zip(ranked, outcomes(ranked, rules), strict=True):
        expect(f"{row['reference']}: outcome", row["outcome"], outcome)
        expect(f"{row['reference']}: reason", row["reason"], reason)
    expect("order of the applications", names, [row["reference"] for row in ranked])
    check_totals(record["totals"], rows)


TIMES = ("proposed_at", "approved_at", "released_at")


def verify_chain(records):
    """Check every record, and that each names the one before it, from the first of its cycle on."""
    for number, record in enumerate(records, start=1):
        verify(record)
        before = records[number - 2]["sha256"] if number > 1 else ""
        expect(f"record {number}: sequence", record["sequence"], number)
        expect(f"record {number}: previous_sha256", record["previous_sha256"], before)
        expect(f"record {number}: cycle", record["cycle"], records[0]["cycle"])


def check_numbers(row, rules):
    """Check payment, points and adjusted score of one application."""
    name = row["reference"]
    expect(f"{name}: potential_payment", row["potential_payment"], payment(row, rules))
    points = sum(int(rule["points"]) for rule in rules["priority_points"] if applies(rule, row))
    expect(f"{name}: priority_points", row["priority_points"], str(points))
    adjusted = int(row["mcp_score"]) + points
    expect(f"{name}: adjusted_score", row["adjusted_score"], str(adjusted))


def payment(row, rules):
    """Return members times the amount of their band, or None where the table has no band."""
    for band in rules["payment_bands"]:
        if band["members_from"] <= row["members"] <= band["members_to"]:
            return f"{row['members'] * Decimal(band['amount']):.2f}"
    return None


def applies(rule, row):
    """Tell whether a rule of priority points is met by an application."""
    attribute, value = rule["attribute"], rule["value"]
    if attribute == "practice_type":
        return value in row["practice_types"]
    if attribute == "hpi_quartile":
        return value in [str(quartile) for quartile in row["hpi_quartiles"]]
    return row[attribute] == value


def sort_key(row, tie_break):
    """Return what an application is ranked by: smaller comes first."""
    values = {
        "hpi_quartile": min(row["hpi_quartiles"], default=5),
        "members": -row["members"],
        "mcp_score": -int(row["mcp_score"]),
        "payment": Decimal(row["potential_payment"] or 0),
        "tribal": not row["tribal"],
        "reference": row["reference"],
    }
    return (-int(row["adjusted_score"]), *(values[key] for key in tie_break), row["reference"])


def outcomes(ranked, rules):
    """Return outcome and reason of each application in rank order."""
    pins = {pin["reference"]: pin["selected"] for pin in rules["pins"]}
    line = int(rules["threshold"]) + (0 if rules["inclusive"] else 1)
    budget = None if rules["budget"] is None else Decimal(rules["budget"])
    spent = sum(Decimal(r["potential_payment"] or 0) for r in ranked if pins.get(r["reference"]))
    is_spent, last_score = False, None
    for row in ranked:
        score = int(row["adjusted_score"])
        if row["reference"] in pins:
            is_in = pins[row["reference"]]
            yield ("selected", "pinned_in") if is_in else ("not_selected", "pinned_out")
        elif rules["only_recommended"] and not row["recommended"]:
            yield "not_selected", "not_recommended"
        elif score >= line:
            spent += Decimal(row["potential_payment"] or 0)
            is_spent = is_spent or (budget is not None and spent > budget)
            if not is_spent:
                last_score = score
                yield "selected", "at_or_above_threshold"
            else:
                yield "waitlisted", "lost_tie" if score == last_score else "over_budget"
        elif score >= line - int(rules["waitlist_margin"]):
            yield "waitlisted", "near_threshold"
        else:
            yield "not_selected", "below_threshold"


def check_totals(totals, rows):
    """Check the sums at the end of the record."""
    chosen = [row for row in rows if row["outcome"] == "selected"]
    cost = sum((Decimal(row["potential_payment"] or 0) for row in chosen), Decimal(0))
    expect("totals: applications", totals["applications"], len(rows))
    expect("totals: selected", totals["selected"], len(chosen))
    expect("totals: cost", totals["cost"], f"{cost:.2f}")
    expect("totals: mix", totals["mix"], mix(chosen))


def mix(chosen):
    """Return how many of the selected have each value of each attribute."""
    found = {name: {} for name in ("county", "mcp", "population")}
    for name, counts in found.items():
        for row in chosen:
            counts[row[name]] = counts.get(row[name], 0) + 1
    found |= {"practice_type": {}, "hpi_quartile": {}, "tribal": {}}
    for row in chosen:
        for value in row["practice_types"]:
            found["practice_type"][value] = found["practice_type"].get(value, 0) + 1
        for value in map(str, row["hpi_quartiles"]):
            found["hpi_quartile"][value] = found["hpi_quartile"].get(value, 0) + 1
        word = "yes" if row["tribal"] else "no"
        found["tribal"][word] = found["tribal"].get(word, 0) + 1
    return found


def expect(what, stored, computed):
    """Raise Difference unless the two are the same, type and all."""
    if stored != computed or type(stored) is not type(computed):
        raise Difference(f"{what}: the record says {stored!r}, it should be {computed!r}")


def main(paths):
    """Check the records in these files, first of the chain first; return the exit code."""
    try:
        records = [read(Path(path).read_bytes()) for path in paths]
        verify_chain(records) if len(records) > 1 else verify(records[0])
    except (Difference, KeyError, TypeError, ArithmeticError) as error:
        print(f"DIFFERENT: {error}")
        return 1
    print(f"OK: {len(records)} record(s), {len(records[-1]['applications'])} applications")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
