"""Decision emails: three kinds, one for each owner, with the numbers behind the decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.languages import in_language
from accounts.models import Membership
from applications.emails import Facts, absolute, compose
from applications.models import Application
from notifications.outbox import Email, enqueue
from programs.schema.rules import EmailKind
from selection.deadlines import answer_by, reconsider_by
from selection.models import Decision, Proposal
from selection.queries.records import public_numbers

OWNERS = "owners"


def decided(decisions: Sequence[Decision], *, proposal: Proposal) -> None:
    """Queue the email of each decision of a released proposal to the practice's owners.

    The key of an email is its decision.
    """
    if decisions:
        numbers = public_numbers(proposal.cycle)
        applications = _with_owners(one.application_id for one in decisions)
        enqueue(_emails(decisions, applications, numbers))


def _emails(
    decisions: Iterable[Decision],
    applications: Mapping[int, Application],
    numbers: Mapping[int, str],
) -> list[Email]:
    return [
        _compose(one, applications[one.application_id], hat, numbers)
        for one in decisions
        for hat in getattr(applications[one.application_id].practice, OWNERS)
    ]


def _compose(
    decision: Decision, application: Application, hat: Membership, numbers: Mapping[int, str]
) -> Email:
    with in_language(hat.user):
        facts = facts_of(decision, application, numbers.get(application.pk, ""))
    return compose(
        application,
        cast(EmailKind, decision.outcome),
        to=hat.user.email,
        person=hat.user.full_name,
        key=f"decision:{decision.pk}",
        facts=facts,
        language=hat.user.language,
    )


def facts_of(decision: Decision, application: Application, number: str) -> Facts:
    """Return what email and letter tell, in the language that is active; times are written later."""
    cycle, released = application.cycle, cast(datetime, decision.proposal.released_at)
    return {
        "mcp_score": str(decision.mcp_score),
        "priority_points": str(decision.priority_points),
        "adjusted_score": str(decision.adjusted_score),
        "threshold": str(decision.threshold),
        "why": str(decision.get_reason_display()),
        "reason": application.recommendation_reason,
        "potential_payment": dollars_of(application),
        "public_number": number,
        "answer_by": answer_by(cycle, released),
        "reconsider_by": reconsider_by(cycle, released),
        "letter_url": absolute(reverse("selection:letter", args=[application.pk])),
        "place_url": absolute(reverse("selection:place", args=[application.pk])),
        "url": absolute(reverse("applications:home")),
    }


def dollars_of(application: Application) -> str:
    """Return the potential payment in dollars, or words where none is known."""
    amount = application.potential_payment
    if amount is None:
        return _("an amount that DHCS settles")
    return f"${amount:,.0f}" if amount == amount.to_integral_value() else f"${amount:,.2f}"


def _with_owners(pks: Iterable[int]) -> dict[int, Application]:
    owners = Membership.objects.filter(
        role=Role.PRACTICE_OWNER, is_active=True, user__is_active=True
    ).select_related("user")
    return (
        Application.objects.select_related("practice", "designated_mcp", "cycle")
        .prefetch_related(Prefetch("practice__memberships", queryset=owners, to_attr=OWNERS))
        .in_bulk(list(pks))
    )
