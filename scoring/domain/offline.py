"""Storing what a reviewer filled in offline: the same save as on the score page, sheet by sheet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import rules
from django.utils.translation import gettext as _

from accounts.models import Membership
from core.exceptions import DomainError
from scoring.domain import sheets
from scoring.models import ScoreSheet
from scoring.offline.form import KINDS
from scoring.offline.judging import Change, JudgedTab


@dataclass
class Taken:
    """What became of a file: values stored, sheets they belong to, and (title of the tab, why not)."""

    values: int = 0
    sheets: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def take(
    tabs: Sequence[JudgedTab],
    *,
    chosen: Collection[int],
    mine: Mapping[str, int],
    by: Membership,
) -> Taken:
    """Store the judged changes of the `chosen` sheets (ids); each sheet by itself.

    `mine` names the conflicts (by `Change.key`) in which the file wins, each with the online version
    that the person saw; every other conflict stays as it is online. A second call finds nothing to do.
    """
    taken = Taken()
    for tab in tabs:
        if tab.sheet is None or tab.refused or tab.sheet.pk not in chosen:
            continue
        won = [one for one in tab.conflicts if mine.get(one.key) == one.version]
        changed_again = any(one.key in mine and one not in won for one in tab.conflicts)
        changes = [*tab.changes, *won]
        if changes:
            _take_tab(taken, tab.title, tab.sheet, changes, by)
        if changed_again:
            taken.left.append((tab.title, _changed_again()))
    return taken


def _take_tab(
    taken: Taken, title: str, sheet: ScoreSheet, changes: list[Change], by: Membership
) -> None:
    if not rules.has_perm("scoring.score", by, sheet):
        taken.left.append((title, _("You can't score this application now. Nothing was stored.")))
        return
    values, bases = (
        {
            kind: {one.code: getattr(one, part) for one in changes if one.kind == kind}
            for kind in KINDS
        }
        for part in ("new", "version")
    )
    try:
        saved = sheets.save(
            sheet,
            points=values["points"],
            comments=values["comments"],
            notes=values["notes"],
            point_bases=bases["points"],
            comment_bases=bases["comments"],
            note_bases=bases["notes"],
            by=by,
        )
    except DomainError as error:
        taken.left.append((title, str(error)))
        return
    stored = sum(len(part.changed) for part in (saved.points, saved.comments, saved.notes))
    taken.values += stored
    taken.sheets += bool(stored)
    if saved.has_conflicts:
        taken.left.append((title, _changed_again()))


def _changed_again() -> str:
    return _("Something changed online while you looked at this page. Look again and choose.")
