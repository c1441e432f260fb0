"""The record as the public reads it: numbers in place of references, and less about who was not selected."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from selection.record.document import sealed

DIGITS, PART = 4, 2
HIDDEN = ("county", "mcp")


def numbers_for(references: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return a number for each reference, in the order of the references; those `known` keep theirs.

    Numbers count from "0001" and sort as texts as the references do, so that a tie broken by reference
    stays as it was. A reference that comes later gets the number before it with a part more ("0413.01");
    where such numbers are taken, one that sorts before them ("0413.00.01").
    """
    if not known:
        every = sorted(references)
        return {name: number_at(place, len(every)) for place, name in enumerate(every, start=1)}
    numbers, number, stems = dict(known), "0" * DIGITS, _stems(known.values())
    for is_known, names in groupby(sorted({*references, *known}), known.__contains__):
        group = list(names)
        if is_known:
            number = known[group[-1]]
        else:
            numbers |= dict(zip(group, _after(number, len(group), stems), strict=True))
    return numbers


def _stems(numbers: Iterable[str]) -> set[str]:
    """Return every number, or beginning of one, that has a part more after it."""
    return {one[:end] for one in numbers for end, letter in enumerate(one) if letter == "."}


def _after(number: str, count: int, stems: set[str]) -> list[str]:
    """Return `count` numbers that sort after `number` and before all that follow it."""
    while number in stems:
        number = f"{number}.{0:0{PART}d}"
    width = max(PART, len(str(count)))
    return [f"{number}.{more:0{width}d}" for more in range(1, count + 1)]


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
