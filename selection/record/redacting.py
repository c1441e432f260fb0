"""The record as the public reads it: numbers in place of references, and less about who was not selected."""

from collections.abc import Iterable, Mapping
from typing import Any

from selection.record.document import sealed

DIGITS = 4
HIDDEN = ("county", "mcp")


def numbers_for(references: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return a number for each reference, in the order of the references; those `known` keep theirs.

    Numbers count from "0001" and sort as texts as the references do, so that a tie broken by reference
    stays as it was. A reference that comes later gets the number before it with a part more ("0413.01").
    """
    if not known:
        every = sorted(references)
        return {name: number_at(place, len(every)) for place, name in enumerate(every, start=1)}
    numbers, number, more = dict(known), "0" * DIGITS, 0
    for name in sorted({*references, *known}):
        if name in known:
            number, more = known[name], 0
        else:
            more += 1
            numbers[name] = f"{number}.{more:02d}"
    return numbers


def number_at(place: int, total: int) -> str:
    """Return the number of the application at `place` (from 1) of `total` in a first release."""
    return f"{place:0{max(DIGITS, len(str(total)))}d}"


def redacted(
    full: Mapping[str, Any], numbers: Mapping[str, str], previous_sha256: str
) -> dict[str, Any]:
    """Return the public copy of a record; it verifies by the same rules as the record itself.

    `previous_sha256` is the digest of the public copy before it ("" for the first). Plan and county stay
    with the selected only, or with all where points are given by them. The reasons of pins are free text
    and are left out. `redacted_from` is the digest of the full record.
    """
    used = {rule["attribute"] for rule in full["rules"]["priority_points"]}
    hidden = dict.fromkeys((key for key in HIDDEN if key not in used), "")
    pins = [
        {**pin, "reference": numbers[pin["reference"]], "reason": ""}
        for pin in full["rules"]["pins"]
        if pin["reference"] in numbers
    ]
    rows = [
        {
            **row,
            **({} if row["outcome"] == "selected" else hidden),
            "reference": numbers[row["reference"]],
        }
        for row in full["applications"]
    ]
    acts = [{**act, "reference": numbers[act["reference"]]} for act in full["acts"]]
    return sealed(
        {
            **full,
            "previous_sha256": previous_sha256,
            "rules": {**full["rules"], "pins": pins},
            "applications": rows,
            "acts": acts,
            "redacted_from": full["sha256"],
        }
    )
