"""Answering the questions about conflicts of interest for many applications in one act."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Membership
from scoring import conflicts
from scoring.domain.conflicts import declare
from scoring.models import ScoreSheet


@transaction.atomic
def declare_none(sheets: Iterable[ScoreSheet], *, by: Membership) -> int:
    """Keep "no" to every question of each sheet's application; return the number of applications.

    The applications are locked in the order of their ids. Raises WrongState when the person declared
    a hard conflict with one of them before; then nothing is stored.
    """
    applications = {one.assignment.application_id: one.assignment.application for one in sheets}
    for pk in sorted(applications):
        asked = conflicts.declared(applications[pk].cycle.definition.scoring.conflict_rules)
        declare(applications[pk], answers={rule.key: False for rule in asked}, by=by)
    return len(applications)
