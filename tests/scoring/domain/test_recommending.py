import pytest
from django.apps import apps

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition
from core.exceptions import WrongState
from notifications.models import OutboxEmail
from scoring.domain import conflicts, recommending, reopening, scores
from scoring.domain.recommending import Words
from scoring.models import PlannedRecommendation
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, give, hand_in, in_review, scored
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db
YES = Words(recommended=True, reason="A clear plan.", note="Ask about staff.")
NO = Words(recommended=False, reason="No dates.")


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def cycle(db):
    return CycleFactory(closed=True)


def some_scored(lead, cycle, number):
    return [scored(60 + n, lead=lead, cycle=cycle).application for n in range(number)]


def prepare(applications, words, lead):
    ids = [row.pk for row in applications]
    now = PlannedRecommendation.objects.filter(pk__in=ids)
    seen = {row.pk: recommending.base_of(row) for row in now}
    return recommending.prepare(ids, words=words, by=lead, seen=seen)


def hand_over(cycle, lead):
    return recommending.hand_over(cycle, mark=recommending.ready_counts(cycle, lead).mark, by=lead)


def planned():
    rows = PlannedRecommendation.objects.order_by("pk")
    return list(rows.values_list("pk", "recommended", "reason", "note", "planned_by"))


def events():
    event = apps.get_model("scoring", "PlannedRecommendationEvent")
    rows = event.objects.order_by("pgh_id")
    return list(rows.values_list("pgh_label", "recommended", "planned_by"))


def test_prepare_stores_many_and_tells_nobody(lead, cycle):
    rows = some_scored(lead, cycle, 2)
    emails = OutboxEmail.objects.count()
    prepare(rows, YES, lead)
    said = (True, "A clear plan.", "Ask about staff.", lead.label)
    assert planned() == [(row.pk, *said) for row in rows]
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.recommended) == (Status.SCORED, None)
    assert OutboxEmail.objects.count() == emails


def test_prepare_leaves_alone_what_can_not_be_recommended(lead, cycle):
    ready = scored(lead=lead, cycle=cycle).application
    reviewing = in_review(lead, cycle=cycle).application
    foreign = scored(cycle=cycle).application
    found = prepare([ready, reviewing, foreign], YES, lead)
    problems = {one.application.pk: one.problem for one in found}
    assert problems == {ready.pk: "", reviewing.pk: "Its MCP score is not confirmed yet."}
    assert [row[0] for row in planned()] == [ready.pk]


def test_prepare_again_changes_the_words_and_the_history_has_both(lead, cycle):
    [row] = some_scored(lead, cycle, 1)
    prepare([row], YES, lead)
    prepare([row], YES, lead)
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    prepare([row], NO, other)
    assert planned() == [(row.pk, False, "No dates.", "", other.label)]
    assert events() == [("insert", True, lead.label), ("update", False, other.label)]


def test_what_another_lead_prepared_is_not_overwritten_unseen(lead, cycle):
    row, free = some_scored(lead, cycle, 2)
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    prepare([row], NO, other)
    for _click in range(2):
        found = recommending.prepare([row.pk, free.pk], words=YES, by=lead)
        problems = [(one.problem, one.stale) for one in found]
        said = f"{other.label} prepared something else for it since you opened this page."
        assert problems == [(said, True), ("", False)]
    with pytest.raises(WrongState, match="prepared something else for it"):
        recommending.prepare_one(row, words=YES, by=lead)
    assert [one[1:3] for one in planned()] == [(False, "No dates."), (True, "A clear plan.")]
    prepare([row], YES, lead)
    assert planned()[0][1] is True


def test_what_another_lead_took_back_is_not_prepared_unseen(lead, cycle):
    [row] = some_scored(lead, cycle, 1)
    prepare([row], NO, lead)
    base = recommending.base_of(PlannedRecommendation.objects.get())
    recommending.undo(row, by=lead)
    with pytest.raises(WrongState, match="was taken back since you opened this page"):
        recommending.prepare_one(row, words=YES, seen=base, by=lead)
    assert planned() == []


def test_score_that_holds_a_void_sheet_is_neither_prepared_nor_handed_over(lead, cycle):
    review, sound = scored(lead=lead, cycle=cycle), scored(lead=lead, cycle=cycle).application
    row = review.application
    prepare([row, sound], YES, lead)
    mark = recommending.ready_counts(cycle, lead).mark
    declare(row, review.reviewer, "family")
    said = "Its score holds a void sheet. Take the score back on its page first."
    assert [one.problem for one in prepare([row, sound], NO, lead)] == [said, ""]
    with pytest.raises(WrongState, match="What is ready has changed"):
        recommending.hand_over(cycle, mark=mark, by=lead)
    assert hand_over(cycle, lead) == 1
    row.refresh_from_db()
    assert row.status == Status.SCORED
    scores.reopen_scoring(row, by=lead)
    hand_in(give(row, lead), 48)
    scores.confirm(row, by=lead)
    assert [one.problem for one in prepare([row], YES, lead)] == [""]
    assert hand_over(cycle, lead) == 1


def test_undo_removes_it_and_the_history_says_by_whom(lead, cycle):
    [row] = some_scored(lead, cycle, 1)
    prepare([row], YES, lead)
    recommending.undo(row, by=lead)
    assert planned() == []
    assert events() == [("insert", True, lead.label), ("undone", True, lead.label)]
    with pytest.raises(WrongState, match="Nothing is prepared for this application"):
        recommending.undo(row, by=lead)


