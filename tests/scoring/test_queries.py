import pytest
import rules
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from scoring.models import Assignment, ScoreSheet
from scoring.queries import my_sheets, reviewers_of, sheets_of, sheets_visible_to
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory, a_lead, a_reviewer, hand_in, in_review

pytestmark = pytest.mark.django_db

AFTER_SUBMISSION = [status for status in Status.values if status != Status.DRAFT]


class World:
    """A plan with a lead and two reviewers, another with one each; sheets in every state."""

    def __init__(self):
        self.cycle = CycleFactory()
        self.lead, self.other_lead = a_lead(), a_lead()
        self.mine, self.colleague = a_reviewer(self.lead), a_reviewer(self.lead)
        self.stranger = a_reviewer(self.other_lead)
        plan, other = self.lead.organisation, self.other_lead.organisation
        self.sheets = {}
        for status in AFTER_SUBMISSION:
            for name, organisation, reviewer in (
                ("mine", plan, self.mine),
                ("colleague", plan, self.colleague),
                ("lead", plan, self.lead),
                ("stranger", other, self.stranger),
            ):
                self.add(name, status, organisation, reviewer)

    def add(self, name, status, plan, reviewer):
        now = timezone.now()
        states = {
            "open": ({}, {}),
            "ended": ({"ended_at": now}, {}),
            "submitted": ({}, {"submitted_at": now, "submitted_by": "A"}),
        }
        for state, (ended, done) in states.items():
            application = ApplicationFactory(cycle=self.cycle, status=status, designated_mcp=plan)
            assignment = Assignment.objects.create(
                application=application, reviewer=reviewer, assigned_by="Lead", **ended
            )
            sheet = ScoreSheet.objects.create(assignment=assignment, **done)
            self.sheets[sheet.pk] = (name, state)


@pytest.fixture
def world():
    return World()


def hats_of(world):
    plan = world.lead.organisation
    hats = {role: MembershipFactory(role=role) for role in Role.values}
    hats |= {
        "lead": world.lead,
        "other_lead": world.other_lead,
        "mine": world.mine,
        "colleague": world.colleague,
        "stranger": world.stranger,
        "owner_in_the_plan": MembershipFactory(role=Role.PRACTICE_OWNER, organisation=plan),
        "lead_switched_off": MembershipFactory(
            role=Role.MCP_LEAD, organisation=plan, is_active=False
        ),
        "analyst_switched_off": MembershipFactory(role=Role.DHCS_ANALYST, is_active=False),
        "nobody": None,
    }
    return hats


def own(name):
    return {(name, "open"), (name, "submitted")}


def of_plan(*names):
    return {(name, state) for name in names for state in ("open", "submitted", "ended")}


def test_rule_and_queryset_agree_for_every_role_and_state(world):
    everything = list(ScoreSheet.objects.select_related("assignment__application"))
    assert len(everything) == len(AFTER_SUBMISSION) * 4 * 3
    submitted = {(name, "submitted") for name in ("mine", "colleague", "lead", "stranger")}
    expected = {
        "lead": of_plan("mine", "colleague", "lead"),
        "other_lead": of_plan("stranger"),
        "mine": own("mine"),
        "colleague": own("colleague"),
        "stranger": own("stranger"),
        **dict.fromkeys(Role.see_all, submitted),
    }
    for name, hat in hats_of(world).items():
        by_query = {sheet.pk for sheet in sheets_visible_to(hat)}
        by_rule = {s.pk for s in everything if rules.has_perm("scoring.view_sheet", hat, s)}
        assert by_query == by_rule, name
        kinds = {world.sheets[pk] for pk in by_query}
        assert kinds == expected.get(name, set()), name
        assert len(by_query) == len(kinds) * len(AFTER_SUBMISSION), name


@pytest.mark.parametrize("who", ["lead", "colleague", "stranger", "analyst"])
def test_only_the_reviewer_may_score(world, who):
    hat = MembershipFactory(role=Role.DHCS_ANALYST) if who == "analyst" else getattr(world, who)
    for pk, (name, state) in world.sheets.items():
        sheet = ScoreSheet.objects.select_related("assignment").get(pk=pk)
        may = rules.has_perm("scoring.score", hat, sheet)
        assert may == (name == who and state != "ended")


def test_my_sheets_are_of_one_cycle_and_open_ones_come_first():
    done = in_review()
    cycle, reviewer = done.application.cycle, done.reviewer
    later = Assignment.objects.create(
        application=in_review(done.lead, cycle=cycle).application,
        reviewer=reviewer,
        assigned_by="Lead",
    )
    ScoreSheet.objects.create(assignment=later)
    other_cycle = Assignment.objects.create(
        application=in_review(done.lead).application, reviewer=reviewer, assigned_by="Lead"
    )
    ScoreSheet.objects.create(assignment=other_cycle)
    hand_in(done.sheet)
    found = [(s.assignment, s.is_submitted) for s in my_sheets(reviewer, cycle)]
    assert found == [(later, False), (done.sheet.assignment, True)]


def test_reviewers_come_with_their_open_reviews():
    review = in_review()
    done = in_review(review.lead)
    hand_in(done.sheet)
    MembershipFactory(role=Role.PRACTICE_OWNER, organisation=review.lead.organisation)
    found = {hat.pk: hat.open_reviews for hat in reviewers_of(review.lead.organisation)}
    assert found == {review.lead.pk: 0, review.reviewer.pk: 1, done.reviewer.pk: 0}


def test_sheets_of_leaves_out_what_was_taken_back():
    review = in_review()
    Assignment.objects.filter(pk=review.sheet.assignment_id).update(ended_at=timezone.now())
    assert list(sheets_of(review.application)) == []
