"""When the practice's pages can be written: returned with notes, before any cycle, and by whom."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import CorrectionNote
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db


def returned(owner_of, **notes):
    application = ApplicationFactory(status=Status.RETURNED)
    step = application.transitions.create(
        name="return",
        from_status="submitted",
        to_status="returned",
        actor="Lee",
        created_at=timezone.now(),
    )
    for section, text in notes.items():
        CorrectionNote.objects.create(transition=step, section=section, text=text)
    return application, owner_of(Role.PRACTICE_OWNER, application.practice)


def test_a_returned_application_opens_only_the_sections_with_a_note(as_hat, hat_of):
    _application, hat = returned(hat_of, sites="The <second> site has no street.")
    client = as_hat(hat)
    page = client.get(reverse("applications:sites")).content.decode()
    assert "The &lt;second&gt; site has no street." in page
    assert "data-autosave" in page
    assert "To correct" in page
    locked = client.get(reverse("applications:profile")).content.decode()
    assert "data-autosave" not in locked
    assert "No change is asked for in this section, so it is locked." in locked
    response = client.post(reverse("applications:profile"), {"name": "New", "ehr": "Mine"})
    assert response.status_code == 409
    assert 'value="Mine"' in response.content.decode()
    assert "Only the sections with a note can change now." in response.content.decode()


@pytest.mark.parametrize("name", ["profile", "sites", "members"])
def test_the_forms_open_before_any_cycle_exists(as_hat, hat_of, name):
    practice = PracticeFactory().organisation
    client = as_hat(hat_of(Role.PRACTICE_OWNER, practice))
    assert client.get(reverse(f"applications:{name}")).status_code == 200
    response = client.post(reverse(f"applications:{name}"), {"name": "New name"})
    assert (response.status_code, response.url) == (302, reverse("applications:practice"))


@pytest.mark.parametrize("name", ["practice", "profile", "sites", "members"])
def test_a_stranger_signs_in_first(client, name):
    url = reverse(f"applications:{name}")
    assert client.get(url).url == f"{reverse('account_login')}?next={url}"
