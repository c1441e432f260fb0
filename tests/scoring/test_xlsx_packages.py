"""The workbooks as packages: what Excel and LibreOffice check before they open one without a repair."""

import io
import re
import zipfile
from posixpath import dirname, join, normpath
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from scoring.domain import sheets
from tests.hostile import NASTY
from tests.scoring.building import codes_of, fill, in_review, store
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CELL = re.compile(r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")
KINDS = {"n", "s", "b", "str", "inlineStr"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def form_of(as_hat, review):
    declare(review.application, review.reviewer)
    address = reverse("scoring:offline_form") + f"?sheet={review.sheet.pk}"
    return body_of(as_hat(review.reviewer).get(address))


def export_of(as_hat, review):
    sheets.submit(review.sheet, by=review.reviewer)
    address = reverse("scoring:exports") + f"?cycle={review.application.cycle.slug}"
    return body_of(as_hat(review.lead).post(address, {"kind": "xlsx", "reviewers": "names"}))


def body_of(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture(params=[form_of, export_of], ids=["form", "export"])
def package(request, as_hat, settings, tmp_path):
    """Return a workbook of a review with hostile texts, as an open zip."""
    settings.MEDIA_ROOT = str(tmp_path)
    review = in_review()
    review.application.practice.name = 'A <b>&"[:*?/\\ name that is longer than a tab may be called'
    review.application.practice.save()
    texts = dict(zip(codes_of(review.sheet), NASTY, strict=False))
    fill(review.sheet)
    store(review.sheet, {}, {code: text for code, text in texts.items() if text.strip()})
    return zipfile.ZipFile(io.BytesIO(request.param(as_hat, review)))


def tree(package, name):
    return ElementTree.fromstring(package.read(name))


def tabs_of(package):
    names = [name for name in package.namelist() if name.startswith("xl/worksheets/")]
    return [tree(package, name) for name in sorted(names) if name.endswith(".xml")]


def test_every_part_is_whole_and_named(package):
    assert package.testzip() is None
    names = package.namelist()
    assert len(names) == len(set(names))
    for name in names:
        tree(package, name)
    types = tree(package, "[Content_Types].xml")
    named = {one.get("PartName", "").lstrip("/") for one in types}
    endings = {one.get("Extension") for one in types}
    parts = set(names) - {"[Content_Types].xml"}
    assert [
        one for one in parts if one not in named and one.rpartition(".")[2] not in endings
    ] == []
    assert named - {""} <= parts


def test_every_relation_leads_to_a_part(package):
    names = set(package.namelist())
    for name in names:
        if name.endswith(".rels"):
            base = dirname(dirname(name))
            for one in tree(package, name):
                target = one.get("Target")
                where = target.lstrip("/") if target.startswith("/") else join(base, target)
                assert one.get("TargetMode") == "External" or normpath(where) in names


def test_every_cell_has_a_kind_a_style_and_no_formula(package):
    styles = len(tree(package, "xl/styles.xml").find(f"{MAIN}cellXfs"))
    strings = []
    if "xl/sharedStrings.xml" in package.namelist():
        strings = list(tree(package, "xl/sharedStrings.xml"))
    for tab in tabs_of(package):
        seen = [cell.get("r") for cell in tab.iter(f"{MAIN}c")]
        assert len(seen) == len(set(seen))
        for cell in tab.iter(f"{MAIN}c"):
            kind = cell.get("t", "n")
            assert CELL.match(cell.get("r"))
            assert kind in KINDS
            assert int(cell.get("s", 0)) < styles
            assert cell.find(f"{MAIN}f") is None
            text = "".join(cell.itertext())
            assert len(text) <= 32_767
            assert not CONTROL.search(text)
            if kind == "s":
                assert int(cell.find(f"{MAIN}v").text) < len(strings)


def test_tabs_have_names_that_a_spreadsheet_takes(package):
    tabs = [one.get("name") for one in tree(package, "xl/workbook.xml").iter(f"{MAIN}sheet")]
    assert len({name.lower() for name in tabs}) == len(tabs) == len(tabs_of(package))
    assert [name for name in tabs if len(name) > 31 or re.search(r"[\[\]:*?/\\]", name)] == []
