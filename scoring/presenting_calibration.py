"""A practice round's results as rows and small pictures for its pages. No queries, no markup."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from core.components import bin_bars
from programs.schema import ProgramDefinition
from scoring.calibrating import Compared, Given, compare
from scoring.models import CalibrationRound, CalibrationSheet
from scoring.presenting_fairness import one, signed

FAR = 2  # points from the group's mean that are worth a word


def rows(compared: Iterable[Compared]) -> list[dict[str, Any]]:
    """Return one row for each criterion of a sample, with the bars of the group's points."""
    return [
        {
            "code": row.criterion.code,
            "title": row.criterion.title,
            "own": row.own,
            "mean": "–" if row.mean is None else one(row.mean),
            "spread": row.spread,
            "away": signed(row.away),
            "far": abs(row.away) >= FAR,
            "reference": row.reference,
            "words": _words(row.counts),
            "bars": bin_bars(
                [
                    {"label": str(n), "count": count, "selected": n == row.own or row.own is None}
                    for n, count in enumerate(row.counts)
                ]
            ),
        }
        for row in compared
    ]


def samples_of(
    practice: CalibrationRound, given: Sequence[Given], own: int | None = None
) -> list[dict[str, Any]]:
    """Return the round's samples that the program still has, each with its rows and sheets."""
    definition: ProgramDefinition = practice.cycle.definition
    found = []
    for sample in definition.samples:
        if sample.key not in practice.samples:
            continue
        people = {row.reviewer for row in given if row.sample == sample.key}
        compared = compare(given, sample, definition.criteria(), own=own)
        found.append(
            {
                "sample": sample,
                "sheets": len(people),
                "others": len(people - {own}),
                "rows": rows(compared),
            }
        )
    return found


def progress(
    practice: CalibrationRound,
    people: Iterable[Membership],
    sheets: Iterable[CalibrationSheet],
    given: Sequence[Given],
) -> list[dict[str, Any]]:
    """Return how far each reviewer is, and how many points the own totals lie from the group's.

    Who took part and is no reviewer now is listed too.
    """
    own: dict[int, list[CalibrationSheet]] = {}
    names: dict[int, str] = {hat.pk: hat.user.full_name for hat in people}
    for sheet in sheets:
        own.setdefault(sheet.reviewer_id, []).append(sheet)
        names.setdefault(sheet.reviewer_id, sheet.reviewer.user.full_name)
    away = _away(given)
    return [
        {
            "name": name,
            "done": sum(sheet.submitted_at is not None for sheet in own.get(pk, ())),
            "started": bool(own.get(pk)),
            "all": len(practice.samples),
            "away": signed(away[pk]) if pk in away else "–",
        }
        for pk, name in names.items()
    ]


def _away(given: Sequence[Given]) -> Mapping[int, float]:
    """Return the mean distance in points of each reviewer's totals from the others' mean total."""
    totals: dict[str, dict[int, int]] = {}
    for row in given:
        of_sample = totals.setdefault(row.sample, {})
        of_sample[row.reviewer] = of_sample.get(row.reviewer, 0) + row.points
    away: dict[int, list[float]] = {}
    for of_sample in totals.values():
        everybody = sum(of_sample.values())
        for pk, total in of_sample.items():
            if len(of_sample) > 1:
                others = (everybody - total) / (len(of_sample) - 1)
                away.setdefault(pk, []).append(total - others)
    return {pk: sum(each) / len(each) for pk, each in away.items()}


def _words(counts: Sequence[int]) -> str:
    return ", ".join(
        _("%(points)d points: %(count)d") % {"points": n, "count": count}
        for n, count in enumerate(counts)
        if count
    )
