"""When the portal looks for conflicts of interest again, beyond an assignment.

People join practices, change their address and lead plans whose practices they work for; what is found
closes the application in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from applications.models import Application
from applications.queries import hard_conflicts
from core.exceptions import DomainError, WrongState
from scoring.domain.conflict_search import check_pairs
from scoring.models import Assignment


@transaction.atomic
def look_at(hat: Membership, *, by: Membership) -> None:
    """Check the person of a plan with every application there of a practice worked for, or of its TIN.

    Costs 1 query for who never worked for a practice.
    """
    own = Membership.objects.filter(
        user=hat.user_id, organisation__kind=OrganisationKind.PRACTICE
    ).values_list("organisation", "organisation__practice__tin_digest")
    worked = dict(own)
    if not worked:
        return
    tins = [tin for tin in worked.values() if tin]
    near = (
        Q(practice__in=worked) | Q(tin_digest__in=tins) | Q(practice__practice__tin_digest__in=tins)
    )
    rows = _submitted().filter(near, designated_mcp=hat.organisation_id)
    if found := list(rows):
        check_pairs(found, [hat], by=by)


@transaction.atomic
def after_joining(hat: Membership) -> None:
    """Check the person of `hat`, new or on again, and who reviews what the practice sent."""
    for own in _plan_hats(hat.user):
        look_at(own, by=hat)
    if hat.organisation.kind == OrganisationKind.PRACTICE:
        _check_standing(Q(application__practice=hat.organisation_id), by=hat)


@transaction.atomic
def after_new_address(user: User) -> None:
    """Check what the person reviews, and who reviews what the person's practices sent."""
    for hat in user.memberships.select_related("user", "organisation").order_by("pk"):
        if hat.organisation.kind == OrganisationKind.PRACTICE:
            _check_standing(Q(application__practice=hat.organisation_id), by=hat)
        elif hat.role in Role.of_mcp:
            _check_standing(Q(reviewer=hat), by=hat)


@transaction.atomic
def after_submission(applications: Iterable[Application], *, by: Membership) -> None:
    """Check the leads of the plan that gets the applications, DHCS, and whoever reviews them already.

    Costs the same number of queries for one application and for many of one plan.
    """
    of_plan: dict[Organisation, list[Application]] = defaultdict(list)
    for application in applications:
        if application.designated_mcp is not None:
            of_plan[application.designated_mcp].append(application)
    for plan, rows in of_plan.items():
        check_pairs(rows, [*_leads_and_staff(plan), *standing_reviewers(rows)], by=by)


def before_confirming(application: Application, *, by: Membership) -> None:
    """Check the reviewers whose sheets would count and the lead; what is found stays stored.

    Raises DomainError when the lead has a hard conflict, WrongState when a review ended by one: its
    sheet counts no more. To be called outside the transaction of the act.
    """
    done = check_pairs([application], [*standing_reviewers([application]), by], by=by)
    if hard_conflicts().filter(application=application, person=by.user_id).exists():
        message = _("You have a conflict of interest with %(reference)s. Another lead has to act.")
        raise DomainError(message % {"reference": application.reference})
    if ended := [review.reviewer.user.full_name for one in done for review in one.ended]:
        message = _(
            "The portal found a conflict of interest: %(names)s. The review has ended and its sheet is "
            "void. Look at the application again, then decide."
        )
        raise WrongState(message % {"names": ", ".join(ended)})


def standing_reviewers(applications: Iterable[Application]) -> list[Membership]:
    """Return who has a standing review of one of the applications, each hat once (1 query)."""
    rows = Assignment.objects.filter(application__in=list(applications), ended_at=None).order_by(
        "pk"
    )
    standing = rows.select_related("reviewer__user", "reviewer__organisation")
    return list({one.reviewer_id: one.reviewer for one in standing}.values())


def _leads_and_staff(plan: Organisation) -> QuerySet[Membership]:
    """Return the leads of the plan and everybody of DHCS who reads applications (1 query)."""
    here = Organisation.objects.filter(Q(pk=plan.pk) | Q(kind=OrganisationKind.DHCS))
    judging = Membership.objects.filter(role__in=(Role.MCP_LEAD, *Role.see_all), is_active=True)
    found = judging.filter(organisation__in=here, user__is_active=True)
    return found.select_related("user", "organisation").order_by("pk")


def _plan_hats(user: User) -> Iterable[Membership]:
    """Return one hat of the person in each plan, also one that is off: conflicts are the person's."""
    rows = Membership.objects.filter(user=user, organisation__kind=OrganisationKind.MCP)
    found = rows.select_related("user", "organisation").order_by("organisation", "-pk")
    return {hat.organisation_id: hat for hat in found}.values()


def _submitted() -> QuerySet[Application]:
    rows = Application.objects.filter(submitted_at__isnull=False).order_by("pk")
    return rows.select_related("cycle", "practice", "designated_mcp")


def _check_standing(which: Q, *, by: Membership) -> None:
    """Check the standing reviews among `which`, each reviewer with the applications that they have."""
    rows = Assignment.objects.filter(which, ended_at=None).select_related(
        "application__cycle", "reviewer__user", "reviewer__organisation"
    )
    groups: dict[int, list[Assignment]] = defaultdict(list)
    for one in rows.order_by("reviewer", "pk"):
        groups[one.reviewer_id].append(one)
    for mine in groups.values():
        check_pairs([one.application for one in mine], [mine[0].reviewer], by=by)
