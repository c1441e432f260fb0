"""Settling a difference between sheets: a third reader, or the lead's consensus."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.locking import lock_hats
from accounts.enums import Role
from accounts.models import Membership
from accounts.queries import people_with_role
from applications.domain.locking import lock
from applications.enums import Status
from applications.models import Application
from applications.queries import hard_conflicts
from core.exceptions import DomainError, WrongState
from scoring import official
from scoring.domain import assignments, differences
from scoring.domain.conflict_search import findings_kept
from scoring.domain.differences import Picture
from scoring.enums import Purpose, SettledBy
from scoring.models import Adjudication, Assignment


@dataclass(frozen=True)
class Agreed:
    """What the lead sets for one criterion: points, and the reason for them."""

    points: int
    reason: str


@dataclass(frozen=True)
class OwnHand:
    """A lead's own part in a difference: whether one of the sheets is the lead's, and who else may act."""

    is_own: bool
    others: tuple[str, ...]

    @property
    def keeps_out(self) -> bool:
        """Whether another lead has to set the consensus."""
        return self.is_own and bool(self.others)


def assign_third(application: Application, *, reviewer: Membership, by: Membership) -> Assignment:
    """Ask a third person to score the application; that sheet, once submitted, is the adjudicated one.

    Raises WrongState when there is nothing to settle or somebody reads already, DomainError when the
    program does not settle so, for a person who has scored it, and as `assignments.assign` does.
    """
    with findings_kept(application, reviewer, by=by):
        lock_hats([reviewer.pk])  # before the application, as everywhere
        return _assign_third(lock(application), reviewer, by)


def _assign_third(locked: Application, reviewer: Membership, by: Membership) -> Assignment:
    """Give the locked application to the locked hat, and note who settles."""
    found, row = _waiting(locked, SettledBy.THIRD_READER)
    if third := differences.reader_of(row):
        message = _("%(person)s is already the third reader.")
        raise WrongState(message % {"person": third.reviewer.user.full_name})
    if reviewer.user_id in {sheet.assignment.reviewer.user_id for sheet in found.sheets}:
        message = _("%(person)s has scored this application. Choose somebody else.")
        raise DomainError(message % {"person": reviewer.user.full_name})
    given = assignments.assign(locked, reviewer=reviewer, by=by, purpose=Purpose.THIRD_READER)
    row.third, row.way = given, SettledBy.THIRD_READER
    row.save(update_fields=["third", "way"])
    return given


@transaction.atomic
def agree(
    adjudication: Adjudication, *, agreed: Mapping[str, Agreed], seen: str, by: Membership
) -> Adjudication:
    """Settle the difference by the lead's points, with a reason for each.

    `seen` is the mark of the sheets (`Picture.mark`) that the lead had in view.

    The rule: a consensus sets points for every criterion on which the sheets do not agree, also where
    they differ by little; where they agree, their points are taken over. A third reader's review that
    is still open ends. Raises WrongState when the sheets have changed since, DomainError when points or a
    reason are missing, for points outside a criterion's range, and for a lead who wrote one of the
    sheets while another lead can act.
    """
    locked = lock(adjudication.application)
    found, row = _waiting(locked, SettledBy.CONSENSUS)
    if row.pk != adjudication.pk or seen != found.mark:
        raise WrongState(changed())
    if (hand := own_hand(locked, found, by)).keeps_out:
        raise DomainError(why_not_alone(hand))
    _require_complete(locked, found, agreed)
    sheet = found.points[found.submitted[0].pk]
    row.total = official.consensus_total(sheet, {code: one.points for code, one in agreed.items()})
    row.points = {
        code: {"points": one.points, "reason": one.reason.strip()} for code, one in agreed.items()
    }
    if third := differences.reader_of(row):
        reason = _("The difference was settled by consensus.")
        assignments.end(third, reason=reason, by=by)
    row.way, row.third = SettledBy.CONSENSUS, None
    row.settled_at, row.settled_by = timezone.now(), by.label
    row.save()
    return row


def own_hand(application: Application, found: Picture, by: Membership) -> OwnHand:
    """Return whether `by` wrote one of the sheets, and the other leads who could settle instead.

    Others are leads of the plan who wrote none of the sheets and to whom the application is open
    (2 queries, none for a lead who wrote no sheet).
    """
    writers = {sheet.assignment.reviewer.user_id for sheet in found.sheets}
    if by.user_id not in writers:
        return OwnHand(is_own=False, others=())
    closed = set(hard_conflicts().filter(application=application).values_list("person", flat=True))
    leads = people_with_role(by.organisation, Role.MCP_LEAD)
    others = [hat.user.full_name for hat in leads if hat.user_id not in writers | closed]
    return OwnHand(is_own=True, others=tuple(others))


def why_not_alone(hand: OwnHand) -> str:
    """Return why the lead can't set the consensus, and who can."""
    message = _(
        "You wrote one of these sheets, so another lead sets the consensus: %(names)s. You can also "
        "ask a third reader."
    )
    return message % {"names": ", ".join(hand.others)}


def changed() -> str:
    """Return the sentence for a page that is older than the sheets."""
    return _("The sheets have changed since you opened this page. Read them again, then decide.")


def _waiting(application: Application, way: SettledBy) -> tuple[Picture, Adjudication]:
    if application.status != Status.IN_REVIEW:
        message = _("%(reference)s is “%(state)s”, so there is nothing to settle now.")
        words = {"reference": application.reference, "state": application.staff_status.lower()}
        raise WrongState(message % words)
    if way not in application.cycle.definition.scoring.settling:
        raise DomainError(_("This program does not settle differences in this way."))
    row = differences.look(application)
    if row is None:
        raise WrongState(_("There is no open difference on this application."))
    return differences.picture(application), row


def _require_complete(
    application: Application, found: Picture, agreed: Mapping[str, Agreed]
) -> None:
    maxima = {c.code: c.max_points for c in application.cycle.definition.criteria()}
    apart = list(found.difference.apart)
    if agreed.keys() - set(apart):
        raise WrongState(changed())
    if missing := [code for code in apart if code not in agreed]:
        message = _("These criteria have no points yet: %(codes)s.")
        raise DomainError(message % {"codes": ", ".join(missing)})
    for code in apart:
        if not 0 <= agreed[code].points <= maxima[code]:
            message = _("Criterion %(code)s takes whole points from 0 to %(max)d.")
            raise DomainError(message % {"code": code, "max": maxima[code]})
    if silent := [code for code in apart if not agreed[code].reason.strip()]:
        message = _("Write a reason for: %(codes)s.")
        raise DomainError(message % {"codes": ", ".join(silent)})
