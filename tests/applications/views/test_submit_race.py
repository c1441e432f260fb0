"""Two owners and two tabs of each sign in the same moment: one submission, one email an owner."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition, Submission
from notifications.models import OutboxEmail
from tests.signing import ATTESTED, seen
from tests.stepup import confirm_identity


@pytest.mark.django_db(transaction=True)
def test_two_owners_in_two_tabs_each_give_one_submission(
    memory_broker, as_hat, hat_of, ready, owner, race
):
    second = hat_of(Role.PRACTICE_OWNER, ready.practice)
    tabs = [confirm_identity(as_hat(hat), hat.user) for hat in (owner, owner, second, second)]
    url = reverse("applications:submit", args=[ready.pk])

    signed = ATTESTED | seen(ready)

    def sign(number):
        data = signed | {"signed_name": f"Owner {number}", "signed_title": "Owner"}
        return tabs[number].post(url, data)

    answers = race(sign, len(tabs))
    receipt = reverse("applications:receipt", args=[ready.pk])
    assert [(a.status_code, a.url) for a in answers] == [(302, receipt)] * len(tabs)
    signed = Submission.objects.get()
    ready.refresh_from_db()
    assert ready.status == Status.SUBMITTED
    assert list(ApplicationTransition.objects.values_list("name", flat=True)) == ["submit"]
    emails = OutboxEmail.objects.values_list("to", "dedupe_key")
    key = f"submission:{signed.pk}"
    assert sorted(emails) == sorted([(hat.user.email, key) for hat in (owner, second)])
    shown = {tab.get(receipt).content.decode().count(signed.sha256) for tab in tabs}
    assert shown == {1}
