"""Letting people of a plan go, come back, or change their role, with what it does to their reviews."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import memberships
from accounts.models import Membership
from applications.models import Application
from core.exceptions import DomainError
from scoring.enums import Ending
from scoring.models import Assignment
from scoring.queries.team import unfinished


@transaction.atomic
def deactivate(hat: Membership, *, by: Membership) -> Sequence[Assignment]:
    """Switch the hat off and take back the reviews that it has not submitted; return those.

    Sheets that were submitted stay and count. A second call does nothing. Raises DomainError for one's
    own hat, for a person of another plan, and for the last lead.
    """
    _require_colleague(hat, by)
    memberships.remove(hat, by=by)
    return _take_back(hat, _("does not work for the plan any more"), by=by)


@transaction.atomic
def reactivate(hat: Membership, *, by: Membership) -> Membership:
    """Switch the hat on again in the role that it had. Reviews that were taken back stay so.

    Raises DomainError for a person of another plan, WrongState when the person works for the plan in
    another role meanwhile.
    """
    _require_plan(hat, by)
    return memberships.restore(hat, by=by)


@transaction.atomic
def change_role(hat: Membership, *, role: str, by: Membership) -> Membership:
    """Give the person another role; return the hat that now counts.

    Reviews belong to the hat that is switched off, so those that are not submitted are taken back. The
    same role again changes nothing. Raises DomainError for one's own hat, for a person of another plan,
    and when the plan would be left without a lead.
    """
    _require_colleague(hat, by)
    changed = memberships.change_role(hat, role=role, by=by)
    if changed.pk != hat.pk:
        _take_back(hat, _("works for the plan in another role"), by=by)
    return changed


def _take_back(hat: Membership, reason: str, *, by: Membership) -> Sequence[Assignment]:
    """End the unfinished reviews; applications are locked in order, so that no submit is lost."""
    locked = Application.objects.select_for_update(of=("self",), no_key=True)
    list(locked.filter(pk__in=unfinished(hat).order_by().values("application")).order_by("pk"))
    ended = list(unfinished(hat))
    Assignment.objects.filter(pk__in=[one.pk for one in ended]).update(
        ended_at=timezone.now(),
        ended_kind=Ending.TAKEN_BACK,
        ended_reason=f"{by.label}: {hat.user.full_name} {reason}",
    )
    return ended


def _require_colleague(hat: Membership, by: Membership) -> None:
    _require_plan(hat, by)
    if hat.user_id == by.user_id:
        raise DomainError(_("This is you. Ask another lead of your plan to do it."))


def _require_plan(hat: Membership, by: Membership) -> None:
    if hat.organisation_id != by.organisation_id:
        raise DomainError(_("This person does not work for your plan."))
