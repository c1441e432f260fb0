"""Finding a difference between submitted sheets, and noticing when it is settled or gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from applications.models import Application
from scoring import official
from scoring.enums import Purpose, SettledBy
from scoring.models import Adjudication, Assignment, ScoreSheet
from scoring.official import Difference, Official
from scoring.queries.settling import (
    adjudications_of,
    differences_of,
    points_by_sheet,
    scoring_sheets,
    scoring_sheets_of,
    standing_third,
)


@dataclass(frozen=True)
class Picture:
    """The sheets of an application that count, and what lies between the submitted ones.

    `points` holds the points by criterion code for each submitted sheet's id. `open` is the difference
    that waits; `settled` the one that is settled and in force, which it is while no sheet has been
    submitted since and the third reader's sheet still counts.
    """

    sheets: tuple[ScoreSheet, ...]
    points: Mapping[int, Mapping[str, int]]
    difference: Difference
    open: Adjudication | None
    settled: Adjudication | None

    @property
    def submitted(self) -> list[ScoreSheet]:
        """The sheets that are in."""
        return [sheet for sheet in self.sheets if sheet.is_submitted]

    @property
    def mark(self) -> str:
        """A text that differs after any of the submitted sheets is submitted anew; under 400 signs."""
        return "-".join(
            f"{sheet.pk}.{sheet.submitted_at:%Y%m%d%H%M%S%f}" for sheet in self.submitted
        )[:400]

    @property
    def is_open(self) -> bool:
        """Whether a difference has to be settled before the score can be confirmed."""
        return self.difference.is_over and self.settled is None


def picture(application: Application, known_sheets: Iterable[ScoreSheet] | None = None) -> Picture:
    """Read what the sheets say (2 queries, 3 when two sheets are in; 1 less with `known_sheets`).

    `known_sheets` are sheets of the application that were read with their assignments.
    """
    if known_sheets is None:
        sheets = scoring_sheets(application)
    else:
        sheets = [sheet for sheet in known_sheets if _counts(sheet)]
    points = points_by_sheet(_compared(sheets))
    return _picture(application, sheets, points, adjudications_of(application))


def pictures(applications: Iterable[Application]) -> dict[int, Picture]:
    """Return the `picture` of each application by its id (3 queries, however many there are)."""
    rows = list(applications)
    sheets, known = scoring_sheets_of(rows), differences_of(rows)
    points = points_by_sheet(sheet for found in sheets.values() for sheet in _compared(found))
    return {one.pk: _picture(one, sheets[one.pk], points, known[one.pk]) for one in rows}


def _compared(sheets: Sequence[ScoreSheet]) -> list[ScoreSheet]:
    """Return the submitted sheets when there are two to compare, else none."""
    submitted = [sheet for sheet in sheets if sheet.is_submitted]
    return submitted if len(submitted) > 1 else []


def _picture(
    application: Application,
    sheets: Sequence[ScoreSheet],
    known_points: Mapping[int, Mapping[str, int]],
    known: Sequence[Adjudication],
) -> Picture:
    scoring = application.cycle.definition.scoring
    submitted = [sheet for sheet in sheets if sheet.is_submitted]
    points = {sheet.pk: known_points[sheet.pk] for sheet in _compared(sheets)}
    found = official.difference(
        list(points.values()),
        codes=[criterion.code for criterion in application.cycle.definition.criteria()],
        limit_total=scoring.spread_limit_total,
        limit_criterion=scoring.spread_limit_criterion,
    )
    if not scoring.settling:
        found = Difference(found.spread, found.apart, found.over, is_over=False)
    waiting = next((one for one in known if one.settled_at is None), None)
    settled = next((one for one in known if _in_force(one, submitted)), None)
    return Picture(tuple(sheets), points, found, waiting, settled if found.is_over else None)


@transaction.atomic(savepoint=False)
def look(application: Application) -> Adjudication | None:
    """Open, renew, settle or drop the application's difference as the sheets are now.

    To be called with the application locked whenever a sheet was submitted, reopened or made void.
    A third reader's submitted sheet settles; a difference that is gone is dropped. Returns what is
    still open.
    """
    found = picture(application)
    if not found.is_open:
        if found.open is not None:
            found.open.delete()
        return None
    row = found.open or Adjudication(application=application, opened_at=timezone.now())
    third = standing_third(application)
    row.total_spread, row.codes = found.difference.spread, list(found.difference.over)
    row.third, row.way = third, SettledBy.THIRD_READER if third else ""
    if third is None or not third.sheet.is_submitted:
        row.save()
        return row
    row.total = third.sheet.total
    row.settled_at, row.settled_by = timezone.now(), third.reviewer.label
    row.save()
    return None


def result(application: Application, found: Picture) -> Official:
    """Return the official score of the submitted sheets and its basis.

    What is settled decides; without a difference over the limits the program's way does. Void sheets
    count for nothing, a third reader's is never averaged. Raises ValueError while no sheet is in.
    """
    if found.settled is not None and found.settled.total is not None:
        return Official(found.settled.total, found.settled.way)
    totals = [sheet.total for sheet in found.submitted]
    return official.from_sheets(totals, application.cycle.definition.scoring.official)


def reader_of(adjudication: Adjudication) -> Assignment | None:
    """Return the review of the third reader while it stands, else None."""
    third = adjudication.third
    return third if third is not None and third.ended_at is None else None


def _counts(sheet: ScoreSheet) -> bool:
    """Tell whether the sheet is one from which the official score is made."""
    assignment = sheet.assignment
    stands = assignment.ended_at is None and sheet.voided_at is None
    return stands and assignment.purpose == Purpose.SCORE


def _in_force(adjudication: Adjudication, submitted: list[ScoreSheet]) -> bool:
    settled_at = adjudication.settled_at
    if settled_at is None:
        return False
    if any(sheet.submitted_at and sheet.submitted_at > settled_at for sheet in submitted):
        return False
    if adjudication.way == SettledBy.CONSENSUS:
        return True
    third = reader_of(adjudication)
    return third is not None and third.sheet.is_submitted and third.sheet.voided_at is None
