"""A real Chromium, and the real servers behind the portal."""

import os
import threading

import pytest
from allauth.account.models import EmailAddress

from accounts.enums import Role
from accounts.models import User
from scripts.chromium import launch_options
from tests.browser.visitor import Visitor, Visitors
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory
from tests.faults.services import Services, broker_at

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
LAST_ANSWER_SECONDS = 5
PASSWORD = "a-long-walk-by-the-sea"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture
def address(live_server, settings):
    """Address of the portal, also in the links of its emails.

    What closing pages still ask for is answered before the tables are emptied.
    """
    settings.SITE_BASE_URL = live_server.url
    yield live_server.url
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(LAST_ANSWER_SECONDS)


@pytest.fixture
def visitors(browser, address):
    """Gives each person a browser of their own, and gathers what is wrong with the pages they see."""
    made = Visitors(browser, address)
    yield made
    made.leave()


@pytest.fixture
def services(transactional_db, tmp_path):
    """Valkey, a worker and an SMTP sink that run; this process sends its tasks to them."""
    with Services(tmp_path) as running, broker_at(running.broker_url):
        running.start_broker()
        running.start_sink()
        running.start_worker()
        yield running


@pytest.fixture
def colleague(transactional_db):
    """Return a function that makes a person with a hat who can sign in by password."""

    def make(role, name, organisation=None):
        email = f"{name.lower().replace(' ', '.')}@work.example"
        user = User.objects.create_user(email, PASSWORD, full_name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        extra = {"organisation": organisation} if organisation else {}
        return MembershipFactory(role=role, user=user, **extra)

    return make


@pytest.fixture
def come_in(visitors):
    """Return a function that opens a browser for a colleague and signs them in."""

    def enter(hat, **options) -> Visitor:
        found = visitors(**options)
        found.sign_in(hat.user.email, PASSWORD)
        return found

    return enter


@pytest.fixture
def draft(transactional_db):
    """An application with everything in it, of two people: `owner` and `contributor`."""
    cycle = CycleFactory(title="EPT Cohort 1", slug="cohort-1")
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    return complete(ApplicationFactory(cycle=cycle, designated_mcp=plan))


@pytest.fixture
def owner(colleague, draft):
    """Ana, who signs the draft."""
    return colleague(Role.PRACTICE_OWNER, "Ana Ruiz", draft.practice)


@pytest.fixture
def contributor(colleague, draft):
    """Bo, who writes the draft with Ana."""
    return colleague(Role.PRACTICE_CONTRIBUTOR, "Bo Lee", draft.practice)


@pytest.fixture
def url(draft):
    """A section of the draft with a long answer."""
    return f"/application/{draft.pk}/population/"
