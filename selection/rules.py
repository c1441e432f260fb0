"""Who works the queue, prepares decisions and releases them."""

import rules

from accounts.enums import Role
from accounts.rules import has_role, sees_all
from applications.rules import sees_as_staff

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
