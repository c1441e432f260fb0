"""Decision emails: three kinds, one for each owner, with the numbers behind the decision."""

from collections.abc import Iterable
from typing import cast

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.languages import in_language
from accounts.models import Membership
from applications.emails import absolute, compose
from applications.models import Application
from notifications.outbox import Email, enqueue
from programs.schema.rules import EmailKind
from selection.models import Decision

BATCH = 1000
OWNERS = "owners"


def decided(decisions: Iterable[Decision]) -> None:
    """Queue the email of every decision to the practice's owners; key: the decision."""
    rows = list(decisions)
    for start in range(0, len(rows), BATCH):
        enqueue(_emails(rows[start : start + BATCH]))


def _emails(decisions: list[Decision]) -> list[Email]:
    applications = _with_owners(decision.application_id for decision in decisions)
    return [
        _compose(decision, applications[decision.application_id], hat)
        for decision in decisions
        for hat in _owners(applications[decision.application_id])
    ]


def _compose(decision: Decision, application: Application, hat: Membership) -> Email:
    with in_language(hat.user):
        facts = _facts(decision, application)
    return compose(
        application,
        cast(EmailKind, decision.outcome),
        to=hat.user.email,
        person=hat.user.full_name,
        key=f"decision:{decision.pk}",
        facts=facts,
        language=hat.user.language,
    )


def _facts(decision: Decision, application: Application) -> dict[str, str]:
    """Return what the email tells, in the language that is active."""
    return {
        "mcp_score": str(decision.mcp_score),
        "priority_points": str(decision.priority_points),
        "adjusted_score": str(decision.adjusted_score),
        "threshold": str(decision.threshold),
        "why": str(decision.get_reason_display()),
        "reason": application.recommendation_reason,
        "potential_payment": _dollars(application),
        "url": absolute(reverse("applications:home")),
    }


def _owners(application: Application) -> list[Membership]:
    """Return the prefetched owners of the practice."""
    return getattr(application.practice, OWNERS)


def _dollars(application: Application) -> str:
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
