"""The people page: who sees it, what its buttons do, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.domain import invitations
from accounts.enums import Role
from accounts.models import Invitation, Membership
from accounts.queries import people_of
from notifications.models import OutboxEmail
from tests.accounts.inviting import run_out
from tests.factories.accounts import UserFactory

PEOPLE = "/people/"
OWNER, CONTRIBUTOR = Role.PRACTICE_OWNER, Role.PRACTICE_CONTRIBUTOR
INVITE = {"email": "cy@fresno.example", "role": CONTRIBUTOR}


def at(name, thing=None):
    return reverse(f"accounts:{name}", args=[thing.pk] if thing else [])


@pytest.fixture
def invitation(owner):
    return invitations.invite(**INVITE, by=owner)


def test_an_owner_sees_people_and_invitations_with_their_buttons(
    as_hat, owner, contributor, invitation
):
    text = as_hat(owner).get(PEOPLE).content.decode()
    for shown in ("Ana Ruiz", "Bo Li", "bo@fresno.example", INVITE["email"], "Not yet"):
        assert shown in text
    for name, thing in (("role", contributor), ("remove", owner)):
        assert f'href="{at(name, thing)}"' in text
    for name in ("resend", "revoke"):
        assert f'action="{at(name, invitation)}"' in text
    assert "Run out" not in text
    run_out(invitation)
    assert "Run out" in as_hat(owner).get(PEOPLE).content.decode()


def test_a_contributor_sees_the_list_and_may_change_nothing(
    as_hat, owner, contributor, invitation, hat_of
):
    gone = hat_of(CONTRIBUTOR, owner.organisation, is_active=False)
    client = as_hat(contributor)
    text = client.get(PEOPLE).content.decode()
    assert "Ana Ruiz" in text
    assert INVITE["email"] in text
    for button in ("Send invitation", "Send again", "Revoke", "Change role", "Remove", "Add back"):
        assert button not in text
    acts = [("invite", None), ("role", owner), ("remove", owner), ("restore", gone)]
    acts += [("resend", invitation), ("revoke", invitation)]
    for name, thing in acts:
        assert client.post(at(name, thing), {"role": OWNER, **INVITE}).status_code == 403, name
    assert client.get(at("remove", owner)).status_code == 403
    assert people_of(owner.organisation).count() == 2
    assert Invitation.objects.get().revoked_at is None
    assert OutboxEmail.objects.count() == 1


def test_other_practices_and_plans_do_not_exist_here(
    as_hat, owner, contributor, invitation, hat_of
):
    stranger = as_hat(hat_of(OWNER))
    assert "Bo Li" not in stranger.get(PEOPLE).content.decode()
    for name, thing in [("role", contributor), ("remove", contributor), ("restore", contributor)]:
        assert stranger.post(at(name, thing), {"role": OWNER}).status_code == 404
    for name in ("resend", "revoke"):
        assert stranger.post(at(name, invitation)).status_code == 404
    lead = as_hat(hat_of(Role.MCP_LEAD))
    assert lead.get(PEOPLE).status_code == 403
    assert lead.post(at("invite"), INVITE).status_code == 403
    assert Invitation.objects.count() == OutboxEmail.objects.count() == 1


def test_inviting_sends_the_email_and_says_so(as_hat, owner):
    response = as_hat(owner).post(at("invite"), INVITE, follow=True)
    assert response.redirect_chain == [(PEOPLE, 302)]
    assert "The invitation to cy@fresno.example is on its way." in response.content.decode()
    assert OutboxEmail.objects.get().to == "cy@fresno.example"


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({**INVITE, "email": "cy"}, 422, "Enter an email address, such as name@practice.org."),
        ({**INVITE, "email": "c\x00y@fresno.example"}, 422, "null character"),
        ({**INVITE, "email": "c" * 300 + "@x.example"}, 422, "Shorten this to 254 characters."),
        ({**INVITE, "role": "dhcs_approver"}, 422, "Choose one of the answers in the list."),
        ({"email": INVITE["email"]}, 422, "Choose an answer."),
        ({**INVITE, "email": "bo@fresno.example"}, 409, "works here already"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    as_hat, owner, contributor, data, status, sentence
):
    response = as_hat(owner).post(at("invite"), data)
    text = response.content.decode()
    assert (response.status_code, sentence in text) == (status, True)
    assert f'value="{escape(data["email"])}"' in text
    assert Invitation.objects.count() == 0


def test_resend_and_revoke_are_one_click(as_hat, owner, invitation):
    client = as_hat(owner)
    text = client.post(at("resend", invitation), follow=True).content.decode()
    assert "A new link is on its way to cy@fresno.example." in text
    assert "sent 2 times" in text
    text = client.post(at("revoke", invitation), follow=True).content.decode()
    assert "is not open any more: replaced by a newer one." in text
    newest = Invitation.objects.first()
    text = client.post(at("revoke", newest), follow=True).content.decode()
    assert "The link sent to cy@fresno.example no longer works." in text
    assert Invitation.objects.filter(revoked_at=None).count() == 0
    assert client.get(at("revoke", newest)).status_code == 405


def test_role_and_removal_have_a_page_that_says_what_they_do(as_hat, owner, contributor):
    client = as_hat(owner)
    assert "Change the role of Bo Li" in client.get(at("role", contributor)).content.decode()
    text = client.post(at("role", contributor), {"role": OWNER}, follow=True).content.decode()
    assert "Bo Li is now Practice owner." in text
    bo = Membership.objects.get(user=contributor.user, is_active=True)
    page = client.get(at("remove", bo)).content.decode()
    assert "can no longer open anything of Fresno Family Medicine" in page
    text = client.post(at("remove", bo), follow=True).content.decode()
    assert "Bo Li is removed from Fresno Family Medicine." in text
    assert "Add back" in text
    assert list(people_of(owner.organisation)) == [owner]
    text = client.post(at("restore", bo), follow=True).content.decode()
    assert "Bo Li is back as Practice owner." in text
    assert client.get(at("role", contributor)).status_code == 404


def test_the_last_owner_is_told_why_not(as_hat, owner, contributor):
    client = as_hat(owner)
    for name, data in (("remove", {}), ("role", {"role": CONTRIBUTOR})):
        response = client.post(at(name, owner), data)
        assert response.status_code == 409
        assert "Give somebody else that role first." in response.content.decode()
    assert Membership.objects.get(pk=owner.pk).is_active is True


def test_who_changes_their_own_role_keeps_the_practice_on(as_hat, owner, hat_of):
    hat_of(OWNER, owner.organisation)
    other = hat_of(Role.MCP_REVIEWER, user=owner.user)
    client = as_hat(owner)
    response = client.post(at("role", owner), {"role": CONTRIBUTOR}, follow=True)
    assert response.context["shell"]["hat"]["role"] == "Practice contributor"
    mine = Membership.objects.get(user=owner.user, role=CONTRIBUTOR)
    second = as_hat(people_of(owner.organisation).exclude(user=owner.user).get())
    assert second.post(at("remove", mine)).status_code == 302
    response = client.get("/start/", follow=True)
    assert response.context["shell"]["hat"]["pk"] == other.pk


def test_who_removes_themselves_leaves_the_page(as_hat, owner, hat_of):
    hat_of(OWNER, owner.organisation)
    client = as_hat(owner)
    response = client.post(at("remove", owner), follow=True)
    assert [url for url, _status in response.redirect_chain] == ["/start/"]
    assert client.get(PEOPLE).status_code == 302


def test_the_page_costs_the_same_for_one_and_for_three(as_hat, owner, hat_of):
    client, counts = as_hat(owner), []
    for rows in (1, 2):
        for number in range(rows):
            hat_of(CONTRIBUTOR, owner.organisation)
            hat_of(CONTRIBUTOR, owner.organisation, is_active=False)
            email = f"p{rows}{number}@x.example"
            invitations.invite(email=email, role=CONTRIBUTOR, by=owner)
        client.get(PEOPLE)
        with CaptureQueriesContext(connection) as queries:
            text = client.get(PEOPLE).content.decode()
        counts.append(len(queries))
    assert text.count("Send again") == 3
    about_people = [q["sql"] for q in queries if 'FROM "accounts_' in q["sql"]]
    assert (counts[0], len(about_people)) == (counts[1], 4)


def test_a_name_of_markup_is_shown_as_typed(as_hat, owner):
    Membership.objects.create(
        user=UserFactory(full_name="<b>Cy</b>"), organisation=owner.organisation, role=CONTRIBUTOR
    )
    text = as_hat(owner).get(PEOPLE).content.decode()
    assert "&lt;b&gt;Cy&lt;/b&gt;" in text
    assert "<b>Cy" not in text
