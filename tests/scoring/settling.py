"""Sheets that differ too much, in the state that a test needs."""

from dataclasses import dataclass

from accounts.models import Membership
from applications.models import Application
from scoring.domain import sheets
from scoring.models import Adjudication, ScoreSheet
from tests.scoring.building import a_lead, fill, give, hand_in, store, submitted


@dataclass
class Apart:
    """An application with two submitted sheets that differ by 36 points, its lead, what is open."""

    application: Application
    lead: Membership
    sheets: list[ScoreSheet]
    adjudication: Adjudication


def apart(lead: Membership | None = None, totals=(72, 36), **kwargs) -> Apart:
    """Return two sheets that are over the limit in total, and on no criterion by more than 3."""
    lead = lead or a_lead()
    application = submitted(lead, **kwargs)
    given = [give(application, lead) for _ in totals]
    for sheet, total in zip(given, totals, strict=True):
        hand_in(sheet, total)
    application.refresh_from_db()
    return Apart(application, lead, given, Adjudication.objects.get(application=application))


def hand_in_points(sheet: ScoreSheet, **points: int) -> ScoreSheet:
    """Submit a sheet of 54 points with other points on some criteria, such as `c1_1=5`."""
    fill(sheet, 54)
    changed = {name[1:].replace("_", "."): value for name, value in points.items()}
    store(sheet, changed, dict.fromkeys(changed, "Because of the plan."))
    return sheets.submit(sheet, by=sheet.assignment.reviewer)


def points_of(sheet: ScoreSheet) -> dict[str, int]:
    """Return the stored points by criterion code."""
    return dict(sheet.scores.values_list("code", "points"))
