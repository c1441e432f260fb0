"""How the workbook of offline scoring is laid out: one tab an application, one row a criterion.

Column G is hidden. Its first cell names the form and the sheet; beside each criterion it holds the code
and, for points, comment and note, the version and a fingerprint of what was written there. So a tab may
be renamed or moved, and what nobody touched offline is told from what somebody changed.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

CODE, TITLE, LEVELS, POINTS, COMMENT, NOTE, KEY = range(1, 8)
KINDS = ("points", "comments", "notes")
COLUMN_OF = {"points": POINTS, "comments": COMMENT, "notes": NOTE}
MARK = "ept-score-form/1"
HOW_TO = f"{MARK} how-to"
HEADER_ROW = 4
MOST_TABS = 50
MOST_ROWS = 150  # rows of a tab that are looked at; what is below is there to read
LONGEST_TEXT = 10_000  # characters, as on the score page
MOST_BYTES = 5 * 1024 * 1024

Value = int | str | None


class Base(NamedTuple):
    """What a cell held when the form was made: the version it was, and its fingerprint."""

    version: int
    fingerprint: str


def fingerprint(value: Value) -> str:
    """Return a short fingerprint of a value as it stands in a cell."""
    text = "" if value is None else str(value)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def sheet_key(sheet_id: int) -> str:
    """Return what the first hidden cell says of a tab."""
    return f"{MARK} {sheet_id}"


def sheet_of_key(text: object) -> int | None:
    """Return the sheet's id, or None when this is no such key."""
    found = str(text or "").split(" ")
    if len(found) != 2 or found[0] != MARK or not found[1].isdecimal() or len(found[1]) > 18:
        return None
    return int(found[1])


def row_key(code: str, bases: Mapping[str, Base]) -> str:
    """Return what the hidden cell says beside a criterion."""
    return json.dumps([code, *[list(bases[kind]) for kind in KINDS]])


def row_of_key(text: object) -> tuple[str, dict[str, Base]] | None:
    """Return code and bases by kind, or None when this is no such key."""
    try:
        code, *bases = json.loads(str(text))
        found = {
            kind: Base(int(version), str(mark))
            for kind, (version, mark) in zip(KINDS, bases, strict=True)
        }
    except (ValueError, TypeError, RecursionError):
        return None
    versions_fit = all(0 <= base.version < 10**9 for base in found.values())
    return (str(code), found) if versions_fit else None
