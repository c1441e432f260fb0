"""Scoring without a connection, exports and packets, as people meet them in a browser."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from accounts.enums import Role
from scoring.models import CriterionScore
from tests.scoring.building import give, hand_in, in_review, store, submitted
from tests.scoring.conflicting import declare
from tests.scoring.offline.filling import bytes_of, type_in

pytestmark = pytest.mark.browser


@pytest.fixture
def review(colleague):
    lead = colleague(Role.MCP_LEAD, "Lea Lead")
    review = in_review(lead)
    reviewer = review.reviewer
    declare(review.application, reviewer)
    return review


def test_a_reviewer_takes_a_form_along_and_brings_it_back(come_in, colleague, review, tmp_path):
    reviewer = colleague(Role.MCP_REVIEWER, "Rosa Reviewer", review.lead.organisation)
    application = submitted(review.lead, cycle=review.application.cycle)
    sheet = assign(application, reviewer, review.lead)
    store(sheet, {"1.1": 4}, {"1.1": "Clear steps, named people."})
    visitor = come_in(reviewer)
    visitor.go("/reviews/offline/")
    visitor.look("Score offline")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Download the form (xlsx)").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    store(sheet, {"1.1": 3})
    type_in(book, sheet, "1.1", points=2)
    type_in(book, sheet, "1.2", points=5, comments="Every month, with the panel in hand.")
    type_in(book, sheet, "1.3", points=5.5)
    path = tmp_path / "back.xlsx"
    path.write_bytes(bytes_of(book))
    visitor.page.get_by_label("Your filled-in form (xlsx)").set_input_files(path)
    visitor.page.get_by_role("button", name="Check this file").click()
    visitor.look("Check your form")
    visitor.page.get_by_text("Take mine from cell").click()
    visitor.page.get_by_role("button", name="Store these changes").click()
    expect(visitor.page.get_by_text("3 values of 1 application stored.")).to_be_visible()
    stored = dict(CriterionScore.objects.filter(sheet=sheet).values_list("code", "points"))
    assert stored == {"1.1": 2, "1.2": 5}


def assign(application, reviewer, lead):
    sheet = give(application, lead)
    sheet.assignment.reviewer = reviewer
    sheet.assignment.save()
    declare(application, reviewer)
    return sheet


def test_a_lead_exports_scores_and_prints_packets(come_in, review):
    hand_in(review.sheet, 61)
    visitor = come_in(review.lead)
    visitor.go("/plan/exports/")
    visitor.look("Export scores")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Export 18 rows").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbfapplication,practice")
    visitor.go("/plan/packets/")
    visitor.look("Print packets")
    visitor.page.get_by_text(review.application.practice.name).click()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Make the PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    visitor.go(f"/plan/{review.application.pk}/packet/")
    visitor.look("Print a packet")
