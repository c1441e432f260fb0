"""A hard conflict closes an application to a person: rule and queryset, files, and their cost."""

import pytest
import rules

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import Application, Attachment
from applications.queries import (
    applications_readable_by,
    applications_visible_to,
    attachments_visible_to,
    conflict_checks,
)
from programs.models import ProgramVersion
from scoring.models import Assignment
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory, packaged_json
from tests.scoring.conflicting import check

pytestmark = pytest.mark.django_db
STAFF = [role for role in Role.values if role not in Role.of_practice]
FACES = {
    "view_application": applications_visible_to,
    "read_application": applications_readable_by,
}


@pytest.fixture
def pair():
    """Two submitted applications with one plan."""
    first = ApplicationFactory(status=Status.IN_REVIEW)
    return [
        first,
        ApplicationFactory(status=Status.IN_REVIEW, designated_mcp=first.designated_mcp),
    ]


def hat_for(pair, role):
    home = {"mcp_lead": pair[0].designated_mcp, "mcp_reviewer": pair[0].designated_mcp}
    practice = pair[0].practice if role in Role.of_practice else None
    organisation = home.get(role) or practice
    hat = MembershipFactory(role=role, **({"organisation": organisation} if organisation else {}))
    if role == Role.MCP_REVIEWER:
        for application in pair:
            Assignment.objects.create(application=application, reviewer=hat, assigned_by="Lead")
    return hat


def by_rule(hat, permission):
    every = Application.objects.order_by("pk")
    return [row for row in every if rules.has_perm(f"applications.{permission}", hat, row)]


def by_query(hat, permission):
    return list(FACES[permission](hat).order_by("pk"))


@pytest.mark.parametrize("permission", FACES)
@pytest.mark.parametrize("role", Role.values)
def test_rule_and_queryset_agree_about_a_closed_application(pair, role, permission):
    hat = hat_for(pair, role)
    for application in pair:
        check(application, hat.user, outcome=ConflictOutcome.PASSED)
    before = by_query(hat, permission)
    assert before == by_rule(hat, permission)
    check(pair[0], hat.user, rule="helped", source=ConflictSource.LEAD)
    after = by_query(hat, permission)
    assert after == by_rule(hat, permission)
    assert after == (before if role in Role.of_practice else [a for a in before if a != pair[0]])
    assert before or role == Role.MILESTONE_REVIEWER


@pytest.mark.parametrize("source", ConflictSource.values)
def test_a_hard_failure_closes_whoever_found_it(pair, source):
    lead = hat_for(pair, Role.MCP_LEAD)
    check(pair[0], lead.user, source=source)
    assert by_query(lead, "view_application") == [pair[1]] == by_rule(lead, "view_application")


@pytest.mark.parametrize(
    "columns",
    [
        {"hard": False},
        {"outcome": ConflictOutcome.PASSED},
        {"outcome": ConflictOutcome.PENDING},
    ],
)
def test_what_is_soft_or_not_failed_closes_nothing(pair, columns):
    lead = hat_for(pair, Role.MCP_LEAD)
    check(pair[0], lead.user, **columns)
    assert by_query(lead, "view_application") == pair == by_rule(lead, "view_application")


def test_a_conflict_is_of_the_person_and_not_of_the_plan(pair):
    lead, other = hat_for(pair, Role.MCP_LEAD), hat_for(pair, Role.MCP_LEAD)
    auditor = MembershipFactory(role=Role.AUDITOR, user=lead.user)
    check(pair[0], lead.user)
    for hat, seen in ((lead, pair[1:]), (auditor, pair[1:]), (other, pair)):
        assert by_query(hat, "view_application") == seen == by_rule(hat, "view_application")


@pytest.mark.parametrize("outcome", [None, *ConflictOutcome.values])
def test_a_reviewer_opens_what_was_declared(pair, outcome):
    hat = hat_for(pair, Role.MCP_REVIEWER)
    if outcome:
        check(pair[0], hat.user, hard=False, outcome=outcome)
    check(pair[1], hat.user, source=ConflictSource.LEAD, outcome=ConflictOutcome.PASSED)
    opened = [pair[0]] if outcome in (ConflictOutcome.PASSED, ConflictOutcome.FAILED) else []
    assert by_query(hat, "view_application") == pair
    assert by_query(hat, "read_application") == opened == by_rule(hat, "read_application")


