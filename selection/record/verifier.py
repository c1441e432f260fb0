"""Check a decision record without trusting who wrote it. Python 3.10 and its standard library only.

This file is meant to be read, copied and run by anybody:

    python3 verifier.py record.json            one record by itself
    python3 verifier.py 1.json 2.json 3.json   a whole chain, the first record first

It shares no line with the program that made the decision; it does the same sums a second time, plainly. It
stops at the first difference and names it. Exit status: 0 all holds, 1 a difference, 2 wrong usage.

Method of the rules (docs/decision-record.md says it in words):
- adjusted score = score of the plan + priority points of every criterion that is met;
- rank by adjusted score, highest first; equals by the keys of `tie_break` in order, then by reference;
- pinned applications are in or out as their pin says; what is pinned in is paid first;
- the recommended at or above the threshold are selected in rank order while the budget lasts; the first that
  does not fit ends the list, and it and all after it wait;
- who is at most `waitlist_margin` points below waits too; everybody else is not selected;
- then the later acts change single outcomes, one after the other.
"""

import hashlib
import json
import re
import sys
from decimal import Decimal
from pathlib import Path

FORMAT = "ept-decision-record/1"
WHOLE = "0|[1-9][0-9]{0,9}"
MONEY = r"(0|[1-9][0-9]{0,15})\.[0-9]{2}"
DIGEST = "[0-9a-f]{64}"
TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
KEY = "hpi_quartile|members|mcp_score|payment|tribal|reference"
ATTRIBUTE = "population|practice_type|tribal|hpi_quartile|county|mcp"

