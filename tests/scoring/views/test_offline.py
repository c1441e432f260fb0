"""The pages of offline scoring: download, choose the file, look, store."""

import io
import zipfile
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.enums import Role
from applications.filetypes import XLSX
from scoring.domain import assignments
from scoring.models import CriterionScore
from tests.scoring.building import a_lead, a_reviewer, in_review, store, submitted
from tests.scoring.conflicting import declare
from tests.scoring.offline.filling import bytes_of, form_of, type_in

pytestmark = pytest.mark.django_db
PAGE, FORM, CHECK = "scoring:offline", "scoring:offline_form", "scoring:offline_preview"


@pytest.fixture
def review():
    review = in_review()
    declare(review.application, review.reviewer)
    return review


@pytest.fixture
def sheet(review):
    return review.sheet


@pytest.fixture
def web(as_hat, review):
    return as_hat(review.reviewer)


def upload(web, data, name="scores.xlsx"):
    return web.post(reverse(PAGE), {"file": SimpleUploadedFile(name, data)})


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def stored(sheet):
    return dict(CriterionScore.objects.filter(sheet=sheet).values_list("code", "points"))


@pytest.mark.parametrize("query", ["?all=1", "?sheet={pk}"])
def test_the_form_is_a_workbook_to_keep(web, review, query):
    response = web.get(reverse(FORM) + query.format(pk=review.sheet.pk))
    assert (response.status_code, response["Content-Type"]) == (200, XLSX.media)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith(
        f'attachment; filename="{review.application.reference}-'
    )
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["How to", review.application.reference]


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("?sheet=999999999", 409, "Nothing that you chose can be scored now."),
        ("?sheet=" + "9" * 17, 409, "Nothing that you chose can be scored now."),
    ],
)
def test_a_form_of_nothing_is_refused(web, query, status, sentence):
    assert sentence in text_of(web.get(reverse(FORM) + query), status)


@pytest.mark.parametrize("query", ["", "?sheet=x&sheet=²"])
def test_a_form_of_nothing_leads_back_to_the_list(web, query):
    response = web.get(reverse(FORM) + query, follow=True)
    assert response.redirect_chain == [(reverse(PAGE), 302)]
    assert "Choose at least one application." in text_of(response)


def test_file_is_looked_at_then_stored_once(web, sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=4, comments="</td><b>=1+1")
    response = upload(web, bytes_of(book))
    assert (response.status_code, response.url) == (302, reverse(CHECK))
    raw = web.get(reverse(CHECK)).content.decode()
    assert "nothing is stored yet" in raw
    assert "&lt;/td&gt;&lt;b&gt;=1+1" in raw
    assert stored(sheet) == {}
    done = web.post(reverse(CHECK), {"take": [sheet.pk]}, follow=True)
    assert done.redirect_chain == [(reverse("scoring:mine"), 302)]
    assert "2 values of 1 application stored." in text_of(done)
    assert stored(sheet) == {"1.1": 4}
    assert web.get(reverse(CHECK)).url == reverse(PAGE)
    again = web.post(reverse(CHECK), {"take": [sheet.pk]})
    assert (again.status_code, again.url) == (302, reverse(PAGE))


def test_tabs_without_changes_are_one_line_after_those_with_changes(web, review, sheet):
    application = submitted(review.lead, cycle=review.application.cycle)
    same = assignments.assign(application, reviewer=review.reviewer, by=review.lead).sheet
    declare(application, review.reviewer)
    book = form_of(same, sheet)
    type_in(book, sheet, "1.1", points=4)
    upload(web, bytes_of(book))
    page = text_of(web.get(reverse(CHECK)))
    names = [one.assignment.application.practice.name for one in (sheet, same)]
    assert page.count('class="offline-tab"') == 1
    assert f"1 tab has nothing new: <bdi>{names[1]}</bdi>" in page
    assert page.index(names[0]) < page.index("1 tab has nothing new:")


def test_a_tab_that_is_not_ticked_stays_out(web, sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=4)
    upload(web, bytes_of(book))
    assert web.post(reverse(CHECK), {}).status_code == 302
    assert stored(sheet) == {}


@pytest.mark.parametrize(("choice", "points"), [("online", 3), ("mine:1", 1), ("mine:7", 3)])
def test_both_versions_are_shown_and_the_choice_decides(web, sheet, choice, points):
    book = form_of(sheet)
    store(sheet, {"1.1": 3})
    type_in(book, sheet, "1.1", points=1)
    upload(web, bytes_of(book))
    page = text_of(web.get(reverse(CHECK)))
    assert "1.1 points: changed online by" in page
    assert 'value="mine:1"' in page
    name = f"choice:{sheet.pk}:points:1.1"
    response = web.post(reverse(CHECK), {"take": [sheet.pk], name: choice})
    assert response.status_code == (409 if choice == "mine:7" else 302)
    assert stored(sheet) == {"1.1": points}


