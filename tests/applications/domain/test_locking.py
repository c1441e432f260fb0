"""What keeps a practice from writing: the same rule refuses a save and heads a page."""

from datetime import timedelta

import pytest
import time_machine

from applications.domain.locking import lock_on, require_writable
from applications.enums import Status
from applications.models import ApplicationTransition, CorrectionNote
from core.exceptions import WrongState
from core.times import long, to_the_second
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def returned(*sections):
    application = ApplicationFactory(status=Status.RETURNED)
    step = ApplicationTransition.objects.create(
        application=application,
        name="return",
        to_status=Status.RETURNED,
        created_at=application.submitted_at,
    )
    for section in sections:
        CorrectionNote.objects.create(transition=step, section=section, text="Mend this.")
    return application


def refusal(application, section=""):
    with pytest.raises(WrongState) as error:
        require_writable(application, section)
    return str(error.value)


@pytest.mark.parametrize("status", sorted(set(Status.values) - set(Status.editable)))
def test_what_was_handed_in_can_be_read_only_in_public_words(status):
    application = ApplicationFactory(status=status)
    lock = lock_on(application)
    assert refusal(application) == lock.refusal
    for sentence in (lock.refusal, lock.notice):
        assert application.public_status.lower() in sentence


def test_an_open_draft_is_not_locked_and_costs_no_query(draft, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert lock_on(draft, "members") is None
        require_writable(draft, "members")


def test_a_draft_is_kept_to_read_after_closing():
    draft = ApplicationFactory(cycle=CycleFactory(closed=True))
    lock = lock_on(draft)
    assert to_the_second(draft.cycle.closes_at) in refusal(draft)
    assert lock.notice == (
        f"This cycle closed on {long(draft.cycle.closes_at)} before you submitted. Your draft is "
        "kept to read."
    )


def test_only_the_sections_with_a_note_open_after_a_return():
    application = returned("members", "contacts")
    assert lock_on(application) is None
    for section in ("members", "contacts"):
        assert lock_on(application, section) is None
    assert "This one was not stored." in refusal(application, "sites")
    assert lock_on(application, "sites").notice.startswith("No change is asked for")


def test_a_return_without_notes_opens_everything():
    application = returned()
    for section in ("members", "sites", "contacts"):
        assert lock_on(application, section) is None


def test_the_last_return_decides():
    application = returned("members")
    step = ApplicationTransition.objects.create(
        application=application,
        name="return",
        to_status=Status.RETURNED,
        created_at=application.submitted_at,
    )
    CorrectionNote.objects.create(transition=step, section="sites", text="Now this.")
    assert lock_on(application, "sites") is None
    assert lock_on(application, "members") is not None


def test_corrections_end_when_scoring_is_due():
    application = returned("members")
    due = application.cycle.scoring_due_at
    with time_machine.travel(due, tick=False):
        assert lock_on(application, "members") is None
    with time_machine.travel(due + timedelta(seconds=1), tick=False):
        assert to_the_second(due) in refusal(application, "members")
        assert long(due) in lock_on(application, "members").notice
