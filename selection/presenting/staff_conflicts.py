"""Conflicts of interest of DHCS staff in words. No queries."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck

SOURCES = {
    ConflictSource.SELF: gettext_lazy("declared by the person"),
    ConflictSource.LEAD: gettext_lazy("noted by a colleague"),
    ConflictSource.SYSTEM: gettext_lazy("found by the portal"),
}


def own_row(check: ConflictCheck) -> dict[str, Any]:
    """Return one check as the person reads it; the note only of what they declared themselves."""
    failed = check.outcome == ConflictOutcome.FAILED
    own = failed and check.source == ConflictSource.SELF
    state, tone = _state(check)
    return {
        "check": check,
        "application": check.application,
        "label": label_of(check.application, check.rule),
        "state": state,
        "tone": tone,
        "note": check.note if own else "",
    }


def people_rows(
    application: Application, checks: Iterable[ConflictCheck], hat: Membership
) -> list[dict[str, Any]]:
    """Return the colleagues of whom a conflict is or was known, each with what was said, by name.

    An answer "no" that was never anything else is left out.
    """
    people: dict[int, dict[str, Any]] = {}
    for check in checks:
        failed = check.outcome == ConflictOutcome.FAILED
        if not failed and not check.note:
            continue
        row = people.setdefault(
            check.person_id,
            {
                "person": check.person_id,
                "name": check.person.full_name,
                "is_me": check.person_id == hat.user_id,
                "said": [],
            },
        )
        state, tone = _state(check)
        row["said"].append(
            {
                "pk": check.pk,
                "label": label_of(application, check.rule),
                "hard": check.hard,
                "source": SOURCES[ConflictSource(check.source)],
                "by": check.stated_by,
                "at": check.stated_at,
                "note": check.note,
                "state": state if check.person_id == hat.user_id else _other(check),
                "tone": tone,
                "can_clear": failed and check.person_id != hat.user_id,
            }
        )
    return sorted(people.values(), key=lambda row: (row["name"].casefold(), row["person"]))


def label_of(application: Application, key: str) -> str:
    """Return a rule of the program in words, or its key when the program has it no more."""
    rules = application.cycle.localized.scoring.conflict_rules
    return next((rule.label for rule in rules if rule.key == key), key)


def _state(check: ConflictCheck) -> tuple[str, str]:
    if check.outcome != ConflictOutcome.FAILED:
        return _("No conflict any more"), "success"
    if check.hard:
        return _("Closed to you"), "error"
    return _("A warning only"), "warning"


def _other(check: ConflictCheck) -> str:
    if check.outcome != ConflictOutcome.FAILED:
        return _("No conflict any more")
    return _("Closed to this person") if check.hard else _("A warning only")