def test_faults_and_refusals_are_named_with_their_cell(web, sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=5.5)
    other = book.create_sheet("Mine")
    other["A1"] = "x"
    upload(web, bytes_of(book))
    page = text_of(web.get(reverse(CHECK)))
    assert "Cell D6:" in page
    assert "“5.5” is no number of points." in page
    assert "This tab is no form of the portal any more" in page
    assert "There is nothing new to store in this file." in page


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def with_part(data, name, text):
    """Return the workbook with one part more, or changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def plain_book():
    book = Workbook()
    book.active["A1"] = "x"
    return bytes_of(book)


def merged(sheet):
    book = form_of(sheet)
    book.worksheets[1].merge_cells("E6:E7")
    return bytes_of(book)


def without_a_column(sheet):
    book = form_of(sheet)
    book.worksheets[1].delete_cols(3)
    return bytes_of(book)


def macro(sheet):
    return with_part(bytes_of(form_of(sheet)), "xl/vbaProject.bin", b"x")


def linked(sheet):
    return with_part(bytes_of(form_of(sheet)), "xl/externalLinks/externalLink1.xml", b"<x/>")


def bomb(sheet):
    return with_part(bytes_of(form_of(sheet)), "xl/media/a.xml", b"0" * 30_000_000)


def entities(sheet):
    lol = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    return with_part(bytes_of(form_of(sheet)), "xl/theme/theme9.xml", lol)


def broken(sheet):
    return with_part(bytes_of(form_of(sheet)), "xl/worksheets/sheet2.xml", b"<worksheet><row")


def deep(sheet):
    xml = b"<a>" * 100_000 + b"</a>" * 100_000
    return with_part(bytes_of(form_of(sheet)), "xl/workbook.xml", xml)


HOSTILE = {
    "empty": (lambda sheet: b"", "The file is empty."),
    "no zip": (lambda sheet: b"x" * 1000, "is not a PDF, Word"),
    "pdf": (lambda sheet: b"%PDF-1.7\n%%EOF", "This is no Excel workbook (xlsx)."),
    "other zip": (lambda sheet: zipped(a__b="c"), "is not a PDF, Word"),
    "too large": (lambda sheet: b"P" * 6_000_000, "The file is larger than 5 MB."),
    "macros": (macro, "This file has macros"),
    "links": (linked, "links to other files"),
    "bomb": (bomb, "unpacks to far more than a form does"),
    "entities": (entities, "This workbook is damaged."),
    "broken": (broken, "This workbook is damaged."),
    "deep": (deep, "No tab of this workbook is a form"),
    "merged": (merged, "Cells of this workbook are merged."),
    "column": (without_a_column, "No tab of this workbook is a form of the portal."),
    "other workbook": (lambda sheet: plain_book(), "No tab of this workbook is a form"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_sentence_and_is_not_kept(web, sheet, name):
    make, sentence = HOSTILE[name]
    page = text_of(upload(web, make(sheet)), 422)
    assert sentence in page
    assert web.get(reverse(CHECK)).url == reverse(PAGE)


def test_a_kept_file_is_of_one_hat_only(as_hat, web, review):
    upload(web, bytes_of(form_of(review.sheet)))
    other = as_hat(a_reviewer(review.lead))
    session = other.session
    session["score_form"] = web.session["score_form"]
    session.save()
    assert other.get(reverse(CHECK)).url == reverse(PAGE)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_sheet_and_three(as_hat, rows, django_assert_num_queries):
    lead = a_lead()
    reviewer, cycle = a_reviewer(lead), None
    for _ in range(rows):
        application = submitted(lead, **({"cycle": cycle} if cycle else {}))
        cycle = application.cycle
        assignments.assign(application, reviewer=reviewer, by=lead)
        declare(application, reviewer)
    web = as_hat(reviewer)
    web.get(reverse(PAGE))
    with django_assert_num_queries(6):
        page = text_of(web.get(reverse(PAGE)))
    assert page.count('name="sheet"') == rows


@pytest.mark.parametrize("role", [Role.DHCS_ANALYST, Role.PRACTICE_OWNER, Role.AUDITOR])
@pytest.mark.parametrize("name", [PAGE, FORM, CHECK])
def test_only_people_of_a_plan_score_offline(as_hat, hat_of, role, name):
    assert as_hat(hat_of(role)).get(reverse(name)).status_code == 403
