"""Saving answers: permissive about what is missing, strict about who overwrites whom."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import Membership
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
) -> Saved:
    """Store `values` (question key → text, list or None) that were based on versions `bases`.

    An answer that somebody changed since is not written; it comes back among the conflicts with both
    texts. `section` is the key of the section that the questions belong to. Raises WrongState when the
    application can't be written any more.
    """
    locked = lock(application)
    require_writable(locked, section)
    changes = {key: (value,) for key, value in values.items()}
    return save_values(
        Answer.objects.filter(application=locked),
        {key: change for key, change in changes.items() if bases.get(key) or change != (None,)},
        bases,
        shape=SHAPE,
        by=by.user.full_name,
        defaults={"application": locked},
    )
