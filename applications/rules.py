"""Who may do what with an application. A permission says who; the workflow table says when."""

import rules

from accounts.enums import Role
from accounts.models import Membership
from accounts.rules import is_lead, is_mcp, is_practice, sees_all
from applications.models import Application


@rules.predicate
def is_own(hat: Membership, application: Application | None) -> bool:
    """The application is the practice's own."""
    return application is not None and application.practice_id == hat.organisation_id


@rules.predicate
def is_submitted(hat: Membership, application: Application | None) -> bool:
    """The application was submitted at least once."""
    return application is not None and application.submitted_at is not None


@rules.predicate
def is_with_my_plan(hat: Membership, application: Application | None) -> bool:
    """The application names the hat's plan as designated MCP."""
    return application is not None and application.designated_mcp_id == hat.organisation_id


@rules.predicate
def is_my_review(hat: Membership, application: Application | None) -> bool:
    """The application is assigned to this reviewer."""
    if application is None or not is_mcp(hat):
        return False
    return application.assignments.filter(reviewer=hat, ended_at=None).exists()


is_owner = is_practice & rules.predicate(lambda hat: hat.role == Role.PRACTICE_OWNER, name="owner")
leads_plan_of = is_lead & is_with_my_plan & is_submitted
reviews = is_my_review & is_with_my_plan & is_submitted

rules.add_perm("applications.practice_home", is_practice)
rules.add_perm("applications.edit_practice", is_practice)
rules.add_perm("applications.start_application", is_practice)
rules.add_perm(
    "applications.view_application",
    (is_practice & is_own) | leads_plan_of | reviews | (sees_all & is_submitted),
)
rules.add_perm("applications.edit_application", is_practice & is_own)
rules.add_perm("applications.submit_application", is_owner & is_own)
rules.add_perm("applications.withdraw_application", is_owner & is_own)
rules.add_perm("applications.answer_offer", is_owner & is_own)
