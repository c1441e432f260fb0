"""How much a reviewer takes, what a reviewer knows best, and when a reviewer is away."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from core.times import PACIFIC, day
from programs.geography import counties as california
from scoring.models import Absence, ReviewerProfile

MOST_OPEN = 1000
LONGEST = timedelta(days=366)
WIDTH = 40  # characters of one county or specialty


@transaction.atomic
def set_profile(
    hat: Membership,
    *,
    max_open: int | None,
    counties: Iterable[str],
    specialties: Iterable[str],
    by: Membership,
) -> ReviewerProfile:
    """Store how many open reviews `hat` takes (None: no limit, 0: nothing new) and likes to take.

    With a profile a lead takes part in the automatic assignment too. Raises DomainError for a person of
    another plan, a limit outside 0 to 1,000, or a county that California does not have.
    """
    _require_colleague(hat, by)
    if max_open is not None and not 0 <= max_open <= MOST_OPEN:
        raise DomainError(
            _("The limit is a whole number from 0 to 1,000. Leave it empty for none.")
        )
    chosen = _chosen(counties)
    if set(chosen) - set(california()):
        raise DomainError(_("A county is not in the list. Choose counties from the list."))
    profile, _created = ReviewerProfile.objects.update_or_create(
        hat=hat,
        defaults={
            "max_open": max_open,
            "counties": chosen,
            "specialties": _chosen(specialties),
        },
    )
    return profile


@transaction.atomic
def add_absence(hat: Membership, *, first_day: date, last_day: date, by: Membership) -> Absence:
    """Note the days (Pacific, both included) on which `hat` gets nothing new.

    Raises DomainError for a person of another plan, for days in the wrong order, all in the past, longer
    than a year, or over days that are noted already.
    """
    _require_colleague(hat, by)
    if last_day < first_day:
        raise DomainError(_("The last day is before the first day. Change one of them."))
    if last_day < today():
        raise DomainError(_("These days are over. Enter days from today on."))
    if last_day - first_day > LONGEST:
        raise DomainError(_("An absence lasts a year at most. Enter an earlier last day."))
    Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=hat.pk)
    noted = Absence.objects.filter(hat=hat, first_day__lte=last_day, last_day__gte=first_day)
    if known := noted.first():
        message = _("%(person)s is already away from %(first)s to %(last)s.")
        words = {"first": day(known.first_day), "last": day(known.last_day)}
        raise DomainError(message % {"person": hat.user.full_name, **words})
    return Absence.objects.create(
        hat=hat, first_day=first_day, last_day=last_day, noted_by=by.label
    )


@transaction.atomic
def remove_absence(absence: Absence, *, by: Membership) -> None:
    """Take an absence back. Raises DomainError for another plan's, WrongState when it is gone."""
    _require_colleague(absence.hat, by)
    gone, _kinds = Absence.objects.filter(pk=absence.pk).delete()
    if not gone:
        raise WrongState(_("This absence was removed already."))


def today() -> date:
    """Return the date in California now."""
    return timezone.now().astimezone(PACIFIC).date()


def _require_colleague(hat: Membership, by: Membership) -> None:
    reviews = hat.is_active and hat.role in Role.of_mcp
    if not reviews or hat.organisation_id != by.organisation_id:
        raise DomainError(_("This person does not review for your plan."))


def _chosen(values: Iterable[str]) -> list[str]:
    found = sorted({value.strip() for value in values} - {""})
    if any(len(value) > WIDTH or "\x00" in value for value in found):
        raise DomainError(_("A choice is not in the list. Choose from the list."))
    return found
