"""Conflicts of interest of DHCS staff: declared, noted for a colleague, cleared. The plans' machinery.

A hard one closes the application to the person at once, and ends what the person had claimed.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.enums import ConflictOutcome
from applications.models import Application, ConflictCheck
from applications.queries import hard_conflicts
from core.exceptions import DomainError
from programs.models import Cycle
from scoring.domain import conflicts
from selection.emails import desk as emails
from selection.engine import Rules
from selection.models import Claim, Proposal
from selection.queries.conflicts import pins_hidden_from

NO_NOTES: Mapping[str, str] = MappingProxyType({})


@transaction.atomic
def declare(
    application: Application,
    *,
    answers: Mapping[str, bool],
    notes: Mapping[str, str] = NO_NOTES,
    by: Membership,
) -> bool:
    """Keep the person's own answers by rule key; tell whether the application is closed to them now.

    Raises DomainError when an answer is missing, WrongState when a hard conflict would be taken back.
    """
    conflicts.declare(application, answers=answers, notes=notes, by=by)
    return _ended(application, by.user_id)


@transaction.atomic
def note_for(
    application: Application, *, person: Membership, rule: str, reason: str, by: Membership
) -> bool:
    """Keep a conflict of a colleague; tell whether the application is closed to the colleague now.

    Raises DomainError for one's own person, a person of another organisation, a rule that the program
    does not have, and without a reason. The colleague is told by email that it was noted.
    """
    conflicts.declare_for(application, person=person, rule=rule, reason=reason, by=by)
    closed = _ended(application, person.user_id)
    check = ConflictCheck.objects.filter(
        application=application, person=person.user_id, rule=rule, outcome=ConflictOutcome.FAILED
    ).latest("stated_at")
    emails.conflict_noted(check, colleague=person, closed=closed, by=by)
    return closed


def clear(check: ConflictCheck, *, reason: str, by: Membership) -> ConflictCheck:
    """Turn a conflict into none, with a reason. See `scoring.domain.conflicts.clear`."""
    return conflicts.clear(check, reason=reason, by=by)


def end_claims(applications: Iterable[int]) -> int:
    """End every claim on `applications` (ids) by somebody whom a hard conflict bars (1 query)."""
    barred = hard_conflicts().filter(application=OuterRef("application"), person=OuterRef("person"))
    taken = Claim.objects.filter(Exists(barred), application__in=list(applications), ended_at=None)
    return taken.update(ended_at=timezone.now())


def refuse_own_pins(proposal: Proposal, *, by: Membership) -> None:
    """Raise DomainError when the proposal pins an application that is closed to the person (≤ 1 query).

    Approving or releasing rules for all applications decides about none in particular; a pin does.
    """
    if pins_hidden_from(by, proposal.cycle, Rules.from_json(proposal.rules)):
        raise DomainError(
            _(
                "This proposal puts an application in or out by hand where you have a conflict of "
                "interest. Another approver has to act."
            )
        )


def refuse_to_pin(rules: Rules, *, cycle: Cycle, by: Membership) -> None:
    """Raise DomainError when `rules` pin an application that is closed to the person (≤ 1 query).

    The sentence names none, as the person may not know which one it is.
    """
    if pins_hidden_from(by, cycle, rules):
        raise DomainError(
            _(
                "These rules put an application in or out by hand where you have a conflict of "
                "interest. Somebody else has to propose them."
            )
        )


def _ended(application: Application, person: int) -> bool:
    end_claims([application.pk])
    return hard_conflicts().filter(application=application, person=person).exists()
