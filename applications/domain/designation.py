"""Which plan scores an application: named by the practice, under a version like any other field."""

from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from applications.domain.locking import require_writable
from applications.domain.practices import FieldRefused
from applications.models import Application, Practice
from core.exceptions import WrongState
from core.fields import Versions, weigh
from core.versioned import Saved
from programs.models import Cycle

FIELD = "designated_mcp"
STORE = """
WITH noted AS (UPDATE applications_practice SET versions = %s WHERE organisation_id = %s)
UPDATE applications_application SET designated_mcp_id = %s WHERE id = %s
"""


def version_key(application: Application) -> str:
    """Return the name under which the practice keeps the version of this choice."""
    return f"{FIELD}:{application.pk}"


def versions_of(application: Application, versions: Versions) -> Versions:
    """Return the version of the choice among the practice's `versions`, by the field's name."""
    found = versions.get(version_key(application))
    return {FIELD: found} if found else {}


@transaction.atomic
def name_plan(
    *, practice: Organisation, cycle: Cycle, plan: Organisation | None, base: int, by: Membership
) -> Saved:
    """Store which plan scores the practice's application, when the choice still is version `base`.

    One statement finds and locks, one writes. Raises WrongState when the practice has no application
    in `cycle` or can't write, FieldRefused after the first submission.
    """
    locked, profile = _lock(practice, cycle)
    mine = versions_of(locked, profile.versions)
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
    profile.versions[version_key(locked)] = mine[FIELD]
    _store(locked, profile, plan)
    return saved


def _lock(practice: Organisation, cycle: Cycle) -> tuple[Application, Practice]:
    """Return the application as `current_application` would, with its practice; both are locked.

    The practice comes first among the locks, as everywhere.
    """
    rows: Any = Application.objects.select_for_update(
        of=("practice__practice", "self"), no_key=True
    )
    found = (
        rows.filter(practice=practice.pk, cycle=cycle.pk, practice__practice__isnull=False)
        .select_related("cycle", "practice__practice", "designated_mcp")
        .order_by(F("withdrawn_at").desc(nulls_first=True), "-pk")
        .first()
    )
    if found is None:
        raise WrongState(_("There is no application to name a plan for. Start one first."))
    return found, found.practice.practice


def _store(application: Application, practice: Practice, plan: Organisation | None) -> None:
    versions = Practice._meta.get_field("versions")  # noqa: SLF001 - documented
    kept = versions.get_db_prep_save(practice.versions, connection)
    chosen = plan.pk if plan else None
    with connection.cursor() as cursor:
        cursor.execute(STORE, [kept, practice.pk, chosen, application.pk])
