"""Assigning by a CSV file: what each row comes to, and giving the good ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from programs.models import Cycle
from scoring.assignment_file import Row
from scoring.domain.giving import REFUSED, Verdict, Wanted, give, judge
from scoring.queries.assigning import hats_by_email


@dataclass(frozen=True)
class Judged:
    """A row with what it comes to; `verdict` is None when the row names no pair."""

    row: Row
    kind: str
    reason: str = ""
    verdict: Verdict | None = None


def judge_file(rows: Sequence[Row], *, cycle: Cycle, by: Membership) -> list[Judged]:
    """Return what each row comes to now, in order; writes nothing (a fixed number of queries)."""
    pairs = _pairs(rows, cycle, by)
    wanted = [pair for pair in pairs if not isinstance(pair, str)]
    return _joined(rows, pairs, judge(wanted, plan=by.organisation))


def give_file(rows: Sequence[Row], *, cycle: Cycle, by: Membership) -> list[Judged]:
    """Give what the good rows say and tell each reviewer once; return what each row came to.

    The same rows again give nothing more.
    """
    pairs = _pairs(rows, cycle, by)
    wanted = [pair for pair in pairs if not isinstance(pair, str)]
    return _joined(rows, pairs, give(wanted, by=by))


def _joined(
    rows: Sequence[Row], pairs: Sequence[Wanted | str], verdicts: list[Verdict]
) -> list[Judged]:
    found, left = [], iter(verdicts)
    for row, pair in zip(rows, pairs, strict=True):
        if isinstance(pair, str):
            found.append(Judged(row, REFUSED, pair))
            continue
        one = next(left)
        found.append(Judged(row, one.kind, one.reason or one.warning, one))
    return found


def _pairs(rows: Sequence[Row], cycle: Cycle, by: Membership) -> list[Wanted | str]:
    """Return for each row the pair that it names, or why it names none."""
    references = {row.reference.upper() for row in rows if row.reference}
    mine = applications_visible_to(by).filter(cycle=cycle, reference__in=references)
    applications = {one.reference: one for one in mine}
    hats = hats_by_email(by.organisation, (row.email for row in rows))
    return [_pair(row, applications, hats) for row in rows]


def _pair(
    row: Row, applications: dict[str, Application], hats: dict[str, Membership]
) -> Wanted | str:
    if row.fault:
        return row.fault
    application = applications.get(row.reference.upper())
    hat = hats.get(row.email.lower())
    if application is None:
        return _("No application of your plan in this cycle has this reference.")
    if hat is None:
        return _("Nobody with this email address reviews for your plan.")
    return application, hat
