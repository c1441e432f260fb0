import pytest

from accounts.enums import Role
from applications.enums import Status
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import conflicts, reopening, scores, settling, sheets
from scoring.domain.differences import picture
from scoring.domain.settling import Agreed
from scoring.enums import Ending, Purpose, SettledBy
from scoring.models import Adjudication, Assignment
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, a_reviewer, codes_of, give, hand_in, in_review, submitted
from tests.scoring.settling import apart, hand_in_points, points_of

pytestmark = pytest.mark.django_db


def open_ones():
    return list(Adjudication.objects.filter(settled_at=None))


def two(total_one, total_two):
    lead = a_lead()
    application = submitted(lead)
    for total in (total_one, total_two):
        hand_in(give(application, lead), total)
    application.refresh_from_db()
    return application, lead


@pytest.mark.parametrize(("totals", "spread"), [((50, 59), None), ((50, 60), 10), ((90, 0), 90)])
def test_second_sheet_opens_a_difference_over_the_limit_of_the_total(totals, spread):
    application, _lead = two(*totals)
    found = [(one.application, one.total_spread, one.way) for one in open_ones()]
    assert found == ([] if spread is None else [(application, spread, "")])


@pytest.mark.parametrize(("points", "codes"), [((1, 4), None), ((1, 5), True), ((0, 5), True)])
def test_second_sheet_opens_a_difference_over_the_limit_of_one_criterion(points, codes):
    lead = a_lead()
    application = submitted(lead)
    sheet_one, sheet_two = give(application, lead), give(application, lead)
    code = codes_of(sheet_one)[0]
    name = "c" + code.replace(".", "_")
    hand_in_points(sheet_one, **{name: points[0]})
    assert open_ones() == []
    hand_in_points(sheet_two, **{name: points[1]})
    assert [one.codes for one in open_ones()] == ([] if codes is None else [[code]])


def test_confirm_is_refused_while_a_difference_is_open():
    case = apart()
    with pytest.raises(scores.StillApart, match="differ too much. Settle the difference first"):
        scores.confirm(case.application, by=case.lead)
    case.application.refresh_from_db()
    assert (case.application.status, case.application.mcp_score) == (Status.IN_REVIEW, None)
    assert open_ones() == [case.adjudication]


def test_third_readers_sheet_is_the_score_and_is_not_averaged():
    case = apart()
    reader = a_reviewer(case.lead)
    given = settling.assign_third(case.application, reviewer=reader, by=case.lead)
    assert (given.purpose, given.reviewer) == (Purpose.THIRD_READER, reader)
    assert OutboxEmail.objects.filter(kind="assigned", to=reader.user.email).count() == 1
    hand_in(given.sheet, 80)
    row = Adjudication.objects.get()
    assert (row.total, row.way, row.third, row.settled_by) == (
        80, SettledBy.THIRD_READER, given, reader.label,
    )  # fmt: skip
    confirmed = scores.confirm(case.application, by=case.lead)
    assert (confirmed.mcp_score, confirmed.score_basis) == (80, "third_reader")


def test_third_reader_is_nobody_who_scored_it_and_only_one():
    case = apart()
    with pytest.raises(DomainError, match="has scored this application. Choose somebody else"):
        settling.assign_third(
            case.application, reviewer=case.sheets[0].assignment.reviewer, by=case.lead
        )
    settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    with pytest.raises(WrongState, match="is already the third reader"):
        settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    assert Assignment.objects.filter(purpose=Purpose.THIRD_READER).count() == 1


def test_third_reader_with_a_conflict_is_refused():
    case = apart()
    reader = a_reviewer(case.lead)
    words = {"rule": "family", "reason": "A cousin works there.", "by": case.lead}
    conflicts.declare_for(case.application, person=reader, **words)
    with pytest.raises(DomainError, match="has a conflict of interest"):
        settling.assign_third(case.application, reviewer=reader, by=case.lead)
    assert Adjudication.objects.get().third is None


