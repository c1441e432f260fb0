"""Invitations: who may send which, what the email holds, how they end, and that one lets one person in."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.domain import invitations
from accounts.enums import InvitationState, Role
from accounts.models import Invitation, Membership
from accounts.teams import ABILITIES, KEEPER, MAY_INVITE
from core.exceptions import DomainError, WrongState
from core.times import long
from notifications.models import OutboxEmail
from tests.accounts.inviting import last_link, link_in, run_out, token_of
from tests.factories.accounts import KIND_OF_ROLE, UserFactory

CY = "cy@fresno.example"
INVITE = {"email": CY, "role": Role.PRACTICE_CONTRIBUTOR}


@pytest.fixture
def cy(db):
    return UserFactory(email=CY, full_name="Cy Moss")


def test_inviting_stores_a_digest_and_queues_the_link(owner):
    moment = timezone.now()
    with time_machine.travel(moment, tick=False):
        invitation = invitations.invite(email=" Cy@Fresno.Example ", role=INVITE["role"], by=owner)
    assert (invitation.email, invitation.organisation) == (CY, owner.organisation)
    assert (invitation.sent_at, invitation.expires_at) == (moment, moment + timedelta(days=14))
    assert (invitation.invited_by, invitation.times_sent) == (owner.label, 1)
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to, email.dedupe_key) == (
        "invitation",
        CY,
        f"invitation:{invitation.pk}:1",
    )
    assert email.subject == "Ana Ruiz invites you to Fresno Family Medicine on the EPT Portal"
    for said in ("Practice contributor", long(invitation.expires_at), "Cannot sign or submit it."):
        assert said in email.body
    token = token_of(link_in(email))
    assert invitations.of_token(token) == invitation
    assert invitation.token_digest == invitations.digest_of(token) != token


def test_history_of_an_invitation_holds_no_digest(owner):
    event = invitations.invite(**INVITE, by=owner).events.get()
    assert (event.email, event.pgh_label) == (CY, "insert")
    assert not hasattr(event, "token_digest")


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.django_db
def test_who_invites_whom_is_the_table(hat_of, role):
    by = hat_of(role)
    for number, wanted in enumerate(Role.values):
        if wanted in MAY_INVITE.get(role, ()):
            made = invitations.invite(email=f"p{number}@x.example", role=wanted, by=by)
            assert (made.organisation, made.role) == (by.organisation, wanted)
        else:
            with pytest.raises(DomainError, match="Your role cannot invite"):
                invitations.invite(email=f"p{number}@x.example", role=wanted, by=by)
    assert Invitation.objects.count() == len(MAY_INVITE.get(role, ()))


def test_the_table_stays_inside_one_kind_of_organisation():
    for inviter, roles in MAY_INVITE.items():
        assert {KIND_OF_ROLE[role] for role in roles} == {KIND_OF_ROLE[inviter]}
        assert KEEPER[KIND_OF_ROLE[inviter]] in roles
        assert set(roles) <= set(ABILITIES)


def test_who_works_here_already_is_not_invited(owner, contributor):
    with pytest.raises(DomainError, match="bo@fresno.example works here already"):
        invitations.invite(email="BO@fresno.example", role=Role.PRACTICE_OWNER, by=owner)
    assert (Invitation.objects.count(), OutboxEmail.objects.count()) == (0, 0)


def test_an_address_is_invited_once_until_it_runs_out(owner):
    first = invitations.invite(**INVITE, by=owner)
    with pytest.raises(DomainError, match="is invited already"):
        invitations.invite(**INVITE, by=owner)
    run_out(first)
    second = invitations.invite(**INVITE, by=owner)
    first.refresh_from_db()
    assert invitations.state_of(first) == InvitationState.REPLACED
    assert invitations.state_of(second) == InvitationState.OPEN


def test_two_practices_may_invite_the_same_person(owner, hat_of, cy):
    other = hat_of(Role.PRACTICE_OWNER)
    for by in (owner, other):
        invitations.accept(invitations.invite(**INVITE, by=by), user=cy)
    assert {h.organisation for h in cy.memberships.all()} == {
        owner.organisation,
        other.organisation,
    }


def test_open_and_daily_invitations_are_limited(owner, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    monkeypatch.setattr(invitations, "MOST_A_DAY", 3)
    made = [
        invitations.invite(email=f"p{n}@x.example", role=INVITE["role"], by=owner) for n in (1, 2)
    ]
    with pytest.raises(DomainError, match="2 invitations are open"):
        invitations.invite(**INVITE, by=owner)
    for one in made:
        invitations.revoke(one, by=owner)
    invitations.invite(email="p3@x.example", role=INVITE["role"], by=owner)
    with pytest.raises(DomainError, match="3 invitations in one day"):
        invitations.invite(**INVITE, by=owner)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        invitations.invite(**INVITE, by=owner)
    assert Invitation.objects.count() == 4


def test_resending_makes_a_new_link_and_more_time(owner):
    first = invitations.invite(**INVITE, by=owner)
    old = last_link(CY)
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        second = invitations.resend(first, by=owner)
        assert invitations.state_of(second) == InvitationState.OPEN
    assert last_link(CY) != old
    assert invitations.of_token(token_of(last_link(CY))) == second
    assert (second.created_at, second.times_sent) == (first.created_at, 2)
    assert second.expires_at - first.expires_at >= timedelta(days=20)
    assert invitations.state_of(invitations.of_token(token_of(old))) == InvitationState.REPLACED
    keys = OutboxEmail.objects.order_by("pk").values_list("dedupe_key", flat=True)
    assert list(keys) == [f"invitation:{first.pk}:1", f"invitation:{second.pk}:2"]
    with pytest.raises(WrongState, match="replaced by a newer one"):
        invitations.resend(first, by=owner)


def test_an_invitation_is_sent_six_times_at_most(owner):
    invitation = invitations.invite(**INVITE, by=owner)
    for _ in range(5):
        invitation = invitations.resend(invitation, by=owner)
    with pytest.raises(DomainError, match="was sent 6 times"):
        invitations.resend(invitation, by=owner)
    assert OutboxEmail.objects.count() == 6


def test_a_revoked_invitation_lets_nobody_in(owner, cy):
    invitation = invitations.revoke(invitations.invite(**INVITE, by=owner), by=owner)
    assert invitations.state_of(invitation) == InvitationState.REVOKED
    with pytest.raises(WrongState, match="cannot be used any more"):
        invitations.accept(invitation, user=cy)
    for act in (invitations.revoke, invitations.resend):
        with pytest.raises(WrongState, match="revoked"):
            act(invitation, by=owner)
    assert cy.memberships.count() == 0


def test_accepting_makes_the_hat_once_and_tells_the_owners(owner, contributor, cy):
    invitation = invitations.invite(**INVITE, by=owner)
    hats = [invitations.accept(invitation, user=cy) for _ in range(2)]
    assert hats[0] == hats[1] == cy.memberships.get()
    assert (hats[0].role, hats[0].organisation) == (INVITE["role"], owner.organisation)
    invitation.refresh_from_db()
    assert invitation.membership == hats[0]
    told = OutboxEmail.objects.get(kind="joined")
    assert (told.to, told.subject) == (owner.user.email, "Cy Moss joined Fresno Family Medicine")
    assert CY in told.body
    with pytest.raises(WrongState, match="accepted"):
        invitations.revoke(invitation, by=owner)


def test_another_address_does_not_get_in(owner):
    invitation = invitations.invite(**INVITE, by=owner)
    mallory = UserFactory(email="mallory@fresno.example")
    with pytest.raises(DomainError, match="for another email address"):
        invitations.accept(invitation, user=mallory)
    assert mallory.memberships.count() == 0


def test_one_second_too_late_is_too_late(owner, cy):
    invitation = invitations.invite(**INVITE, by=owner)
    with time_machine.travel(invitation.expires_at, tick=False), pytest.raises(WrongState):
        invitations.accept(invitation, user=cy)
    with time_machine.travel(invitation.expires_at - timedelta(seconds=1), tick=False):
        assert invitations.accept(invitation, user=cy).is_active


def test_accepting_switches_an_old_hat_on_and_an_old_link_does_not(owner, cy):
    invitation = invitations.invite(**INVITE, by=owner)
    hat = invitations.accept(invitation, user=cy)
    Membership.objects.filter(pk=hat.pk).update(is_active=False)
    assert invitations.accept(invitation, user=cy).is_active is False
    again = invitations.accept(invitations.invite(**INVITE, by=owner), user=cy)
    assert (again, again.is_active) == (hat, True)


@pytest.mark.parametrize(
    ("of_cy", "of_ana", "invited_in"),
    [("es", "", "es"), ("", "es", "es"), ("en-us", "es", "en-us")],
)
def test_emails_speak_the_language_of_who_reads_them(owner, cy, of_cy, of_ana, invited_in):
    owner.user.language, cy.language = of_ana, of_cy
    owner.user.save()
    cy.save()
    invitations.accept(invitations.invite(**INVITE, by=owner), user=cy)
    facts = {"person": "Ana Ruiz", "organisation": owner.organisation.name}
    with translation.override(invited_in):
        invited = gettext("%(person)s invites you to %(organisation)s on the EPT Portal") % facts
    with translation.override(of_ana or "en-us"):
        joined = gettext("%(person)s joined %(organisation)s") % (facts | {"person": "Cy Moss"})
    subjects = OutboxEmail.objects.order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == [invited, joined]


def at_once(*acts):
    """Run every act in a thread of its own at the same moment and return what each one met."""
    barrier, met = threading.Barrier(len(acts)), [None] * len(acts)

    def work(number):
        try:
            barrier.wait(10)
            met[number] = acts[number]()
        except Exception as error:  # noqa: BLE001 - the test looks at what each thread met
            met[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return met


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_member(memory_broker, hat_of):
    cy = UserFactory(email=CY)
    invitation = invitations.invite(**INVITE, by=hat_of(Role.PRACTICE_OWNER))
    met = at_once(*[lambda: invitations.accept(invitation, user=cy)] * 4)
    assert met == [cy.memberships.get()] * 4
    assert OutboxEmail.objects.filter(kind="joined").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_inviting_the_same_person_at_once_send_one_email(memory_broker, hat_of):
    owner = hat_of(Role.PRACTICE_OWNER)
    met = at_once(*[lambda: invitations.invite(**INVITE, by=owner)] * 3)
    refusal = f"{CY} is invited already. You can send that invitation again."
    assert sorted(str(one) for one in met if isinstance(one, DomainError)) == [refusal] * 2
    assert OutboxEmail.objects.count() == Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [invitations.revoke, invitations.resend])
def test_accepting_and_ending_at_once_let_one_win(memory_broker, hat_of, end):
    owner = hat_of(Role.PRACTICE_OWNER)
    for number in range(6):
        cy = UserFactory(email=f"cy{number}@fresno.example")
        invitation = invitations.invite(email=cy.email, role=INVITE["role"], by=owner)
        met = at_once(
            lambda one=invitation, user=cy: invitations.accept(one, user=user),
            lambda one=invitation: end(one, by=owner),
        )
        assert [type(one) for one in met if isinstance(one, Exception)] == [WrongState], met
        invitation.refresh_from_db()
        joined = cy.memberships.filter(is_active=True).exists()
        assert joined == (invitation.accepted_at is not None) == (invitation.revoked_at is None)
