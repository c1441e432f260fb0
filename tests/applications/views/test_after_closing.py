"""After closing a draft is kept to read: what the practice, its sites and its members are, too."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from applications.domain import practices, rows
from applications.enums import Status
from applications.models import Application, LateAccess, MemberCount, Practice, Site
from core.exceptions import WrongState
from core.times import to_the_second
from tests.factories.applications import PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
PAGES = ["profile", "sites", "members"]


@pytest.fixture
def late(ready):
    """The draft, a second after its cycle closed."""
    with time_machine.travel(ready.cycle.closes_at + timedelta(seconds=1), tick=False):
        yield ready


def control_on(name, practice):
    """Return a control of the page and what to write into it."""
    return {
        "profile": lambda: ("ehr", "Epic"),
        "sites": lambda: (f"site-{Site.objects.get(practice=practice).pk}-name", "Annex"),
        "members": lambda: (f"member-{MemberCount.objects.get(practice=practice).pk}-members", "7"),
    }[name]()


def autosave(web, name, practice):
    control, value = control_on(name, practice)
    data = {control: value, f"version:{control}": "0", "autosave": control}
    return web.post(reverse(f"applications:{name}"), data, headers={"X-Autosave": "1"})


def facts(practice):
    return [
        list(model.objects.filter(pk__isnull=False).order_by("pk").values())
        for model in (Practice, Site, MemberCount)
    ]


@pytest.mark.parametrize("name", PAGES)
def test_an_autosave_is_refused_and_changes_nothing(as_hat, owner, late, name):
    before = facts(late.practice)
    response = autosave(as_hat(owner), name, late.practice_id)
    assert response.status_code == 422
    closed = to_the_second(late.cycle.closes_at)
    assert response.json()["message"].startswith(f"This cycle closed on {closed}.")
    assert facts(late.practice) == before


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_read_only_and_says_why(as_hat, owner, late, name):
    page = as_hat(owner).get(reverse(f"applications:{name}")).content.decode()
    assert "This cycle closed on" in page
    assert "data-autosave" not in page
    assert (
        "OpenEMR" if name == "profile" else "Main Street Clinic" if name == "sites" else "920"
    ) in page


@pytest.mark.parametrize("act", ["profile", "save", "add", "add_many", "remove"])
def test_no_use_case_writes(late, owner, act):
    practice, site = late.practice.practice, Site.objects.get()
    acts = {
        "profile": lambda: practices.save_profile(
            practice, changes={"ehr": "Epic"}, bases={}, by=owner
        ),
        "save": lambda: rows.save(
            Site, practice, changes={site.pk: {"name": "Annex"}}, bases={}, by=owner
        ),
        "add": lambda: rows.add(Site, practice, by=owner),
        "add_many": lambda: rows.add_many(Site, practice, rows=[{"name": "Annex"}], by=owner),
        "remove": lambda: rows.remove(site, seen=rows.fingerprint(site), by=owner),
    }
    before = facts(practice)
    with pytest.raises(WrongState, match="This cycle closed on"):
        acts[act]()
    assert facts(practice) == before


def grant(application):
    LateAccess.objects.create(
        practice=application.practice,
        cycle=application.cycle,
        until=timezone.now() + timedelta(days=1),
        reason="The clinic burned.",
        granted_by="Lee",
        created_at=timezone.now(),
    )


def move(application, *steps):
    for status, stamp in steps:
        columns = {"status": status, stamp: timezone.now()}
        Application.objects.filter(pk=application.pk).update(**columns)


SUBMITTED = (Status.SUBMITTED, "submitted_at")
WITHDRAWN = (Status.WITHDRAWN, "withdrawn_at")
MAY_WRITE = {
    "late access": grant,
    "submitted": lambda application: move(application, SUBMITTED),
    "withdrawn": lambda application: move(application, SUBMITTED, WITHDRAWN),
    "another cycle is open": lambda application: CycleFactory(),
}


@pytest.mark.parametrize("case", MAY_WRITE)
@pytest.mark.parametrize("name", PAGES)
def test_otherwise_the_facts_may_change_after_closing(as_hat, owner, late, name, case):
    MAY_WRITE[case](late)
    client = as_hat(owner)
    assert "data-autosave" in client.get(reverse(f"applications:{name}")).content.decode()
    response = autosave(client, name, late.practice_id)
    assert (response.status_code, response.json()["errors"]) == (200, {})


def test_another_practice_is_not_held_by_it(late, hat_of):
    other = PracticeFactory()
    hat = hat_of("practice_owner", other.organisation)
    saved = practices.save_profile(other, changes={"ehr": "Epic"}, bases={}, by=hat)
    assert saved.changed == ["ehr"]
