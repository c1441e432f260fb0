"""Who works the queue, prepares decisions and releases them."""

import rules

from accounts.enums import Role
from accounts.models import Membership
from accounts.rules import has_role, is_dhcs, is_practice, sees_all
from applications.rules import is_barred, is_own, is_owner, is_submitted, sees_as_staff
from selection.models import CohortSearch, Flag, Reconsideration, Scenario, StaffNote

is_analyst = has_role(Role.DHCS_ANALYST)
is_approver = has_role(Role.DHCS_APPROVER)

rules.add_perm("selection.view_queue", sees_all)
rules.add_perm("selection.view_application", sees_as_staff)
rules.add_perm("selection.view_decisions", sees_all)
rules.add_perm("selection.prepare_decisions", is_analyst | is_approver)
rules.add_perm("selection.work_queue", is_analyst | is_approver)
rules.add_perm("selection.view_workbench", sees_all)
rules.add_perm("selection.edit_scenario", is_analyst | is_approver)
rules.add_perm("selection.approve_proposal", is_approver)
rules.add_perm("selection.view_records", sees_all)
rules.add_perm("selection.confirm_offer", is_analyst | is_approver)
rules.add_perm("selection.assign_reconsideration", is_approver)
rules.add_perm("selection.decide_reconsideration", is_analyst | is_approver)
rules.add_perm("selection.release_decisions", is_approver)
rules.add_perm("selection.withdraw_proposal", is_analyst | is_approver)
rules.add_perm("selection.read_letter", (is_practice & is_own) | sees_as_staff)
rules.add_perm("selection.view_place", is_practice & is_own)


@rules.predicate
def wrote_note(hat: Membership, note: StaffNote | None) -> bool:
    """The note is the person's own."""
    return note is not None and note.author_id == hat.user_id


@rules.predicate
def is_on_open_application(hat: Membership, kept: StaffNote | Flag | None) -> bool:
    """The note or flag is on an application that is not closed to the person."""
    return kept is not None and not is_barred(hat, kept.application)


writes_as_staff = has_role(*Role.of_dhcs) & is_submitted & ~is_barred
judges_staff = has_role(Role.DHCS_APPROVER, Role.DHCS_ADMINISTRATOR) & is_submitted & ~is_barred

rules.add_perm("selection.read_notes", sees_as_staff)
rules.add_perm("selection.write_note", writes_as_staff)
rules.add_perm("selection.remove_note", is_dhcs & is_on_open_application & wrote_note)
rules.add_perm("selection.flag", writes_as_staff)
rules.add_perm("selection.clear_flag", is_dhcs & is_on_open_application)
rules.add_perm("selection.view_mentions", sees_all)
rules.add_perm("selection.declare_conflict", writes_as_staff)
rules.add_perm("selection.view_own_conflicts", sees_all)
rules.add_perm("selection.judge_conflict", judges_staff)


@rules.predicate
def owns_scenario(hat: Membership, scenario: Scenario | None) -> bool:
    """The scenario is the person's own."""
    return scenario is not None and scenario.owner_id == hat.user_id


rules.add_perm("selection.own_scenario", (is_analyst | is_approver) & owns_scenario)


@rules.predicate
def started_search(hat: Membership, search: CohortSearch | None) -> bool:
    """The search is the person's own."""
    return search is not None and search.started_by_id == hat.user_id


rules.add_perm("selection.start_search", is_analyst | is_approver)
rules.add_perm("selection.cancel_search", (is_analyst | is_approver) & started_search)


@rules.predicate
def answers(hat: Membership, row: Reconsideration | None) -> bool:
    """The request to decide anew was given to the person."""
    return row is not None and row.assigned_to_id == hat.user_id


rules.add_perm("selection.read_reconsideration", is_practice & is_own)
rules.add_perm("selection.ask_reconsideration", is_owner & is_own)
rules.add_perm("selection.view_reconsiderations", sees_all)
rules.add_perm("selection.answer_reconsideration", (is_analyst | is_approver) & answers)
rules.add_perm("selection.view_reports", sees_all)
