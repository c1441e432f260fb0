"""A TIN goes in by every door; its nine digits are nowhere in the clear afterwards."""

import json
import logging
import re
import zlib

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from accounts.enums import Role
from applications.identifiers import decrypt
from applications.models import Application, Practice
from programs.models import PlanCounty
from tests.applications import filing
from tests.applications.importing.building import file_of, row_for
from tests.factories.applications import npi
from tests.signing import ATTESTED
from tests.signing import seen as as_read
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db
DIGITS = "941357246"
TYPED = "94-1357246"
OTHER = "941357247"
LAST = "7246"
SIGNED = {**ATTESTED, "signed_name": "Ana Ruiz", "signed_title": "Owner"}


def clear(text: str) -> list[str]:
    """Return every place where either TIN is in `text`, with or without anything between the digits."""
    found = []
    for digits in (DIGITS, OTHER):
        pattern = r"[-\s.•]?".join(digits)
        found += [text[max(0, m.start() - 60) : m.end() + 20] for m in re.finditer(pattern, text)]
    return found


def dump() -> dict[str, str]:
    """Return every column of every table as text, those of events, sessions and emails included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            rows[table] = cursor.fetchone()[0]
    return rows


def sessions_in_words() -> str:
    """Return what every session holds, decoded."""
    return json.dumps([session.get_decoded() for session in Session.objects.all()], default=str)


def pdf_text(data: bytes) -> str:
    """Return a PDF with its compressed parts unpacked, as Latin-1 text."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    unpacked = []
    for part in parts:
        try:
            unpacked.append(zlib.decompress(part))
        except zlib.error:
            unpacked.append(part)
    return (data + b"\n".join(unpacked)).decode("latin-1")


@pytest.fixture
def lines(caplog):
    """Everything that is logged, of every logger."""
    caplog.set_level(logging.DEBUG)
    return caplog


def but_what_was_typed(page: str) -> str:
    """Return a page without the value of the TIN's own control: a refused one stays to be mended."""
    return re.sub(
        r'(<input[^>]*name="tin"[^>]*value=")[^"]*|value="[^"]*"(?=[^>]*name="tin")', r"\1", page
    )


def save_tin(web, tin, version, **headers):
    data = {"tin": tin, "version:tin": str(version)}
    if headers:
        data["autosave"] = "tin"
    else:
        data |= {"name": "Practice", "version:name": "0"}
    return web.post(reverse("applications:profile"), data, headers=headers)


def test_the_digits_are_nowhere_after_typing_signing_and_importing(
    as_hat, hat_of, owner, contributor, ready, files_folder, lines, capfd, rf
):
    owners, colleague = as_hat(owner), as_hat(contributor)
    confirm_identity(owners, owner.user)
    seen = []

    def read(web, address, **kwargs):
        response = web.get(address, **kwargs)
        assert response.status_code == 200, address
        body = b"".join(response.streaming_content) if response.streaming else response.content
        seen.append((address, pdf_text(body) if body.startswith(b"%PDF") else body.decode()))
        return seen[-1][1]

    for answer in (
        save_tin(owners, TYPED, 0, **{"X-Autosave": "1"}),
        save_tin(colleague, OTHER, 0, **{"X-Autosave": "1"}),
        save_tin(colleague, OTHER, 0),
        save_tin(owners, OTHER[:-1] + "x", 1),
        save_tin(owners, OTHER, 1, **{"X-Autosave": "1"}),
        save_tin(owners, TYPED, 2),
    ):
        page = answer.content.decode()
        refused = answer.status_code == 409 and page.startswith("<!doctype")
        seen.append((f"save {answer.status_code}", but_what_was_typed(page) if refused else page))
    assert [status for status, _text in seen] == [
        "save 200", "save 409", "save 409", "save 422", "save 200", "save 302",
    ]  # fmt: skip
    assert decrypt(Practice.objects.get(pk=ready.practice_id).tin_encrypted) == DIGITS
    filing.add(ready, owner)
    for name in ("home", "practice", "profile", "documents"):
        read(owners, reverse(f"applications:{name}"))
    for name in ("review", "history", "application_pdf", "draft_json"):
        read(owners, reverse(f"applications:{name}", args=[ready.pk]))
    assert f"•••{LAST}" in dict(seen)[reverse("applications:draft_json", args=[ready.pk])]
    signed = owners.post(reverse("applications:submit", args=[ready.pk]), SIGNED | as_read(ready))
    assert signed.status_code == 302
    for name in ("receipt", "receipt_pdf", "application_pdf", "history"):
        read(owners, reverse(f"applications:{name}", args=[ready.pk]))
    lead = as_hat(hat_of(Role.MCP_LEAD, ready.designated_mcp))
    for name in ("scoring:application", "applications:history", "applications:application_pdf"):
        read(lead, reverse(name, args=[ready.pk]))
    staff = as_hat(hat_of(Role.DHCS_ADMINISTRATOR))
    read(staff, reverse("selection:application", args=[ready.pk]))
    for text in (DIGITS, TYPED):
        for name, parameter in (("selection:queue", "q"), ("applications:late_access", "q")):
            page = staff.get(reverse(name), {parameter: text}).content.decode()
            assert ready.reference not in page
    PlanCounty.objects.get_or_create(plan=ready.designated_mcp, county="Fresno")
    import_one(lead, ready, seen)
    found = {where: clear(text) for where, text in seen}
    assert {where: places for where, places in found.items() if places} == {}
    stored = {table: clear(text) for table, text in dump().items()}
    assert {table: places for table, places in stored.items() if places} == {}
    assert clear(sessions_in_words()) == []
    assert clear(lines.text) == []
    written = capfd.readouterr()
    assert clear(written.out + written.err) == []


def test_a_stored_tin_is_shown_masked_beside_what_else_is_wrong(as_hat, owner, ready):
    data = {"name": "Practice", "tin": TYPED, "npi": "12"}
    data |= {f"version:{name}": "0" for name in data}
    response = as_hat(owner).post(reverse("applications:profile"), data)
    assert response.status_code == 422
    assert decrypt(Practice.objects.get(pk=ready.practice_id).tin_encrypted) == DIGITS
    page = response.content.decode()
    assert clear(page) == []
    assert f"•••{LAST}" in page


def import_one(lead, ready, seen):
    """Import a paper with the second TIN, and one that is refused; keep the pages."""
    plan = ready.designated_mcp
    rows = [
        row_for(ready.cycle, plan, 1, tin=OTHER, npi=npi(777_001)),
        row_for(ready.cycle, plan, 2, tin=DIGITS, npi=npi(777_002)),
        row_for(ready.cycle, plan, 3, tin=OTHER, npi="12"),
    ]
    upload = filing.upload(file_of(ready.cycle, rows), "paper.csv")
    assert lead.post(reverse("applications:import"), {"file": upload}).status_code == 302
    stored = {table: clear(text) for table, text in dump().items()}
    assert {table: places for table, places in stored.items() if places} == {}
    assert clear(sessions_in_words()) == []
    for name in ("import_preview", "import_problems"):
        page = lead.get(reverse(f"applications:{name}"))
        assert page.status_code == 200
        seen.append((name, page.content.decode()))
    done = lead.post(reverse("applications:import_preview"), {"partial": "1"})
    assert done.status_code == 302
    paper = Application.objects.get(imported__paper_id="P-1")
    assert decrypt(paper.practice.practice.tin_encrypted) == OTHER
    page = lead.get(reverse("scoring:application", args=[paper.pk]))
    seen.append(("paper", page.content.decode()))
