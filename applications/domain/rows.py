"""Sites and member counts: rows that are added, saved field by field, and removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.practices import (
    ROWS_AT_MOST,
    FieldRefused,
    lock_practice,
    raise_version,
    require_correctable,
)
from applications.models import MemberCount, Practice, Site
from core.canonical import canonical_json, digest
from core.exceptions import DomainError, WrongState
from core.fields import save_fields
from core.versioned import Saved
from programs.geography import county_of_zip

RowModel = type[Any]
"""Site or MemberCount."""
Changes = Mapping[int, Mapping[str, Any]]
Bases = Mapping[int, Mapping[str, int]]
SITE_FIELDS = ("name", "street", "city", "zip_code", "npi")
MEMBER_FIELDS = ("plan", "members", "as_of")
KIND_OF: dict[Any, str] = {Site: "sites", MemberCount: "members"}


class RowGone(DomainError):
    """A colleague removed the row meanwhile; `row` is its id. Nothing of it was stored."""

    def __init__(self, row: int) -> None:
        super().__init__(
            _("A colleague removed this entry after you opened the page. Your text is not saved.")
        )
        self.row = row


@transaction.atomic
def add(model: RowModel, practice: Practice, *, by: Membership) -> Any:
    """Make an empty row to be filled in, and return it. An empty row that is there is enough."""
    stored = _lock(model, practice)
    rows = model.objects.filter(practice=stored)
    empty = next((row for row in rows if not any(values_of(row))), None)
    if empty is not None:
        return empty
    _require_room(rows.count() + 1)
    raise_version(stored, by)
    return model.objects.create(practice=stored)


@transaction.atomic
def add_many(
    model: RowModel,
    practice: Practice,
    *,
    rows: Sequence[Mapping[str, Any]],
    by: Membership,
) -> int:
    """Store complete new `rows`; return how many. Raises DomainError when one plan comes twice."""
    stored = _lock(model, practice)
    present = model.objects.filter(practice=stored)
    _require_room(present.count() + len(rows))
    if model is MemberCount:
        _require_new_plans(present, [row["plan"] for row in rows])
    made = [model(practice=stored, **row) for row in rows]
    for row in made:
        _follow(row, ["zip_code"])
    model.objects.bulk_create(made)
    raise_version(stored, by)
    return len(made)


@transaction.atomic
def save(
    model: RowModel,
    practice: Practice,
    *,
    changes: Changes,
    bases: Bases,
    by: Membership,
) -> dict[int, Saved]:
    """Store `changes` (row id → field → value) that were based on versions `bases`.

    The county of a site follows its ZIP code. Raises RowGone for a row that is not the practice's
    (any more), FieldRefused when a plan is in another row already, WrongState when the section is
    locked; then nothing is stored.
    """
    stored = _lock(model, practice)
    present = model.objects.filter(practice=stored)
    if model is MemberCount:
        rows = present.select_related("plan").in_bulk()
        _require_one_row_per_plan(rows, changes)
    else:
        rows = present.in_bulk(list(changes))
    saved = {}
    for number, values in changes.items():
        if number not in rows:
            raise RowGone(number)
        row = rows[number]
        saved[number] = save_fields(
            row, values, bases.get(number, {}), by=by.user.full_name, also=_follow
        )
    return saved


@transaction.atomic
def remove(row: Site | MemberCount, *, seen: str, by: Membership) -> None:
    """Delete a row as it was `seen` (its fingerprint). Raises WrongState when it changed since."""
    model = type(row)
    stored = _lock(model, row.practice)
    present = model.objects.filter(practice=stored, pk=row.pk).first()
    if present is None:
        return
    if fingerprint(present) != seen:
        raise WrongState(
            _(
                "Somebody changed this entry after you opened the page. Look at it again, then decide."
            )
        )
    present.delete()
    raise_version(stored, by)


def values_of(row: Site | MemberCount) -> list[Any]:
    """Return what people enter in the row, in the order of the form."""
    if isinstance(row, Site):
        return [getattr(row, name) for name in SITE_FIELDS]
    return [row.plan_id, row.members, row.as_of]


def fingerprint(row: Site | MemberCount) -> str:
    """Return a digest of the row's values, to tell whether it changed."""
    return digest(canonical_json([str(value) for value in values_of(row)]))


def _lock(model: RowModel, practice: Practice) -> Practice:
    stored = lock_practice(practice)
    require_correctable(stored, KIND_OF[model])
    return stored


def _follow(row: Site | MemberCount, changed: list[str]) -> list[str]:
    if not isinstance(row, Site) or "zip_code" not in changed:
        return []
    row.county = county_of_zip(row.zip_code)
    return ["county"]


def _require_room(count: int) -> None:
    if count > ROWS_AT_MOST:
        message = _("This list has room for %(most)d entries. Remove one to add another.")
        raise DomainError(message % {"most": ROWS_AT_MOST})


def _require_one_row_per_plan(rows: Mapping[int, MemberCount], changes: Changes) -> None:
    named = {row: values["plan"] for row, values in changes.items() if values.get("plan")}
    if not named:
        return
    taken = {count.plan_id for number, count in rows.items() if number not in named}
    for row, plan in named.items():
        if plan.pk in taken:
            message = _("%(plan)s is in your table already. Add the counts up in one entry.")
            raise FieldRefused(message % {"plan": plan.name}, "plan", row)
        taken.add(plan.pk)


def _require_new_plans(rows: models.QuerySet[MemberCount], plans: Sequence[Any]) -> None:
    taken = set(rows.values_list("plan_id", flat=True))
    for plan in plans:
        if plan.pk in taken:
            message = _("%(plan)s is in your table already. Change the count there.")
            raise DomainError(message % {"plan": plan.name})
        taken.add(plan.pk)
