"""Adding a file with a real browser: with scripts it says so before sending, without them it works too."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from applications.documents import FILE_BYTES
from applications.models import Attachment
from tests.applications import filing
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.browser
REPORT = {"name": "PhmCAT report 2026.pdf", "mimeType": "application/pdf", "buffer": filing.PDF}


@pytest.fixture
def owner(transactional_db, colleague, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    draft = ApplicationFactory(cycle=CycleFactory(title="EPT Cohort 1"))
    return colleague(Role.PRACTICE_OWNER, "Ana Ruiz", draft.practice)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_added_replaced_and_removed(come_in, owner, scripts):
    visitor = come_in(owner, java_script_enabled=scripts)
    page = visitor.go("/documents/")
    page.locator("label", has_text="PhmCAT results report").click()
    page.get_by_label("File", exact=True).set_input_files(REPORT)
    page.get_by_role("button", name="Add file").click()
    expect(page.get_by_role("link", name=REPORT["name"], exact=True)).to_be_visible()
    if scripts:
        visitor.look("Documents")
    with page.expect_download() as got:
        page.get_by_role("link", name=REPORT["name"], exact=True).click()
    assert got.value.suggested_filename == REPORT["name"]
    page.get_by_role("link", name="Replace").click()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "plan.png", "mimeType": "image/png", "buffer": filing.png()}
    )
    page.get_by_role("button", name="Replace file").click()
    expect(page.get_by_role("heading", name="Earlier files")).to_be_visible()
    page.get_by_role("link", name="Remove plan.png").click()
    if scripts:
        visitor.look("Remove a file")
    page.get_by_role("button", name="Remove file").click()
    expect(page.get_by_text("“plan.png” is removed.")).to_be_visible()
    assert list(Attachment.objects.values_list("name", "ended_by").order_by("pk")) == [
        (REPORT["name"], owner.label),
        ("plan.png", owner.label),
    ]


def test_a_file_over_the_limit_is_not_sent(come_in, owner, tmp_path):
    large = tmp_path / "large.pdf"
    large.write_bytes(filing.PDF + b" " * FILE_BYTES)
    page = come_in(owner).go("/documents/")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("label", has_text="Other document").click()
    page.get_by_label("File", exact=True).set_input_files(large)
    expect(page.get_by_text("This file is larger than 20 MB.")).to_be_visible()
    page.get_by_role("button", name="Add file").click()
    expect(page.get_by_label("File", exact=True)).to_be_focused()
    assert "POST" not in sent
    page.get_by_label("File", exact=True).set_input_files(REPORT)
    expect(page.get_by_text("This file is larger than 20 MB.")).to_be_hidden()
    page.get_by_role("button", name="Add file").click()
    expect(page.get_by_role("link", name=REPORT["name"], exact=True)).to_be_visible()
