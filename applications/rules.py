"""Who may do what with an application. A permission says who; the workflow table says when."""

import rules

from accounts.enums import Role
from accounts.models import Membership
from accounts.rules import has_role, is_lead, is_mcp, is_practice, sees_all
from applications.models import Application, Attachment, Submission


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
rules.add_perm("applications.import_applications", is_lead)
rules.add_perm("applications.write_message", is_practice)
rules.add_perm("applications.grant_late_access", has_role(Role.DHCS_ADMINISTRATOR))


@rules.predicate
def is_own_file(hat: Membership, file: Attachment | None) -> bool:
    """The file belongs to an application of the practice."""
    return file is not None and file.application.practice_id == hat.organisation_id


@rules.predicate
def was_signed(hat: Membership, file: Attachment | None) -> bool:
    """The file was in force when its application was submitted, and the hat may see that."""
    if file is None or not rules.has_perm("applications.view_application", hat, file.application):
        return False
    signed = Submission.objects.filter(
        application=file.application_id, created_at__gte=file.created_at
    )
    return (signed.filter(created_at__lte=file.ended_at) if file.ended_at else signed).exists()


rules.add_perm("applications.view_file", (is_practice & is_own_file) | (~is_practice & was_signed))
rules.add_perm("applications.edit_file", is_practice & is_own_file)
