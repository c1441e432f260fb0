"""Who may assign, score, confirm and recommend."""

import rules

from accounts.enums import Role
from accounts.models import Membership
from accounts.rules import has_role, is_lead, is_mcp, sees_all
from applications.rules import is_barred, is_submitted, leads_plan_of
from scoring.models import ScoreSheet


@rules.predicate
def is_own_sheet(hat: Membership, sheet: ScoreSheet | None) -> bool:
    """The sheet is the reviewer's own and the assignment still stands."""
    if sheet is None:
        return False
    return sheet.assignment.reviewer_id == hat.pk and sheet.assignment.ended_at is None


@rules.predicate
def leads_plan_of_sheet(hat: Membership, sheet: ScoreSheet | None) -> bool:
    """The sheet judges an application of the lead's plan."""
    return sheet is not None and leads_plan_of(hat, sheet.assignment.application)


@rules.predicate
def is_submitted_sheet(hat: Membership, sheet: ScoreSheet | None) -> bool:
    """The sheet is locked."""
    return sheet is not None and sheet.is_submitted


@rules.predicate
def is_barred_sheet(hat: Membership, sheet: ScoreSheet | None) -> bool:
    """The sheet judges an application that is closed to the person."""
    return sheet is not None and is_barred(hat, sheet.assignment.application)


decides_on = has_role(Role.DHCS_ANALYST, Role.DHCS_APPROVER) & is_submitted & ~is_barred
reads_submitted = sees_all & is_submitted_sheet & ~is_barred_sheet

rules.add_perm("scoring.view_plan", is_lead)
rules.add_perm("scoring.assign_plan", is_lead)
rules.add_perm("scoring.manage_team", is_lead)
rules.add_perm("scoring.export_scores", is_lead | sees_all)
rules.add_perm("scoring.view_statistics", is_lead | sees_all)
rules.add_perm("scoring.view_reviews", is_mcp)
rules.add_perm("scoring.view_plan_application", leads_plan_of)
rules.add_perm("scoring.assign_reviewer", leads_plan_of)
rules.add_perm("scoring.return_application", leads_plan_of | decides_on)
rules.add_perm("scoring.send_back", decides_on)
rules.add_perm("scoring.message_practice", leads_plan_of)
rules.add_perm("scoring.confirm_score", leads_plan_of)
rules.add_perm("scoring.recommend", leads_plan_of)
rules.add_perm("scoring.score", is_mcp & is_own_sheet)
rules.add_perm(
    "scoring.view_sheet",
    (is_mcp & is_own_sheet) | (is_lead & leads_plan_of_sheet) | reads_submitted,
)
