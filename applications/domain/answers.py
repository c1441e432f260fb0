"""Saving answers: permissive about what is missing, strict about who overwrites whom."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from accounts.models import Membership
from applications.domain import holding
from applications.domain.locking import lock, require_writable
from applications.models import Answer, Application
from core.versioned import Saved, Shape, save_values

SHAPE = Shape(key_field="key", value_fields=("value",), show=lambda row: row.value)


@transaction.atomic
def save(
    application: Application,
    *,
    values: Mapping[str, object],
    bases: Mapping[str, int],
    by: Membership,
    section: str = "",
    held: Iterable[int] = (),
) -> Saved:
    """Store `values` (question key → text, list or None) that were based on versions `bases`.

    An answer that somebody changed since is not written; it comes back among the conflicts with both
    texts, and is held for its author. `held` are the ids of held texts that this save settles, where it
    is not refused again. `section` is the key of the section that the questions belong to. Raises
    WrongState when the application can't be written any more.
    """
    locked = lock(application)
    require_writable(locked, section)
    changes = {key: (value,) for key, value in values.items()}
    saved = save_values(
        Answer,
        {key: change for key, change in changes.items() if bases.get(key) or change != (None,)},
        bases,
        shape=SHAPE,
        by=by.user.full_name,
        defaults={"application": locked},
    )
    if saved.conflicts:
        refused = {key: values[key] for key in saved.conflicts}
        holding.hold(locked, values=refused, bases=bases, by=by)
    if held:
        kept = [key for key in values if key not in saved.conflicts]
        holding.settle(locked, held=held, keys=kept, by=by)
    return saved
