"""Which plan scores an application: named by the practice, under a version like any other field."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from applications.domain.locking import lock, require_writable
from applications.domain.practices import FieldRefused, lock_practice
from applications.models import Application, Practice
from core.fields import Versions, weigh
from core.versioned import Saved

FIELD = "designated_mcp"


def version_key(application: Application) -> str:
    """Return the name under which the practice keeps the version of this choice."""
    return f"{FIELD}:{application.pk}"


def versions_of(application: Application, versions: Versions) -> Versions:
    """Return the version of the choice among the practice's `versions`, by the field's name."""
    found = versions.get(version_key(application))
    return {FIELD: found} if found else {}


@transaction.atomic
def name_plan(
    application: Application, *, plan: Organisation | None, base: int, by: Membership
) -> Saved:
    """Store which plan scores the application, when the stored choice still is version `base`.

    Raises WrongState when the practice can't write, FieldRefused after the first submission.
    """
    practice = lock_practice(Practice(pk=application.practice_id))
    locked = lock(application)
    mine = versions_of(locked, practice.versions)
    saved = weigh(
        {FIELD: locked.designated_mcp}, mine, {FIELD: plan}, {FIELD: base}, by=by.user.full_name
    )
    if not saved.changed:
        return saved
    key = next(s.key for s in locked.cycle.definition.sections if s.kind == "members")
    require_writable(locked, key)
    if locked.submitted_at:
        message = _(
            "The plan can't change after submission. Withdraw this application to name another."
        )
        raise FieldRefused(message, FIELD)
    locked.designated_mcp = plan
    locked.save(update_fields=[FIELD])
    practice.versions[version_key(locked)] = mine[FIELD]
    practice.save(update_fields=["versions"])
    return saved
