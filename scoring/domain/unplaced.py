"""Why an application got fewer reviewers than asked for: counted when it is found, said when it is read."""

from typing import TypedDict

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.balancing import Plan
from scoring.domain.pooling import Situation


class Unplaced(TypedDict):
    """One application, how many reviewers are `missing`, and why nobody else could take it.

    Each person who does not have the application is counted once: with a hard `conflict`, having `had`
    it before, `away` today, or `full`.
    """

    application: int
    reference: str
    missing: int
    conflict: int
    had: int
    away: int
    full: int


def unplaced(found: Situation, plan: Plan) -> list[Unplaced]:
    """Return the applications for which `plan` finds too few reviewers, with the reasons counted."""
    rows = []
    for number in np.flatnonzero(plan.unplaced).tolist():
        conflict, had, away = found.conflict[number], found.had[number], found.away
        left = ~(plan.chosen[number] | found.held[number])
        rows.append(
            Unplaced(
                application=found.applications[number],
                reference=found.references[number],
                missing=int(plan.unplaced[number]),
                conflict=int((left & conflict).sum()),
                had=int((left & had & ~conflict).sum()),
                away=int((left & away & ~conflict & ~had).sum()),
                full=int((left & ~away & ~conflict & ~had).sum()),
            )
        )
    return rows


def why(row: Unplaced) -> str:
    """Return the reason in words, in the language of the page."""
    counts = {name: row[name] for name in ("conflict", "had", "away", "full")}
    parts = {name: number for name, number in counts.items() if number}
    if not parts:
        return _("Everybody who reviews for the plan has it already.")
    if len(parts) == 1:
        return {
            "conflict": _("Everybody else has a conflict of interest."),
            "had": _("Everybody else had it before and gave it back."),
            "away": _("Everybody else is away today."),
            "full": _("Everybody else has reached the limit of open reviews."),
        }[next(iter(parts))]
    words = ", ".join(_counted(name, number) for name, number in parts.items())
    return _(
        "Nobody is left: %(reasons)s. Leads count only after limit and preferences are saved."
    ) % {"reasons": words}


def _counted(name: str, number: int) -> str:
    text = {
        "conflict": ngettext(
            "%(n)d has a conflict of interest", "%(n)d have a conflict of interest", number
        ),
        "had": ngettext("%(n)d had it before", "%(n)d had it before", number),
        "away": ngettext("%(n)d is away today", "%(n)d are away today", number),
        "full": ngettext("%(n)d has reached the limit", "%(n)d have reached the limit", number),
    }[name]
    return text % {"n": number}
