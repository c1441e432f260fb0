"""Saving one row's fields that several people edit at once: each field has a version of its own.

The rules are those of `core.versioned`: a field is never written over a version that its author has
not seen, the same value again is neither a change nor a conflict, and one conflict holds up no other
field.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.exceptions import StaleValue
from core.models import FieldVersions
from core.times import clock
from core.versioned import Saved

Versions = dict[str, list[Any]]
Show = Callable[[str, Any], object]


def as_it_is(_name: str, value: Any) -> object:
    """Show a value as it is stored."""
    return value


def version_of(versions: Mapping[str, list[Any]], name: str) -> int:
    """Return the version of field `name`; 0 when it was never saved by itself."""
    return versions[name][0] if name in versions else 0


def last_change(versions: Mapping[str, list[Any]]) -> tuple[str, datetime] | None:
    """Return who changed a field last and when (UTC), or None when nobody did."""
    found = max(versions.values(), key=lambda entry: entry[2], default=None)
    return (found[1], datetime.fromisoformat(found[2])) if found else None


def weigh(
    stored: Mapping[str, Any],
    versions: Versions,
    changes: Mapping[str, Any],
    bases: Mapping[str, int],
    *,
    by: str,
    show: Show = as_it_is,
) -> Saved:
    """Decide for each of `changes` (name → value) whether it may be written over `stored`.

    Raises the versions of those that may, in place; the caller writes them. Saved.before has the
    stored value of each change, in a tuple of one as everywhere. An absent base is version 0.
    """
    saved = Saved()
    for name, value in changes.items():
        known = version_of(versions, name)
        if stored[name] == value:
            saved.versions[name] = known
        elif known != bases.get(name, 0):
            saved.conflicts[name] = _conflict(name, value, stored[name], versions, show)
        else:
            saved.before[name] = (stored[name],)
            saved.versions[name] = known + 1
            saved.changed.append(name)
            versions[name] = [known + 1, by, timezone.now().isoformat()]
    return saved


def save_fields(
    row: FieldVersions,
    changes: Mapping[str, Any],
    bases: Mapping[str, int],
    *,
    by: str,
    show: Show = as_it_is,
    also: Callable[[Any, list[str]], list[str]] | None = None,
) -> Saved:
    """Store `changes` (field → value) of `row` where the stored version is still the one in `bases`.

    `show(field, value)` says how a value in conflict is handed back. `also(row, changed)` sets what
    follows from the changed fields and returns the names of those columns. Must run inside the
    caller's transaction, after `row` or its owner was locked and read.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("save_fields() belongs in the transaction that locked the owner")
    stored = {name: getattr(row, name) for name in changes}
    saved = weigh(stored, row.versions, changes, bases, by=by, show=show)
    if saved.changed:
        for name in saved.changed:
            setattr(row, name, changes[name])
        following = also(row, saved.changed) if also else []
        row.save(update_fields=[*saved.changed, *following, "versions"])
    return saved


def _conflict(
    name: str, mine: Any, theirs: Any, versions: Mapping[str, list[Any]], show: Show
) -> StaleValue:
    version, by, at = versions.get(name, [0, "", ""])
    return StaleValue(
        key=name,
        mine=show(name, mine),
        theirs=show(name, theirs),
        version=version,
        by=by,
        at=clock(datetime.fromisoformat(at)) if at else "",
    )
