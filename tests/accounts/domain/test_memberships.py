"""Another role, leaving, coming back; an organisation always keeps somebody who can act for it."""

import threading

import pytest
from django.db import connection

from accounts.domain import invitations, memberships
from accounts.enums import Role
from accounts.models import Invitation, Membership
from accounts.queries import people_of, unanswered
from core.exceptions import DomainError, WrongState
from tests.factories.accounts import UserFactory

OWNER, CONTRIBUTOR = Role.PRACTICE_OWNER, Role.PRACTICE_CONTRIBUTOR


def test_another_role_is_another_hat(owner, contributor):
    new = memberships.change_role(contributor, role=OWNER, by=owner)
    contributor.refresh_from_db()
    assert (new.role, new.user, new.is_active) == (OWNER, contributor.user, True)
    assert contributor.is_active is False
    assert memberships.change_role(new, role=OWNER, by=owner) == new
    back = memberships.change_role(new, role=CONTRIBUTOR, by=owner)
    assert (back, back.is_active) == (contributor, True)
    assert list(people_of(owner.organisation)) == [owner, contributor]
    labels = [event.is_active for event in contributor.events.order_by("pgh_id")]
    assert labels == [True, False, True]


@pytest.mark.parametrize("act", ["change", "remove"])
@pytest.mark.parametrize("other", ["nobody", "switched off", "no account", "contributor"])
def test_the_last_owner_stays(owner, hat_of, act, other):
    if other == "switched off":
        hat_of(OWNER, owner.organisation, is_active=False)
    if other == "no account":
        hat_of(OWNER, owner.organisation, user__is_active=False)
    if other == "contributor":
        hat_of(CONTRIBUTOR, owner.organisation)
    with pytest.raises(DomainError, match="Ana Ruiz is the only “Practice owner” of Fresno"):
        if act == "change":
            memberships.change_role(owner, role=CONTRIBUTOR, by=owner)
        else:
            memberships.remove(owner, by=owner)
    owner.refresh_from_db()
    assert owner.is_active is True


def test_with_a_second_owner_the_first_may_go(owner, hat_of):
    second = hat_of(OWNER, owner.organisation)
    assert memberships.remove(owner, by=second).is_active is False
    with pytest.raises(DomainError, match="is the only"):
        memberships.remove(second, by=second)


def test_removing_and_restoring_keep_the_role(owner, contributor):
    for _ in range(2):
        assert memberships.remove(contributor, by=owner).is_active is False
    with pytest.raises(WrongState, match="Bo Li was removed meanwhile"):
        memberships.change_role(contributor, role=OWNER, by=owner)
    assert memberships.restore(contributor, by=owner).is_active is True
    assert Membership.objects.get(user=contributor.user).role == CONTRIBUTOR


@pytest.mark.parametrize("act", ["restore", "remove"])
def test_an_earlier_link_brings_nobody_back(owner, contributor, act):
    memberships.remove(contributor, by=owner)
    email = contributor.user.email
    sent = invitations.invite(email=email, role=CONTRIBUTOR, by=owner)
    elsewhere = invitations.invite(email="cy@fresno.example", role=CONTRIBUTOR, by=owner)
    if act == "restore":
        memberships.restore(contributor, by=owner)
    else:
        Membership.objects.filter(pk=contributor.pk).update(is_active=True)
    memberships.remove(contributor, by=owner)
    with pytest.raises(WrongState, match="cannot be used any more"):
        invitations.accept(sent, user=contributor.user)
    contributor.refresh_from_db()
    assert contributor.is_active is False
    assert list(unanswered(Invitation.objects.all())) == [elsewhere]


def test_restoring_ends_the_link_that_waits(owner, contributor):
    memberships.remove(contributor, by=owner)
    invitations.invite(email=contributor.user.email, role=OWNER, by=owner)
    memberships.restore(contributor, by=owner)
    assert not unanswered(Invitation.objects.all()).exists()


def test_nobody_gets_two_roles_in_one_organisation(owner, contributor, hat_of):
    hat_of(CONTRIBUTOR, user=contributor.user)  # another organisation does not count
    new = memberships.change_role(contributor, role=OWNER, by=owner)
    with pytest.raises(WrongState, match="Bo Li works here already as “Practice owner”"):
        memberships.restore(contributor, by=owner)
    cy = UserFactory(email="cy@fresno.example")
    link = invitations.invite(email=cy.email, role=CONTRIBUTOR, by=owner)
    worn = hat_of(OWNER, owner.organisation, user=cy)
    with pytest.raises(WrongState, match="You work at Fresno Family Medicine already as “Practice"):
        invitations.accept(link, user=cy)
    assert set(people_of(owner.organisation)) == {owner, new, worn}
    memberships.remove(new, by=owner)
    assert memberships.restore(contributor, by=owner).is_active is True


def test_a_role_is_given_only_by_who_may(owner, contributor, hat_of):
    lead = hat_of(Role.MCP_LEAD)
    for act in (
        lambda: memberships.change_role(contributor, role=OWNER, by=lead),
        lambda: memberships.change_role(contributor, role=Role.DHCS_APPROVER, by=owner),
        lambda: memberships.restore(contributor, by=lead),
    ):
        with pytest.raises(DomainError, match="Your role cannot give"):
            act()
    assert set(people_of(owner.organisation)) == {owner, contributor}


@pytest.mark.django_db(transaction=True)
def test_two_owners_removing_each_other_at_once_leave_one(hat_of):
    first = hat_of(OWNER)
    second = hat_of(OWNER, first.organisation)
    barrier, refused = threading.Barrier(2), []

    def work(hat, by):
        try:
            barrier.wait(10)
            memberships.remove(hat, by=by)
        except DomainError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=pair) for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (people_of(first.organisation).count(), len(refused)) == (1, 1)
