"""The one way to download a document: who gets what, and when nobody does."""

import pytest
import rules
from django.urls import reverse

from accounts.enums import Role
from applications.domain import attachments, submission
from applications.enums import Scan, Status
from applications.models import Application, Attachment
from scoring.domain import assignments
from tests.applications import filing
from tests.applications.views.document_pages import fetched, link, page, post
from tests.scoring.conflicting import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


@pytest.fixture
def filed(ready, owner):
    """One signed file, one that was removed before signing, one that came after."""
    removed = filing.add(ready, owner, filing.JPEG, "removed.jpg")
    signed = filing.add(ready, owner, filing.PDF, "signed.pdf")
    attachments.remove(removed, by=owner)
    submission.submit(ready, signed_name="A", signed_title="B", by=owner)
    Application.objects.filter(pk=ready.pk).update(status=Status.RETURNED)
    ready.refresh_from_db()
    late = attachments.replace(signed, file=filing.upload(filing.png()), name="late.png", by=owner)
    return {"removed": removed, "signed": signed, "late": late}


WHO = {
    "owner": (Role.PRACTICE_OWNER, "own", {"removed", "signed", "late"}),
    "contributor": (Role.PRACTICE_CONTRIBUTOR, "own", {"removed", "signed", "late"}),
    "other practice": (Role.PRACTICE_OWNER, "", set()),
    "lead": (Role.MCP_LEAD, "plan", {"signed"}),
    "lead of another plan": (Role.MCP_LEAD, "", set()),
    "reviewer without assignment": (Role.MCP_REVIEWER, "plan", set()),
    "assigned reviewer": (Role.MCP_REVIEWER, "assigned", {"signed"}),
    "analyst": (Role.DHCS_ANALYST, "", {"signed"}),
    "approver": (Role.DHCS_APPROVER, "", {"signed"}),
    "administrator": (Role.DHCS_ADMINISTRATOR, "", {"signed"}),
    "auditor": (Role.AUDITOR, "", {"signed"}),
    "milestone reviewer": (Role.MILESTONE_REVIEWER, "", set()),
}


@pytest.mark.parametrize(("role", "where", "seen"), WHO.values(), ids=list(WHO))
def test_who_downloads_what(as_hat, hat_of, filed, ready, role, where, seen):
    organisation = {"own": ready.practice, "plan": ready.designated_mcp}.get(
        "plan" if where == "assigned" else where
    )
    hat = hat_of(role, organisation)
    if where == "assigned":
        Application.objects.filter(pk=ready.pk).update(status=Status.SUBMITTED)
        ready.refresh_from_db()
        lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
        assignments.assign(ready, reviewer=hat, by=lead)
        declare(ready, hat)
    files = Attachment.objects.in_bulk([file.pk for file in filed.values()])
    by_rule = {
        name
        for name, file in filed.items()
        if rules.has_perm("applications.view_file", hat, files[file.pk])
    }
    assert by_rule == seen
    client = as_hat(hat)
    data = {"removed": filing.JPEG, "signed": filing.PDF, "late": filing.png()}
    for name, file in filed.items():
        expected = (200, data[name]) if name in seen else (404, b"")
        assert fetched(client, file) == expected, name


def test_a_draft_file_is_for_its_practice_only(as_hat, hat_of, ready, owner):
    file = filing.add(ready, owner)
    for role, organisation in (
        (Role.MCP_LEAD, ready.designated_mcp),
        (Role.MCP_REVIEWER, ready.designated_mcp),
        (Role.DHCS_ANALYST, None),
        (Role.AUDITOR, None),
        (Role.PRACTICE_OWNER, None),
    ):
        assert fetched(as_hat(hat_of(role, organisation)), file) == (404, b""), role


@pytest.mark.parametrize("role", Role.values)
def test_only_the_practice_changes_its_files(as_hat, hat_of, filed, ready, role):
    organisation = ready.designated_mcp if role in Role.of_mcp else None
    client, file = as_hat(hat_of(role, organisation)), filed["signed"]
    for name in ("replace_file", "remove_file"):
        url = reverse(f"applications:{name}", args=[file.pk])
        data = {"file": filing.upload()}
        assert client.post(url, data).status_code in (403, 404), name
    assert post(client, ready, filing.upload()).status_code in (403, 404)
    assert Attachment.objects.count() == 3


def test_who_is_not_signed_in_downloads_nothing(client, filed):
    response = client.get(link(filed["signed"]))
    assert (response.status_code, response.url.startswith(reverse("account_login"))) == (302, True)


@pytest.mark.parametrize(
    ("scan", "title"),
    [(Scan.PENDING, "It waits for the virus check"), (Scan.INFECTED, "It contains a virus")],
)
def test_what_is_not_checked_or_infected_is_for_nobody(as_hat, owner, draft, scan, title):
    row = filing.add(draft, owner)
    Attachment.objects.filter(pk=row.pk).update(scan=scan)
    client = as_hat(owner)
    text = page(client)
    assert link(row) not in text
    assert str(scan.label) in text
    response = client.get(link(row))
    assert (response.status_code, title in response.content.decode()) == (409, True)


def test_a_file_whose_bytes_are_gone_is_told(as_hat, owner, draft, files_folder):
    row = filing.add(draft, owner)
    (files_folder / row.storage_name).unlink()
    response = as_hat(owner).get(link(row))
    assert response.status_code == 410
    assert "It is not where it was stored" in response.content.decode()