def test_third_reader_who_gives_it_back_makes_room_for_another():
    case = apart()
    first = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    conflicts.declare_for(
        case.application, person=first.reviewer, rule="family", reason="Cousin.", by=case.lead
    )
    second = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    assert Adjudication.objects.get().third == second


def agree(adjudication, **kwargs):
    seen = {"seen": picture(adjudication.application).mark} | kwargs
    return settling.agree(adjudication, **seen)


def consensus(case, **changes):
    codes = list(picture(case.application).difference.apart)
    return {code: Agreed(3, "The plan is clear.") for code in codes} | changes


def test_consensus_takes_over_where_the_sheets_agree():
    case = apart(totals=(70, 36))
    one, other = (points_of(sheet) for sheet in case.sheets)
    same = sum(points for code, points in one.items() if other[code] == points)
    agreed = consensus(case)
    row = agree(case.adjudication, agreed=agreed, by=case.lead)
    assert row.total == same + 3 * len(agreed)
    assert row.points[codes_of(case.sheets[0])[0]] == {"points": 3, "reason": "The plan is clear."}
    assert (row.way, row.settled_by) == (SettledBy.CONSENSUS, case.lead.label)
    confirmed = scores.confirm(case.application, by=case.lead)
    assert (confirmed.mcp_score, confirmed.score_basis) == (row.total, "consensus")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": 6}, "takes whole points from 0 to 5"),
        ({"points": -1}, "takes whole points from 0 to 5"),
        ({"reason": "  "}, "Write a reason for: 1.1"),
    ],
)
def test_consensus_that_is_not_complete_is_refused(change, message):
    case = apart()
    code = codes_of(case.sheets[0])[0]
    given = {"points": 3, "reason": "Clear."} | change
    with pytest.raises(DomainError, match=message):
        agree(case.adjudication, agreed=consensus(case, **{code: Agreed(**given)}), by=case.lead)
    assert open_ones() == [case.adjudication]


def test_consensus_needs_every_criterion_that_differs():
    case = apart()
    agreed = consensus(case)
    gone = agreed.pop("1.1") and "1.1"
    with pytest.raises(DomainError, match=f"These criteria have no points yet: {gone}."):
        agree(case.adjudication, agreed=agreed, by=case.lead)


def test_consensus_ends_a_third_readers_open_review():
    case = apart()
    third = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    agree(case.adjudication, agreed=consensus(case), by=case.lead)
    third.refresh_from_db()
    assert (third.ended_at is not None, third.ended_kind) == (True, Ending.TAKEN_BACK)


def lead_who_scored():
    lead = a_lead()
    application = submitted(lead)
    hand_in(give(application, lead), 70)
    from_lead = settling.assignments.assign(application, reviewer=lead, by=lead).sheet
    hand_in(from_lead, 40)
    application.refresh_from_db()
    return application, lead


def test_lead_who_scored_leaves_the_consensus_to_another_lead():
    application, lead = lead_who_scored()
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    row = Adjudication.objects.get()
    agreed = {code: Agreed(3, "Clear.") for code in picture(application).difference.apart}
    with pytest.raises(DomainError, match=f"another lead sets the consensus: {other.user}"):
        agree(row, agreed=agreed, by=lead)
    assert open_ones() == [row]
    assert agree(row, agreed=agreed, by=other).settled_by == other.label


def test_only_lead_who_scored_may_set_the_consensus():
    application, lead = lead_who_scored()
    agreed = {code: Agreed(3, "Clear.") for code in picture(application).difference.apart}
    hand = settling.own_hand(application, picture(application), lead)
    assert (hand.is_own, hand.keeps_out) == (True, False)
    row = agree(Adjudication.objects.get(), agreed=agreed, by=lead)
    assert row.settled_by == lead.label


