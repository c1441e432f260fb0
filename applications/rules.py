"""Who may do what with an application. A permission says who; the workflow table says when."""

import rules

from accounts.enums import Role
from accounts.models import Membership
from accounts.rules import has_role, is_lead, is_mcp, is_practice, sees_all
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, Attachment, ConflictCheck, Submission


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


@rules.predicate
def is_barred(hat: Membership, application: Application | None) -> bool:
    """A hard conflict of interest closes the application to the person, whatever the hat.

    A row of `applications_visible_to` says in `open_to` for whom that was asked already.
    """
    if application is None or getattr(application, "open_to", None) == hat.user_id:
        return False
    return application.conflict_checks.filter(
        person=hat.user_id, hard=True, outcome=ConflictOutcome.FAILED
    ).exists()


@rules.predicate
def has_declared(hat: Membership, application: Application | None) -> bool:
    """The person has answered the program's questions about conflicts of interest, if it asks any.

    An application read for a score page says in `declared_by` of whom that is known already.
    """
    if application is None:
        return False
    if getattr(application, "declared_by", None) == hat.user_id:
        return True
    asked = application.cycle.definition.scoring.conflict_rules
    if not any(rule.kind == "declared" for rule in asked):
        return True
    answers = ConflictCheck.objects.filter(
        application=application, person=hat.user_id, source=ConflictSource.SELF
    )
    return answers.exclude(outcome=ConflictOutcome.PENDING).exists()


is_owner = is_practice & rules.predicate(lambda hat: hat.role == Role.PRACTICE_OWNER, name="owner")
leads_plan_of = is_lead & is_with_my_plan & is_submitted & ~is_barred
reviews = is_my_review & is_with_my_plan & is_submitted & ~is_barred
sees_as_staff = sees_all & is_submitted & ~is_barred
opens = ~has_role(Role.MCP_REVIEWER) | has_declared

rules.add_perm("applications.practice_home", is_practice)
rules.add_perm("applications.edit_practice", is_practice)
rules.add_perm("applications.start_application", is_practice)
rules.add_perm(
    "applications.view_application",
    (is_practice & is_own) | leads_plan_of | reviews | sees_as_staff,
)
rules.add_perm(
    "applications.read_application",
    ((is_practice & is_own) | leads_plan_of | reviews | sees_as_staff) & opens,
)
rules.add_perm("applications.declare_conflict", leads_plan_of | reviews | sees_as_staff)
rules.add_perm("applications.judge_conflict", leads_plan_of)
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
    """The file was in force when its application was submitted, and the hat may open that."""
    if file is None or not rules.has_perm("applications.read_application", hat, file.application):
        return False
    signed = Submission.objects.filter(
        application=file.application_id, created_at__gte=file.created_at
    )
    return (signed.filter(created_at__lte=file.ended_at) if file.ended_at else signed).exists()


rules.add_perm("applications.view_file", (is_practice & is_own_file) | (~is_practice & was_signed))
rules.add_perm("applications.edit_file", is_practice & is_own_file)
