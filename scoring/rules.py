"""Who may assign, score, confirm and recommend."""

import rules

from accounts.enums import Role
from accounts.models import Membership
from accounts.rules import has_role, is_lead, is_mcp, is_own_team, sees_all
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


@rules.predicate
def is_shared_sheet(hat: Membership, sheet: ScoreSheet | None) -> bool:
    """The sheet is a colleague's, submitted, and the program shows it to who has the application."""
    if sheet is None or not sheet.is_submitted or sheet.voided_at or sheet.assignment.ended_at:
        return False
    application = sheet.assignment.application
    says = application.cycle.definition.scoring.others_sheets
    own = ScoreSheet.objects.filter(
        assignment__reviewer=hat, assignment__ended_at=None, assignment__application=application
    )
    if says == "after_own":
        return own.filter(submitted_at__isnull=False).exists()
    return says == "always" and own.exists()


decides_on = has_role(Role.DHCS_ANALYST, Role.DHCS_APPROVER) & is_submitted & ~is_barred
reads_submitted = sees_all & is_submitted_sheet & ~is_barred_sheet

rules.add_perm("scoring.view_plan", is_lead)
rules.add_perm("scoring.assign_plan", is_lead)
rules.add_perm("scoring.manage_team", is_lead & is_own_team)
rules.add_perm("scoring.export_scores", is_lead | sees_all)
rules.add_perm("scoring.print_packets", is_lead | sees_all)
rules.add_perm("scoring.print_packet", leads_plan_of | (sees_all & is_submitted & ~is_barred))
rules.add_perm("scoring.view_statistics", is_lead | sees_all)
rules.add_perm("scoring.view_all_statistics", sees_all)
rules.add_perm("scoring.manage_calibration", is_lead)
rules.add_perm("scoring.practise", is_mcp)
rules.add_perm("scoring.view_reviews", is_mcp)
rules.add_perm("scoring.view_plan_application", leads_plan_of)
rules.add_perm("scoring.assign_reviewer", leads_plan_of)
rules.add_perm("scoring.return_application", leads_plan_of | decides_on)
rules.add_perm("scoring.send_back", decides_on)
rules.add_perm("scoring.message_practice", leads_plan_of)
rules.add_perm("scoring.confirm_score", leads_plan_of)
rules.add_perm("scoring.confirm_plan", is_lead)
rules.add_perm("scoring.settle", leads_plan_of)
rules.add_perm("scoring.recommend", leads_plan_of)
rules.add_perm("scoring.recommend_plan", is_lead)
rules.add_perm("scoring.score", is_mcp & is_own_sheet)
rules.add_perm("scoring.declare", is_mcp & is_own_sheet)
rules.add_perm("scoring.declare_as_lead", leads_plan_of)
rules.add_perm("scoring.decline", is_mcp & is_own_sheet)
rules.add_perm(
    "scoring.view_sheet",
    (is_mcp & is_own_sheet)
    | (is_lead & leads_plan_of_sheet)
    | reads_submitted
    | (has_role(Role.MCP_REVIEWER) & is_shared_sheet),
)
rules.add_perm("scoring.reopen_sheet", is_lead & leads_plan_of_sheet)