# A text is a pattern, a list one shape for all its members, a tuple several possible shapes.
RULES = {
    "budget": (None, MONEY),
    "inclusive": bool,
    "only_recommended": bool,
    "payment_bands": [{"amount": MONEY, "members_from": int, "members_to": int}],
    "pins": [{"reason": str, "reference": str, "selected": bool}],
    "priority_points": [{"attribute": ATTRIBUTE, "points": WHOLE, "value": (bool, str)}],
    "threshold": WHOLE,
    "tie_break": [KEY],
    "waitlist_margin": WHOLE,
}
APPLICATION = {
    "adjusted_score": WHOLE,
    "county": str,
    "hpi_quartiles": [int],
    "mcp": str,
    "mcp_score": WHOLE,
    "members": int,
    "outcome": "selected|waitlisted|not_selected|left",
    "population": str,
    "potential_payment": (None, MONEY),
    "practice_types": [str],
    "priority_points": WHOLE,
    "rank": int,
    "reason": str,
    "recommended": bool,
    "reference": str,
    "tribal": bool,
}
RECORD = {
    "acts": [{"at": TIME, "number": int, "outcome": str, "reason": str, "reference": str}],
    "applications": [APPLICATION],
    "approved_at": TIME,
    "cycle": str,
    "format": FORMAT,
    "previous_sha256": "|" + DIGEST,
    "program": {"sha256": DIGEST, "slug": str, "version": int},
    "proposed_at": TIME,
    "released_at": TIME,
    "rules": RULES,
    "sequence": int,
    "sha256": DIGEST,
    "totals": {"applications": int, "cost": MONEY, "mix": dict, "selected": int},
}
TIMES = ("proposed_at", "approved_at", "released_at")
DECIDED = ("selected", "waitlisted", "not_selected")
MIXED = ("county", "hpi_quartile", "mcp", "population", "practice_type", "tribal")
# What a later act may do: its reason → outcomes before it, outcomes after it.
ACTS = {
    "promoted": (("waitlisted",), ("selected",)),
    "reconsidered": (DECIDED, DECIDED),
    "declined_place": (("selected",), ("left", "not_selected")),
    "left_program": (("selected",), ("left",)),
}


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
        same = canonical(record) == data.removesuffix(b"\n")
    except (UnicodeError, ValueError, RecursionError) as error:
        raise Difference(f"not JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise Difference(f"format: expected {FORMAT}")
    if not same:
        raise Difference("text: not canonical JSON (sorted keys, no spaces, UTF-8)")
    return record


def verify(record):
    """Check one record by itself. Raises Difference at the first thing that does not hold."""
    redacted = {"redacted_from": DIGEST} if "redacted_from" in record else {}
    check_shape("record", record, RECORD | redacted)
    content = {key: value for key, value in record.items() if key != "sha256"}
    expect("sha256", record["sha256"], hashlib.sha256(canonical(content)).hexdigest())
    expect("times", [record[k] for k in TIMES], sorted(record[k] for k in TIMES))
    rows, rules = record["applications"], record["rules"]
    names = [row["reference"] for row in rows]
    expect("number of different references", len(set(names)), len(names))
    for row in rows:
        check_numbers(row, rules)
    ranked = sorted(rows, key=lambda row: sort_key(row, rules["tie_break"]))
    for place, row in enumerate(ranked, start=1):
        expect(f"{row['reference']}: rank", row["rank"], place)
    found = {
        row["reference"]: ends for row, ends in zip(ranked, outcomes(ranked, rules), strict=True)
    }
    apply_acts(record, found)
    for row in ranked:
        expect(f"{row['reference']}: outcome", row["outcome"], found[row["reference"]][0])
        expect(f"{row['reference']}: reason", row["reason"], found[row["reference"]][1])
    expect("order of the applications", names, [row["reference"] for row in ranked])
    check_totals(record["totals"], rows)


def check_shape(where, value, shape):
    """Raise Difference unless `value` has exactly the keys, types and number formats of `shape`."""
    if isinstance(shape, tuple):
        is_first = type(value) in (type(shape[0]), shape[0])
        check_shape(where, value, shape[0] if is_first else shape[1])
    elif isinstance(shape, dict | list):
        check_parts(where, value, shape)
    elif isinstance(shape, str):
        if not isinstance(value, str) or not re.fullmatch(shape, value):
            raise Difference(f"{where}: {value!r} is not written as {shape}")
    elif value is not None if shape is None else type(value) is not shape:
        raise Difference(f"{where}: {value!r} is not of the expected kind")


def check_parts(where, value, shape):
    """Check the shape of everything in a list or under the keys of an object."""
    if type(value) is not type(shape):
        raise Difference(f"{where}: {value!r} is not of the expected kind")
    if isinstance(shape, list):
        for number, item in enumerate(value, start=1):
            check_shape(f"{where} {number}", item, shape[0])
        return
    if value.keys() != shape.keys():
        raise Difference(f"{where}: expected the keys {', '.join(sorted(shape))}")
    for key, inner in shape.items():
        check_shape(f"{where}: {key}", value[key], inner)


def verify_chain(records):
    """Check every record, and that each follows the one before it; return the last one."""
    before = None
    for record in records:
        verify_next(record, before)
        before = record
    return before


def verify_next(record, before):
    """Check a record and that it follows `before`; the first of a cycle follows None."""
    verify(record)
    number = before["sequence"] + 1 if before else 1
    name = f"record {number}"
    expect(f"{name}: sequence", record["sequence"], number)
    previous = before["sha256"] if before else ""
    expect(f"{name}: previous_sha256", record["previous_sha256"], previous)
    if before is None:
        expect(f"{name}: acts", record["acts"], [])
        return
    expect(f"{name}: cycle", record["cycle"], before["cycle"])
    expect(f"{name}: redacted", "redacted_from" in record, "redacted_from" in before)
    if record["acts"]:
        check_later_act(name, record, before)
    elif record["proposed_at"] < before["released_at"]:
        raise Difference(f"{name}: proposed_at: proposed before the release it follows")


def check_later_act(name, record, before):
    """Check that nothing differs from the record before but the new acts and what they change."""
    for key in ("program", "rules", *TIMES):
        expect(f"{name}: {key}", record[key], before[key])
    known = len(before["acts"])
    expect(f"{name}: the first {known} acts", record["acts"][:known], before["acts"])
    if len(record["acts"]) == known:
        raise Difference(f"{name}: acts: no act was added")
    changed = {act["reference"] for act in record["acts"][known:]}
    free = {"outcome", "reason", *(("mcp", "county") if "redacted_from" in record else ())}
    expect(f"{name}: applications", len(record["applications"]), len(before["applications"]))
    for row, earlier in zip(record["applications"], before["applications"], strict=True):
        may_differ = free if row["reference"] in changed else ()
        for key, value in row.items():
            if key not in may_differ:
                expect(f"{name}: {row['reference']}: {key}", value, earlier[key])


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
    """Return outcome and reason of each application in rank order, by the rules alone."""
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


def apply_acts(record, found):
    """Change the outcomes in `found` by the later acts, in their order, each one checked."""
    last = record["released_at"]
    for number, act in enumerate(record["acts"], start=1):
        name, reason = act["reference"], act["reason"]
        expect(f"act {number}: number", act["number"], number)
        if act["at"] < last:
            raise Difference(f"act {number}: at: {act['at']} is before {last}")
        if name not in found:
            raise Difference(f"act {number}: reference: {name!r} is not among the applications")
        before, after = ACTS.get(reason, ((), ()))
        if found[name][0] not in before or act["outcome"] not in after:
            step = f"{found[name][0]} to {act['outcome']}"
            raise Difference(f"act {number}: {name}: no act {reason!r} leads from {step}")
        found[name], last = (act["outcome"], reason), act["at"]


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
    found: dict[str, dict[str, int]] = {}
    for row in chosen:
        values = {
            "county": [row["county"]],
            "hpi_quartile": [str(quartile) for quartile in row["hpi_quartiles"]],
            "mcp": [row["mcp"]],
            "population": [row["population"]],
            "practice_type": row["practice_types"],
            "tribal": ["yes" if row["tribal"] else "no"],
        }
        for attribute, names in values.items():
            for name in names:
                counts = found.setdefault(attribute, {})
                counts[name] = counts.get(name, 0) + 1
    return {attribute: found.get(attribute, {}) for attribute in MIXED}


def expect(what, stored, computed):
    """Raise Difference unless the two are the same, type and all."""
    if stored != computed or type(stored) is not type(computed):
        raise Difference(f"{what}: the record says {stored!r}, it should be {computed!r}")


def main(paths):
    """Check the records in these files, first of the chain first; return the exit status."""
    if not paths or any(path.startswith("-") for path in paths):
        print("usage: verifier.py RECORD.json [NEXT.json …]", file=sys.stderr)
        return 2
    try:
        records = (read(Path(path).read_bytes()) for path in paths)
        if len(paths) > 1:
            last = verify_chain(records)
        else:
            verify(last := next(records))
    except OSError as error:
        print(f"can't read a file: {error}", file=sys.stderr)
        return 2
    except Difference as error:
        print(f"DIFFERENT: {error}")
        return 1
    print(f"OK: {len(paths)} record(s), {len(last['applications'])} applications")
    if len(paths) == 1 and last["sequence"] > 1:
        print(f"Checked by itself: it is number {last['sequence']} of its chain.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
