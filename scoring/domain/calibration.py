"""Practice rounds: the lead opens one, reviewers score samples, everybody compares."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from core.exceptions import DomainError, WrongState
from core.versioned import Saved, Shape, save_values
from programs.models import Cycle
from scoring import emails, rubric
from scoring.models import CalibrationRound, CalibrationScore, CalibrationSheet
from scoring.queries.calibration import practice_scores, unfinished_rounds

MOST_SAMPLES = 3
POINTS = Shape("code", ("points", "max_points"), show=lambda row: row.points)


@transaction.atomic
def open_round(
    plan: Organisation, *, cycle: Cycle, samples: Iterable[str], required: bool, by: Membership
) -> CalibrationRound:
    """Open a practice round of `plan` on 1 to 3 of the program's samples (keys); tell its reviewers.

    Raises DomainError for another number of samples or an unknown one, WrongState while a round of the
    same cycle is open.
    """
    keys = list(dict.fromkeys(samples))
    known = {sample.key for sample in cycle.definition.samples}
    if not 1 <= len(keys) <= MOST_SAMPLES or set(keys) - known:
        raise DomainError(_("Choose 1 to %(n)d samples of the list.") % {"n": MOST_SAMPLES})
    Organisation.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if CalibrationRound.objects.filter(cycle=cycle, plan=plan, closed_at=None).exists():
        raise WrongState(
            _("A practice round is open already. Close it before you open another one.")
        )
    practice = CalibrationRound.objects.create(
        cycle=cycle,
        plan=plan,
        samples=keys,
        required=required,
        opened_by=by.label,
        opened_at=timezone.now(),
    )
    emails.practice_round(practice)
    return practice


@transaction.atomic
def close_round(practice: CalibrationRound) -> CalibrationRound:
    """Close the round: nobody has to practise any more. A second call changes nothing."""
    locked = CalibrationRound.objects.select_for_update(no_key=True).get(pk=practice.pk)
    if locked.closed_at is None:
        locked.closed_at = timezone.now()
        locked.save(update_fields=["closed_at"])
    return locked


@transaction.atomic
def save(
    practice: CalibrationRound,
    sample: str,
    *,
    points: Mapping[str, int | None],
    bases: Mapping[str, int],
    by: Membership,
) -> Saved:
    """Store points by criterion code on the own practice sheet, each based on a version.

    Raises WrongState when the round is closed or the sheet submitted, DomainError for points outside a
    criterion's range or a sample that the round does not have.
    """
    sheet = _own_locked(practice, sample, by)
    maxima = {c.code: c.max_points for c in practice.cycle.definition.criteria()}
    for code, value in points.items():
        if value is not None and not 0 <= value <= maxima[code]:
            message = _("Criterion %(code)s takes whole points from 0 to %(max)d.")
            raise DomainError(message % {"code": code, "max": maxima[code]})
    return save_values(
        CalibrationScore,
        {
            code: (value, maxima[code])
            for code, value in points.items()
            if value is not None or bases.get(code, 0) > 0
        },
        bases,
        shape=POINTS,
        by=by.user.full_name,
        defaults={"sheet": sheet},
    )


@transaction.atomic
def submit(practice: CalibrationRound, sample: str, *, by: Membership) -> CalibrationSheet:
    """Lock the own practice sheet, so that the group's points can be shown.

    Raises DomainError naming the criteria without points, WrongState when the round is closed or the
    sheet submitted.
    """
    sheet = _own_locked(practice, sample, by)
    points = {code: row.points for code, row in practice_scores(sheet).items()}
    if missing := rubric.not_given(points, practice.cycle.definition.rubric):
        message = _("Give points for every criterion. Missing: %(codes)s.")
        raise DomainError(message % {"codes": ", ".join(missing)})
    sheet.submitted_at = timezone.now()
    sheet.save(update_fields=["submitted_at"])
    return sheet


def must_calibrate(hat: Membership, cycle: Cycle) -> CalibrationRound | None:
    """Return the required round that the person has to finish before real sheets open (1 query)."""
    return unfinished_rounds(hat).filter(cycle=cycle, required=True).first()


def to_practise(hat: Membership, cycle: Cycle) -> CalibrationRound | None:
    """Return the open round, required or not, that the person has not finished (1 query)."""
    return unfinished_rounds(hat).filter(cycle=cycle).first()


def require_calibrated(hat: Membership, cycle: Cycle) -> None:
    """Raise WrongState when the person has to finish a practice round first."""
    if must_calibrate(hat, cycle) is not None:
        raise WrongState(must_sentence())


def must_sentence() -> str:
    """Return why real sheets don't open yet."""
    return _("Your lead asks you to finish the practice round before you score real applications.")


def _own_locked(practice: CalibrationRound, sample: str, by: Membership) -> CalibrationSheet:
    """Lock the round, then the person's sheet (under whichever hat); it is made the first time."""
    locked = CalibrationRound.objects.select_for_update(no_key=True).get(pk=practice.pk)
    if locked.closed_at is not None:
        raise WrongState(_("This practice round is closed. Nothing was stored."))
    if sample not in locked.samples:
        raise DomainError(_("This round has no such sample. Go back to the list."))
    standing = CalibrationSheet.objects.select_for_update(of=("self",)).filter(
        round=locked, sample=sample, reviewer__user_id=by.user_id
    )
    sheet = standing.order_by("submitted_at", "pk").first()
    if sheet is None:
        return CalibrationSheet.objects.create(round=locked, reviewer=by, sample=sample)
    if sheet.submitted_at is not None:
        raise WrongState(_("This practice sheet is submitted and can't be changed."))
    return sheet
