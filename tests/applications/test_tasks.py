"""The virus check in the background: the bell after the commit, and the sweep that guarantees it."""

import pytest
from celery.signals import before_task_publish
from django.conf import settings as live

from applications import tasks
from applications.enums import Scan
from applications.models import Attachment
from tests.applications import filing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


def states():
    return list(Attachment.objects.order_by("pk").values_list("scan", flat=True))


def test_a_file_is_scanned_by_a_task_of_its_own(draft, owner, clamd):
    good, bad = filing.add(draft, owner), filing.add(draft, owner, filing.EICAR)
    assert states() == [Scan.PENDING, Scan.PENDING]
    assert tasks.scan_attachment(bad.pk) is True
    assert states() == [Scan.PENDING, Scan.INFECTED]
    assert tasks.scan_attachment(good.pk) is True
    assert states() == [Scan.CLEAN, Scan.INFECTED]
    assert clamd.received == [filing.EICAR, filing.PDF]
    assert tasks.scan_attachment(good.pk) is False
    assert tasks.scan_attachment(999_999) is False
    assert len(clamd.received) == 2


def test_the_sweep_scans_what_waits_and_goes_on_after_a_fault(draft, owner, clamd, files_folder):
    lost = filing.add(draft, owner, filing.JPEG)
    (files_folder / lost.storage_name).unlink()
    filing.add(draft, owner, filing.png())
    filing.add(draft, owner)
    clamd.answer = lambda data: (
        b"stream: No memory ERROR" if data == filing.png() else clamd.verdict(data)
    )
    assert tasks.sweep_scans() == 1
    assert states() == [Scan.PENDING, Scan.PENDING, Scan.CLEAN]
    clamd.answer = clamd.verdict
    assert tasks.sweep_scans() == 1
    assert states() == [Scan.PENDING, Scan.CLEAN, Scan.CLEAN]


def test_a_file_waits_while_the_scanner_is_away(draft, owner, settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    filing.add(draft, owner)
    assert tasks.sweep_scans() == 0
    assert states() == [Scan.PENDING]


def test_files_that_waited_when_the_scanner_was_given_up_are_let_go(draft, owner, clamd, settings):
    filing.add(draft, owner)
    settings.CLAMD_URL = ""
    assert tasks.sweep_scans() == 1
    assert states() == [Scan.SKIPPED]


@pytest.fixture
def rung():
    """List (task, arguments) of what a broker is asked to take; none runs here."""
    heard = []

    def note(sender, body, **kwargs):
        heard.append((sender, body[0]))

    before_task_publish.connect(note)
    yield heard
    before_task_publish.disconnect(note)


def test_the_bell_rings_after_the_commit_and_a_dead_broker_loses_no_file(
    draft, owner, clamd, rung, caplog, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = filing.add(draft, owner)
        assert rung == []
    assert rung == [("applications.scan_attachment", [row.pk])]
    assert "Error calling" in caplog.text
    assert states() == [Scan.PENDING]
    assert tasks.sweep_scans() == 1
    assert states() == [Scan.CLEAN]


def test_no_bell_rings_without_a_scanner(draft, owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        filing.add(draft, owner)
    assert callbacks == []


@pytest.mark.django_db(transaction=True)
def test_a_file_is_added_while_the_broker_is_dead(draft, owner, clamd, caplog):
    filing.add(draft, owner)
    assert states() == [Scan.PENDING]
    assert "Error calling" in caplog.text


def test_the_sweep_is_scheduled():
    assert live.CELERY_BEAT_SCHEDULE["sweep-scans"]["task"] == tasks.sweep_scans.name