def test_hand_over_is_one_act_for_all_that_is_ready(lead, cycle):
    rows = some_scored(lead, cycle, 3)
    prepare(rows[:1], YES, lead)
    prepare(rows[1:2], NO, lead)
    steps = ApplicationTransition.objects.count()
    assert hand_over(cycle, lead) == 2
    found = []
    for row in rows:
        row.refresh_from_db()
        found.append((row.status, row.recommended, row.recommendation_reason))
    assert found == [
        (Status.RECOMMENDED, True, "A clear plan."),
        (Status.NOT_RECOMMENDED, False, "No dates."),
        (Status.SCORED, None, ""),
    ]
    assert rows[0].recommendation_note == "Ask about staff."
    made = ApplicationTransition.objects.order_by("-pk")[
        : ApplicationTransition.objects.count() - steps
    ]
    assert sorted((s.name, s.reason, s.actor) for s in made) == [
        ("do_not_recommend", "No dates.", lead.label),
        ("recommend", "A clear plan.", lead.label),
    ]
    assert planned() == []


def test_hand_over_twice_hands_over_once(lead, cycle):
    prepare(some_scored(lead, cycle, 2), YES, lead)
    mark = recommending.ready_counts(cycle, lead).mark
    assert recommending.hand_over(cycle, mark=mark, by=lead) == 2
    steps = ApplicationTransition.objects.count()
    assert recommending.hand_over(cycle, mark=mark, by=lead) == 0
    assert ApplicationTransition.objects.count() == steps


@pytest.mark.parametrize("change", ["more", "less", "other words"])
def test_hand_over_of_something_else_than_was_seen_is_refused(lead, cycle, change):
    rows = some_scored(lead, cycle, 3)
    prepare(rows[:2], YES, lead)
    mark = recommending.ready_counts(cycle, lead).mark
    {
        "more": lambda: prepare(rows[2:], YES, lead),
        "less": lambda: recommending.undo(rows[0], by=lead),
        "other words": lambda: prepare(rows[:1], NO, lead),
    }[change]()
    with pytest.raises(WrongState, match="What is ready has changed"):
        recommending.hand_over(cycle, mark=mark, by=lead)
    rows[1].refresh_from_db()
    assert rows[1].status == Status.SCORED


def test_hand_over_leaves_out_what_is_closed_to_the_lead(lead, cycle):
    rows = some_scored(lead, cycle, 2)
    prepare(rows, YES, lead)
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    words = {"rule": "family", "reason": "A cousin works there.", "by": other}
    conflicts.declare_for(rows[0], person=lead, **words)
    assert hand_over(cycle, lead) == 1
    rows[0].refresh_from_db()
    assert rows[0].status == Status.SCORED
    assert hand_over(cycle, other) == 1


def test_hand_over_leaves_other_plans_and_cycles_alone(lead, cycle):
    [row] = some_scored(lead, cycle, 1)
    stranger = a_lead()
    foreign = scored(lead=stranger, cycle=cycle).application
    prepare([row], YES, lead)
    prepare([foreign], YES, stranger)
    assert hand_over(cycle, lead) == 1
    assert [one[0] for one in planned()] == [foreign.pk]


@pytest.mark.parametrize("number", [1, 3])
def test_hand_over_costs_the_same_for_one_and_three(
    lead, cycle, number, django_assert_max_num_queries
):
    prepare(some_scored(lead, cycle, number), YES, lead)
    mark = recommending.ready_counts(cycle, lead).mark
    with django_assert_max_num_queries(12):
        assert recommending.hand_over(cycle, mark=mark, by=lead) == number


def handed_over_one(lead, cycle):
    [row] = some_scored(lead, cycle, 1)
    prepare([row], YES, lead)
    hand_over(cycle, lead)
    return row


def test_send_back_writes_to_the_leads_and_keeps_score_and_words(lead, cycle, analyst):
    row = handed_over_one(lead, cycle)
    second = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    barred = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    conflicts.declare_for(row, person=barred, rule="family", reason="Cousin.", by=lead)
    OutboxEmail.objects.all().delete()
    recommending.send_back(row, note="The reason names another practice.", by=analyst)
    row.refresh_from_db()
    assert (row.status, row.mcp_score, row.recommended) == (Status.SCORED, 60, True)
    step = ApplicationTransition.objects.filter(application=row).last()
    assert (step.name, step.reason, step.actor) == (
        "send_back", "The reason names another practice.", analyst.label,
    )  # fmt: skip
    emails = OutboxEmail.objects.filter(kind="sent_back")
    assert {one.to for one in emails} == {lead.user.email, second.user.email}
    assert all("The reason names another practice." in one.body for one in emails)


def test_sent_back_application_is_handed_over_again_with_other_words(lead, cycle, analyst):
    row = handed_over_one(lead, cycle)
    recommending.send_back(row, note="Why?", by=analyst)
    assert hand_over(cycle, lead) == 0
    prepare([row], NO, lead)
    assert hand_over(cycle, lead) == 1
    row.refresh_from_db()
    assert (row.status, row.recommendation_note) == (Status.NOT_RECOMMENDED, "")


def test_send_back_of_what_is_with_the_plan_is_refused(lead, cycle, analyst):
    [row] = some_scored(lead, cycle, 1)
    with pytest.raises(WrongState, match="is already “scored”"):
        recommending.send_back(row, note="Why?", by=analyst)


def test_reopened_scoring_forgets_what_was_prepared(lead, cycle):
    review = scored(lead=lead, cycle=cycle)
    prepare([review.application], YES, lead)
    reopening.reopen(review.sheet, reason="Look again.", by=lead)
    assert planned() == []
    assert [label for label, *_rest in events()] == ["insert", "undone"]
