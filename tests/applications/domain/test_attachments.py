"""Adding, replacing and removing files: rows, bytes, history, limits, races."""

import hashlib
from datetime import timedelta

import pghistory.models
import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from applications.documents import FILE_BYTES, MB, MOST_EVER, MOST_FILES, TOTAL_BYTES
from applications.domain import attachments, submission
from applications.dossier import Dossier
from applications.enums import Scan, Status
from applications.filetypes import FileRefused
from applications.models import Application, ApplicationTransition, Attachment, CorrectionNote
from core.exceptions import DomainError, WrongState
from tests.applications import filing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


def bytes_in(folder):
    return {p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def rows(application):
    return list(Attachment.objects.filter(application=application).values_list("name", "ended_by"))


def earlier(application, size, count=1):
    """Write rows of files without bytes."""
    return Attachment.objects.bulk_create(
        Attachment(
            application=application,
            kind="other",
            name="old.pdf",
            storage_name=f"old/{number}",
            content_type="application/pdf",
            size=size,
            sha256="0" * 64,
            scan=Scan.CLEAN,
            uploaded_by="Bo",
            created_at=timezone.now(),
        )
        for number in range(count)
    )


def test_a_file_is_kept_with_all_that_is_known_of_it(draft, contributor, files_folder):
    with time_machine.travel(timezone.now(), tick=False):
        row = filing.add(draft, contributor, filing.png(), "x/pięć.png", "sponsor_letter")
        now = timezone.now()
    row.refresh_from_db()
    kept = {f.name: getattr(row, f.name) for f in Attachment._meta.fields}
    assert kept == {
        "id": row.pk,
        "application": draft,
        "kind": "sponsor_letter",
        "name": "pięć.png",
        "storage_name": row.storage_name,
        "content_type": "image/png",
        "size": len(filing.png()),
        "sha256": hashlib.sha256(filing.png()).hexdigest(),
        "scan": Scan.SKIPPED,
        "uploaded_by": contributor.label,
        "created_at": now,
        "ended_at": None,
        "ended_by": "",
        "replaced_by": None,
    }
    assert "pięć" not in row.storage_name
    assert (files_folder / row.storage_name).read_bytes() == filing.png()


def test_replacing_and_removing_end_the_row_and_keep_the_bytes(draft, owner, files_folder):
    first = filing.add(draft, owner)
    second = attachments.replace(first, file=filing.upload(filing.JPEG), name="b.jpg", by=owner)
    first.refresh_from_db()
    assert (first.replaced_by, first.ended_by, first.ended_at) == (
        second, owner.label, second.created_at,
    )  # fmt: skip
    assert (second.kind, second.name, second.ended_at) == ("other", "b.jpg", None)
    gone = attachments.remove(second, by=owner)
    assert (gone.replaced_by, gone.ended_by) == (None, owner.label)
    assert Dossier.load(draft).attachments == []
    assert bytes_in(files_folder) == {filing.PDF, filing.JPEG}
    events = apps.get_model("applications", "AttachmentEvent").objects.order_by("pgh_id")
    assert list(events.values_list("pgh_label", "name", "ended_by")) == [
        ("insert", "report.pdf", ""),
        ("insert", "b.jpg", ""),
        ("update", "report.pdf", owner.label),
        ("update", "b.jpg", owner.label),
    ]
    assert pghistory.models.Events.objects.tracks(gone).count() == 2


def test_a_file_that_has_ended_cannot_be_ended_again(draft, owner, contributor, files_folder):
    first = filing.add(draft, owner)
    attachments.remove(first, by=contributor)
    with pytest.raises(WrongState, match="Bo Li.* replaced or removed “report.pdf” already"):
        attachments.remove(first, by=owner)
    with pytest.raises(WrongState, match="already"):
        attachments.replace(first, file=filing.upload(filing.JPEG), name="b.jpg", by=owner)
    assert rows(draft) == [("report.pdf", contributor.label)]
    assert bytes_in(files_folder) == {filing.PDF}


def test_what_is_not_taken_leaves_nothing(draft, owner, files_folder):
    with pytest.raises(FileRefused, match="This is not a PDF"):
        filing.add(draft, owner, filing.EXE, "plan.pdf")
    with pytest.raises(FileRefused, match="empty"):
        filing.add(draft, owner, b"")
    with pytest.raises(DomainError, match="Say what the file is"):
        filing.add(draft, owner, kind="payroll")
    assert rows(draft) == []
    assert bytes_in(files_folder) == set()


def test_the_name_gets_the_extension_of_the_content(draft, owner):
    assert filing.add(draft, owner, filing.png(), "photo.pdf").name == "photo.pdf.png"
    assert filing.add(draft, owner, filing.office("docx"), "plan").name == "plan.docx"


@pytest.mark.parametrize(
    ("size", "taken"), [(FILE_BYTES, True), (FILE_BYTES + 1, False), (FILE_BYTES + MB, False)]
)
def test_twenty_megabytes_are_the_limit_of_a_file(draft, owner, files_folder, size, taken):
    act = {"kind": "other", "file": filing.sized(size), "name": "large.pdf", "by": owner}
    if taken:
        assert attachments.add(draft, **act).size == size
        return
    shown = "20.1 MB" if size == FILE_BYTES + 1 else "21 MB"
    with pytest.raises(FileRefused, match=f"This file has {shown}; the limit is 20 MB"):
        attachments.add(draft, **act)
    assert bytes_in(files_folder) == set()


def test_a_hundred_megabytes_are_the_limit_of_the_files_in_force(draft, owner, files_folder):
    old = earlier(draft, TOTAL_BYTES - len(filing.PDF))[0]
    new = filing.add(draft, owner)
    with pytest.raises(DomainError, match="have 100 MB and this one 1 KB; together .* 100 MB"):
        filing.add(draft, owner)
    attachments.replace(new, file=filing.upload(), name="again.pdf", by=owner)
    attachments.remove(old, by=owner)
    filing.add(draft, owner)
    assert len(Dossier.load(draft).attachments) == 2
    assert len([p for p in files_folder.rglob("*") if p.is_file()]) == 3


def test_the_number_of_files_in_force_has_a_limit(draft, owner):
    few = earlier(draft, 10, MOST_FILES)
    with pytest.raises(DomainError, match="can have 40 files"):
        filing.add(draft, owner)
    assert attachments.replace(few[0], file=filing.upload(), name="b.pdf", by=owner).pk


def test_the_number_of_files_ever_has_a_limit(draft, owner):
    earlier(draft, 10, MOST_EVER)
    Attachment.objects.filter(application=draft).update(ended_at=timezone.now())
    with pytest.raises(DomainError, match="200 files were added"):
        filing.add(draft, owner)


@pytest.mark.parametrize("act", ["add", "replace", "remove"])
def test_after_closing_nothing_changes(draft, owner, files_folder, act):
    row = filing.add(draft, owner)
    acts = {
        "add": lambda: filing.add(draft, owner, filing.JPEG),
        "replace": lambda: attachments.replace(
            row, file=filing.upload(filing.JPEG), name="b", by=owner
        ),
        "remove": lambda: attachments.remove(row, by=owner),
    }
    with (
        time_machine.travel(draft.cycle.closes_at + timedelta(seconds=1), tick=False),
        pytest.raises(WrongState, match="closed on"),
    ):
        acts[act]()
    assert rows(draft) == [("report.pdf", "")]
    assert bytes_in(files_folder) == {filing.PDF}


def test_a_submitted_application_takes_no_file_even_when_it_was_a_draft_before(
    ready, owner, files_folder
):
    submission.submit(ready, signed_name="A", signed_title="B", by=owner)
    assert ready.status == Status.DRAFT
    with pytest.raises(WrongState):
        filing.add(ready, owner)
    assert bytes_in(files_folder) == set()


@pytest.mark.parametrize(("section", "open_again"), [("documents", True), ("sites", False)])
def test_a_return_opens_the_documents_when_it_names_them(ready, owner, section, open_again):
    submission.submit(ready, signed_name="A", signed_title="B", by=owner)
    step = ApplicationTransition.objects.create(
        application=ready,
        name="return",
        to_status=Status.RETURNED,
        actor="x",
        created_at=timezone.now(),
    )
    CorrectionNote.objects.create(transition=step, section=section, text="Add the letter.")
    Application.objects.filter(pk=ready.pk).update(status=Status.RETURNED)
    ready.refresh_from_db()
    if open_again:
        assert filing.add(ready, owner).pk
    else:
        with pytest.raises(WrongState, match="Only the sections with a note"):
            filing.add(ready, owner)


def test_what_is_signed_holds_the_files_in_force(ready, owner):
    gone = filing.add(ready, owner, filing.JPEG, "gone.jpg")
    kept = filing.add(ready, owner, name="kept.pdf", kind="phmcat_report")
    attachments.remove(gone, by=owner)
    before = Dossier.load(ready).digest
    assert Dossier.load(ready).content["attachments"] == [
        {
            "id": kept.pk,
            "kind": "phmcat_report",
            "name": "kept.pdf",
            "size": len(filing.PDF),
            "sha256": hashlib.sha256(filing.PDF).hexdigest(),
        }
    ]
    filing.add(ready, owner)
    assert Dossier.load(ready).digest != before


@pytest.mark.parametrize("scan", [Scan.PENDING, Scan.INFECTED])
def test_nobody_signs_a_file_that_was_not_checked_or_has_a_virus(ready, owner, scan):
    row = filing.add(ready, owner)
    Attachment.objects.filter(pk=row.pk).update(scan=scan)
    with pytest.raises(submission.Incomplete) as caught:
        submission.submit(ready, signed_name="A", signed_title="B", by=owner)
    assert [item.anchor for item in caught.value.missing] == ["block-documents"]
    attachments.remove(row, by=owner)
    assert submission.submit(ready, signed_name="A", signed_title="B", by=owner).number == 1


def test_a_verdict_is_given_once(draft, owner, clamd):
    row = filing.add(draft, owner)
    assert row.scan == Scan.PENDING
    assert attachments.scanned(row, verdict=Scan.INFECTED) is True
    assert attachments.scanned(row, verdict=Scan.CLEAN) is False
    row.refresh_from_db()
    assert row.scan == Scan.INFECTED


def test_a_failure_after_the_bytes_were_stored_takes_them_out(draft, owner, files_folder):
    Attachment.objects.filter(application=draft).delete()
    earlier(draft, TOTAL_BYTES)
    with pytest.raises(DomainError):
        filing.add(draft, owner)
    assert bytes_in(files_folder) == set()


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_do_not_pass_the_total_together(draft, owner, files_folder, race):
    earlier(draft, TOTAL_BYTES - len(filing.PDF) - 10)
    found = race(lambda number: filing.add(draft, owner, name=f"{number}.pdf"), 4)
    added = [one for one in found if isinstance(one, Attachment)]
    refused = [one for one in found if isinstance(one, DomainError)]
    assert (len(added), len(refused)) == (1, 3)
    assert [p.read_bytes() for p in files_folder.rglob("*") if p.is_file()] == [filing.PDF]


@pytest.mark.django_db(transaction=True)
def test_two_people_replacing_one_file_leave_one_newer_file(draft, owner, contributor, race):
    row = filing.add(draft, owner)
    hats = [owner, contributor]
    found = race(
        lambda n: attachments.replace(row, file=filing.upload(), name=f"{n}.pdf", by=hats[n]), 2
    )
    assert sorted(type(one).__name__ for one in found) == ["Attachment", "WrongState"]
    assert len(Dossier.load(draft).attachments) == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_added_while_the_owner_signs_is_signed_or_refused(ready, owner, race):
    def act(number):
        if number:
            return filing.add(ready, owner)
        return submission.submit(ready, signed_name="A", signed_title="B", by=owner)

    signed, added = race(act, 2)
    is_in = isinstance(added, Attachment)
    assert is_in or isinstance(added, WrongState)
    assert ('"attachments":[]' in signed.content) is not is_in
