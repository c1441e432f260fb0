"""A lead declares a conflict of interest of one's own, with or without a review."""

from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from applications.enums import ConflictSource
from applications.models import ConflictCheck
from applications.queries import applications_visible_to
from notifications.models import OutboxEmail
from scoring.domain import assignments
from scoring.models import Assignment
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, in_review
from tests.scoring.conflicting import DECLARED, check

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    return in_review()


@pytest.fixture
def web(as_hat, review):
    return as_hat(review.lead)


@pytest.fixture
def other(review):
    return MembershipFactory(
        role=Role.MCP_LEAD, organisation=review.lead.organisation, user__full_name="Olga Ortiz"
    )


def url(review, name="own_conflict"):
    return reverse(f"scoring:{name}", args=[review.application.pk])


def listed(review):
    return f"{reverse('scoring:applications')}?cycle={review.application.cycle.slug}"


def said(*yes, **notes):
    answers = {f"answer_{key}": "yes" if key in yes else "no" for key in DECLARED}
    return answers | {f"note_{key}": text for key, text in notes.items()}


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def test_a_lead_without_a_review_closes_the_application_to_oneself(web, review, other):
    assert f'href="{url(review)}"' in text_of(web.get(url(review, "conflicts")))
    page = text_of(web.get(url(review)))
    assert "These leads go on with it: Olga Ortiz." in page
    assert "You are the only lead" not in page
    response = web.post(url(review), said("family", family="My sister"))
    assert (response.status_code, response.url) == (302, listed(review))
    assert "The application is closed to you." in text_of(web.get(response.url))
    row = ConflictCheck.objects.get(rule="family")
    assert (row.source, row.person, row.stated_by) == (
        ConflictSource.SELF, review.lead.user, review.lead.label
    )  # fmt: skip
    assert list(applications_visible_to(review.lead)) == []
    assert list(applications_visible_to(other)) == [review.application]
    assert Assignment.objects.get().ended_at is None
    for name in ("application", "conflicts", "own_conflict"):
        assert web.get(url(review, name)).status_code == 404


def test_a_second_click_leads_to_the_list(web, review):
    web.post(url(review), said("family"))
    response = web.post(url(review), said("family"))
    assert (response.status_code, response.url) == (302, listed(review))


def test_the_only_lead_reads_it_before(web, review):
    page = text_of(web.get(url(review)))
    assert "You are the only lead who can go on with this application" in page
    assert "These leads go on" not in page
    assert ConflictCheck.objects.count() == 0


def test_answers_that_close_nothing_are_kept(web, review):
    response = web.post(url(review), said("other", other="We sang in one choir."))
    assert response.url == url(review, "conflicts")
    assert "We sang in one choir." in text_of(web.get(response.url))
    assert ConflictCheck.objects.filter(source=ConflictSource.SELF).count() == len(DECLARED)
    assert list(applications_visible_to(review.lead)) == [review.application]


def test_own_review_ends_with_it(web, review, other):
    own = assignments.assign(review.application, reviewer=review.lead, by=other)
    web.post(url(review), said("helped"))
    own.refresh_from_db()
    assert own.ended_kind == "conflict"


@pytest.mark.parametrize("data", [{}, {"answer_family": "perhaps"}, {"answer_other": "yes\x00"}])
def test_what_is_missing_is_named(web, review, data):
    assert "error-summary" in text_of(web.post(url(review), data), 422)
    assert ConflictCheck.objects.count() == 0


def test_only_leads_of_the_plan_declare_here(as_hat, hat_of, review):
    hats = [a_lead(), review.reviewer, *(hat_of(role) for role in Role.see_all)]
    hats.append(hat_of(Role.PRACTICE_OWNER, review.application.practice))
    for hat in hats:
        assert as_hat(hat).get(url(review)).status_code in (403, 404)
        assert as_hat(hat).post(url(review), said()).status_code in (403, 404)
    assert ConflictCheck.objects.count() == 0


def mails():
    return list(OutboxEmail.objects.filter(kind="own_conflict").order_by("to"))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("family", "The application is closed to Lea Lund. You and the other leads go on with it"),
        ("other", "The application stays open to Lea Lund."),
    ],
)
def test_the_other_leads_are_told_who_and_never_why(web, review, other, answer, told):
    User.objects.filter(pk=review.lead.user_id).update(full_name="Lea Lund")
    plan = review.lead.organisation
    barred = MembershipFactory(role=Role.MCP_LEAD, organisation=plan)
    check(review.application, barred.user)
    MembershipFactory(role=Role.MCP_LEAD, organisation=plan, is_active=False)
    web.post(url(review), said(answer, **{answer: "My sister sings there."}))
    [email] = mails()
    assert email.to == other.user.email
    reference = review.application.reference
    assert email.subject == f"{reference}: Lea Lund declared a conflict of interest"
    assert told in email.body
    assert url(review, "application") in email.body
    rule = next(r for r in declared_rules(review) if r.key == answer)
    assert "sister" not in email.body
    assert rule.label not in email.body


def declared_rules(review):
    return review.application.cycle.definition.scoring.conflict_rules


def test_no_conflict_and_the_same_answer_again_tell_nobody(web, review, other):
    web.post(url(review), said())
    assert mails() == []
    for _time in range(2):
        web.post(url(review), said("other", other="We sang in one choir."))
    assert len(mails()) == 1


def test_a_review_that_ends_with_it_is_told_once(web, review, other):
    assignments.assign(review.application, reviewer=review.lead, by=other)
    web.post(url(review), said("helped"))
    kinds = OutboxEmail.objects.filter(to=other.user.email).values_list("kind", flat=True)
    assert list(kinds) == ["conflict"]