def test_reopened_sheet_drops_the_difference_and_the_next_submission_finds_it_again():
    case = apart()
    reopening.reopen(case.sheets[1], reason="Look at 1.1 again.", by=case.lead)
    assert Adjudication.objects.count() == 0
    sheet = case.sheets[1]
    sheet.refresh_from_db()
    sheets.submit(sheet, by=sheet.assignment.reviewer)
    assert [one.total_spread for one in open_ones()] == [36]


def test_settled_difference_is_not_in_force_after_a_sheet_was_submitted_anew():
    case = apart()
    agree(case.adjudication, agreed=consensus(case), by=case.lead)
    reopening.reopen(case.sheets[1], reason="Look at 1.1 again.", by=case.lead)
    sheet = case.sheets[1]
    sheet.refresh_from_db()
    sheets.submit(sheet, by=sheet.assignment.reviewer)
    assert len(open_ones()) == 1
    with pytest.raises(scores.StillApart):
        scores.confirm(case.application, by=case.lead)


def test_void_sheet_counts_for_nothing_and_takes_the_difference_away():
    case = apart()
    person = case.sheets[1].assignment.reviewer
    conflicts.declare_for(
        case.application, person=person, rule="family", reason="Cousin.", by=case.lead
    )
    assert open_ones() == []
    confirmed = scores.confirm(case.application, by=case.lead)
    assert (confirmed.mcp_score, confirmed.score_basis) == (72, "one_sheet")


def test_page_of_an_earlier_difference_settles_nothing():
    case = apart()
    agreed = consensus(case)
    stale = Adjudication(pk=case.adjudication.pk, application=case.application)
    reopening.reopen(case.sheets[1], reason="Again.", by=case.lead)
    case.sheets[1].refresh_from_db()
    sheets.submit(case.sheets[1], by=case.sheets[1].assignment.reviewer)
    with pytest.raises(WrongState, match="The sheets have changed since you opened this page"):
        agree(stale, agreed=agreed, by=case.lead)


def test_nothing_to_settle_is_said():
    review = in_review()
    with pytest.raises(WrongState, match="There is no open difference"):
        settling.assign_third(review.application, reviewer=a_reviewer(review.lead), by=review.lead)


def test_returned_application_drops_the_difference_and_keeps_the_third_reader():
    case = apart()
    given = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    scores.return_to_practice(case.application, reason="Add the members.", by=case.lead)
    assert Adjudication.objects.count() == 0
    purposes = Assignment.objects.filter(ended_at=None).values_list("reviewer", "purpose")
    assert dict(purposes)[given.reviewer_id] == Purpose.THIRD_READER


def test_confirm_ends_a_third_reader_who_is_not_needed_any_more():
    case = apart()
    third = settling.assign_third(case.application, reviewer=a_reviewer(case.lead), by=case.lead)
    person = case.sheets[1].assignment.reviewer
    conflicts.declare_for(
        case.application, person=person, rule="family", reason="Cousin.", by=case.lead
    )
    scores.confirm(case.application, by=case.lead)
    third.refresh_from_db()
    assert third.ended_kind == Ending.TAKEN_BACK


def test_consensus_on_points_that_have_changed_is_refused_also_for_the_same_difference():
    case = apart()
    hand_in(give(case.application, case.lead), 54)
    seen, agreed = picture(case.application).mark, consensus(case)
    [row] = open_ones()
    reopening.reopen(case.sheets[0], reason="Look at it again.", by=case.lead)
    case.sheets[0].refresh_from_db()
    hand_in(case.sheets[0], 90)
    assert open_ones() == [row]
    assert agreed.keys() == picture(case.application).difference.apart.keys()
    with pytest.raises(WrongState, match="The sheets have changed since you opened this page"):
        agree(row, agreed=agreed, seen=seen, by=case.lead)
    assert open_ones() == [row]
    assert agree(row, agreed=agreed, by=case.lead).settled_at is not None
