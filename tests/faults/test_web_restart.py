"""The web server is killed while somebody types, and comes back: what was typed is all there.

A real gunicorn on the embedded PostgreSQL, a real browser.
"""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from playwright.sync_api import expect

from accounts.enums import Role
from applications.models import Answer, Application
from scripts.chromium import launch_options
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory
from tests.faults.services import Services, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]
WHY, DISPARITY = "population_why", "disparity"
SAVED = re.compile(r"^Saved \d")
FAILED = "Not saved – trying again"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture
def services(transactional_db, tmp_path):
    with Services(tmp_path) as found:
        yield found


@pytest.fixture
def draft(transactional_db):
    return complete(ApplicationFactory(cycle=CycleFactory()))


@pytest.fixture
def page(browser, services, draft):
    """The section open in the browser of the owner, served by gunicorn."""
    address = services.start_web()
    hat = MembershipFactory(role=Role.PRACTICE_OWNER, organisation=draft.practice)
    client = Client()
    client.force_login(hat.user)
    context = browser.new_context(base_url=address, locale="en-US")
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
    context.add_cookies([session])
    found = context.new_page()
    found.goto(f"/application/{draft.pk}/population/")
    expect(found.get_by_role("heading", level=1)).to_have_text("Population of focus")
    yield found
    context.close()


def field(page, key=WHY):
    return page.locator(f"form[data-autosave] [name={key}]")


def line(page):
    return page.locator("[data-save-state]")


def type_into(page, key, text):
    field(page, key).press("Control+End")
    page.keyboard.type(text)


def stored(draft, key=WHY):
    return Answer.objects.get(application=draft, key=key).value


def start_again(services, page):
    return services.start_web(urlsplit(page.url).port)


def test_a_server_killed_in_mid_section_loses_nothing_and_the_page_goes_on(services, draft, page):
    type_into(page, WHY, " Saved before.")
    expect(line(page)).to_have_text(SAVED)
    services.kill("web")
    assert stored(draft).endswith(" Saved before.")

    type_into(page, WHY, " Typed without a server.")
    type_into(page, DISPARITY, " And here.")
    expect(line(page)).to_have_text(FAILED)
    typed = {key: field(page, key).input_value() for key in (WHY, DISPARITY)}
    start_again(services, page)
    expect(line(page)).to_have_text(SAVED, timeout=15_000)
    assert {key: stored(draft, key) for key in typed} == typed
    assert page.evaluate("Object.keys(localStorage)") == []


def test_text_of_a_page_closed_while_the_server_was_dead_is_back(services, draft, page):
    type_into(page, WHY, " Saved before.")
    expect(line(page)).to_have_text(SAVED)
    services.kill("web")
    type_into(page, WHY, " Typed without a server.")
    expect(line(page)).to_have_text(FAILED)
    url, typed = page.url, field(page).input_value()
    context = page.context
    page.close(run_before_unload=False)
    assert stored(draft).endswith(" Saved before.")

    start_again(services, page)
    again = context.new_page()
    again.goto(url)
    expect(again.get_by_text("We put back 1 answer that was not saved:")).to_be_visible()
    expect(field(again)).to_have_value(typed)
    expect(line(again)).to_have_text(SAVED)
    assert stored(draft) == typed


def test_a_server_killed_in_the_middle_of_a_save_stores_it_once_it_is_back(services, draft, page):
    """The row is held, so that the request hangs in its transaction when the process dies."""
    before = stored(draft)
    with transaction.atomic():
        Application.objects.select_for_update().get(pk=draft.pk)
        list(Answer.objects.select_for_update().filter(application=draft))
        type_into(page, WHY, " Half way.")
        wait_until(somebody_waits_for_us, "the save to wait for the row")
        services.kill("web")
        expect(line(page)).to_have_text(FAILED)
    assert stored(draft) == before
    start_again(services, page)
    expect(line(page)).to_have_text(SAVED, timeout=15_000)
    assert stored(draft) == f"{before} Half way."
    assert page.locator(".field-notice").count() == 0


def somebody_waits_for_us():
    """Whether another transaction waits for what the one of this connection holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0