@pytest.mark.parametrize("asked", [[], "no list at all"])
def test_a_program_that_asks_nothing_opens_at_once(pair, asked):
    definition = {**packaged_json(), "title": "Another"}
    scoring = {k: v for k, v in definition["scoring"].items() if k != "conflict_rules"}
    definition["scoring"] = scoring | ({"conflict_rules": asked} if asked == [] else {})
    version = ProgramVersion.objects.create(
        slug="other", number=1, title="Other", definition=definition, sha256="f" * 64
    )
    application = ApplicationFactory(
        status=Status.IN_REVIEW,
        cycle=CycleFactory(version=version),
        designated_mcp=pair[0].designated_mcp,
    )
    hat = hat_for([*pair, application], Role.MCP_REVIEWER)
    assert by_query(hat, "read_application") == [application] == by_rule(hat, "read_application")


@pytest.mark.parametrize("role", STAFF)
def test_files_follow_rule_and_queryset(pair, role):
    hat = hat_for(pair, role)
    files = [attached(application) for application in pair]
    for application in pair:
        check(application, hat.user, outcome=ConflictOutcome.PASSED)
    before = seen_files(hat, files)
    assert before == ([] if role == Role.MILESTONE_REVIEWER else files)
    check(pair[0], hat.user, rule="helped")
    assert seen_files(hat, files) == before[1:]


def test_a_reviewer_gets_no_file_before_the_declaration(pair):
    hat = hat_for(pair, Role.MCP_REVIEWER)
    files = [attached(application) for application in pair]
    assert seen_files(hat, files) == []
    check(pair[1], hat.user, outcome=ConflictOutcome.PASSED)
    assert seen_files(hat, files) == files[1:]


def attached(application):
    """Return a file that was there when the application was signed."""
    return Attachment.objects.create(
        application=application,
        kind="other",
        name="plan.pdf",
        size=3,
        sha256="a" * 64,
        content_type="application/pdf",
        storage_name=f"file-{application.pk}",
        created_at=application.submissions.get().created_at,
    )


def seen_files(hat, files):
    found = list(attachments_visible_to(hat).order_by("pk"))
    assert found == [f for f in files if rules.has_perm("applications.view_file", hat, f)]
    return found


@pytest.mark.parametrize("role", STAFF)
def test_who_was_shown_it_costs_the_rule_no_query(pair, role, django_assert_num_queries):
    hat = hat_for(pair, role)
    with django_assert_num_queries(0 if role == Role.MILESTONE_REVIEWER else 1):
        rows = list(applications_visible_to(hat).order_by("pk"))
    with django_assert_num_queries(2 if role == Role.MCP_REVIEWER else 0):
        assert all(rules.has_perm("applications.view_application", hat, row) for row in rows)
    other = MembershipFactory(role=Role.AUDITOR)
    with django_assert_num_queries(len(rows)):
        assert all(rules.has_perm("applications.view_application", other, row) for row in rows)


@pytest.mark.parametrize("permission", ["declare_conflict", "judge_conflict"])
@pytest.mark.parametrize("role", Role.values)
def test_who_declares_and_who_judges(pair, role, permission):
    hat = hat_for(pair, role)
    may = {
        "declare_conflict": {Role.MCP_LEAD, Role.MCP_REVIEWER, *Role.see_all},
        "judge_conflict": {Role.MCP_LEAD},
    }[permission]
    assert by_rule(hat, permission) == (pair if role in may else [])
    check(pair[0], hat.user)
    assert by_rule(hat, permission) == (pair[1:] if role in may else [])


def test_checks_are_listed_for_the_own_people_only(pair):
    lead, reviewer = hat_for(pair, Role.MCP_LEAD), hat_for(pair, Role.MCP_REVIEWER)
    analyst = MembershipFactory(role=Role.DHCS_ANALYST)
    mine = check(pair[0], reviewer.user)
    check(pair[1], reviewer.user)
    theirs = check(pair[0], analyst.user)
    assert list(conflict_checks(pair[0], lead.organisation)) == [mine]
    assert list(conflict_checks(pair[0], analyst.organisation)) == [theirs]
