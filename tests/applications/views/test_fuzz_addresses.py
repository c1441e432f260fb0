"""Garbage in addresses, parameters, headers, file names and files: a page or a sentence, never a 500."""

import io
import logging
import re
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, get_resolver, reverse
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.enums import Role
from applications.importing.columns import header
from applications.models import Application, Attachment
from programs.models import PlanCounty
from tests.applications import filing
from tests.applications.importing.building import counts, file_of, row_for
from tests.hostile import ALERT, DAYS, FEW, MIXED, NASTY, NUL, NUMBERS, OTHERS, TYPED, undone
from tests.meta.test_permissions import OURS
from tests.scoring.building import in_review

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet():
    """Hundreds of refusals are expected; each would be logged."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


PARAMETERS = (
    "after", "before", "change", "county", "cycle", "hpi", "key", "members", "next", "page",
    "phmcat", "phmcat_day", "plan", "population", "practice", "q", "signed", "sort", "specialties",
    "state", "status", "survey", "tribal",
)  # fmt: skip
GARBAGE = (MIXED + NUL, "9" * 19, "²-²")
CURSORS = (
    "0001-01-01T00:00:00+14:00~step~1",
    "9999-12-31T23:59:59-14:00~step~1",
    "2026-01-01T00:00:00+00:00~" + "a" * 2000 + "~1",
    "2026-01-01T00:00:00+00:00~step~" + "9" * 18,
    "2026-01-01T00:00:00+00:00~step~-1",
    "2026-01-01T00:00:00+23:59:59.999999~file~0",
    "2026-W01-1T00:00:00Z~answer~1",
    "2026-01-01~step~1",
    "\x00~\x00~\x00",
)
ENDS = (200, 302, 400, 403, 404, 405, 409, 410, 422)


@pytest.fixture
def people(as_hat, hat_of, owner, ready, client):
    """A browser of each side of one application, the administrator, and nobody."""
    review = in_review(cycle=ready.cycle)
    practice = review.application.practice
    return {
        "nobody": client,
        "drafting": (as_hat(owner), ready),
        "owner": (as_hat(hat_of(Role.PRACTICE_OWNER, practice)), review.application),
        "lead": (as_hat(review.lead), review.application),
        "reviewer": (as_hat(review.reviewer), review.application),
        "administrator": (as_hat(hat_of(Role.DHCS_ADMINISTRATOR)), review.application),
    } | {"nobody": (client, review.application)}


def pages(application):
    """Return the address of every page with no argument or with one application's id."""
    found = []
    for name, _view in OURS:
        if name.endswith((".pdf", "_pdf")):
            continue
        for args in ([], [application.pk]):
            try:
                found.append(reverse(name, args=args))
            except NoReverseMatch:
                continue
    return found


@pytest.mark.parametrize(
    "who", ["nobody", "drafting", "owner", "lead", "reviewer", "administrator"]
)
def test_no_parameter_breaks_a_page(people, who):
    web, application = people[who]
    addresses = pages(application)
    for number, address in enumerate(addresses):
        text = GARBAGE[number % len(GARBAGE)]
        response = web.get(address, {name: [text, text] for name in PARAMETERS})
        assert response.status_code in ENDS, (address, text[:20])
        if response.status_code == 200:
            assert ALERT.encode() not in response.content, address


def test_no_parameter_alone_breaks_a_list(people):
    lists = {
        "administrator": (
            "selection:queue",
            "applications:late_access",
            "selection:workbench_home",
        ),
        "lead": (
            "scoring:applications",
            "scoring:overview",
            "scoring:team",
            "applications:import",
            "scoring:mine",
        ),
        "owner": ("applications:messages", "applications:home", "applications:check"),
    }
    for who, names in lists.items():
        web, _application = people[who]
        for name in names:
            for parameter in ("after", "before", "cycle", "practice", "q", "status"):
                for text in (NUL, "9" * 19, "²"):
                    response = web.get(reverse(name), {parameter: text})
                    assert response.status_code in ENDS, (name, parameter, text)


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("who", ["owner", "lead", "administrator"])
def test_no_cursor_breaks_a_history(people, who, cursor):
    web, application = people[who]
    address = reverse("applications:history", args=[application.pk])
    assert web.get(address, {"before": cursor}).status_code == 200


def routes(resolver=None, prefix=""):
    """Yield the template of every address, such as "application/<int:pk>/review/"."""
    for pattern in (resolver or get_resolver()).url_patterns:
        text = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, text)
        else:
            yield text


@pytest.mark.parametrize("who", ["nobody", "owner", "administrator"])
def test_no_id_or_word_breaks_an_address(people, who):
    web, _application = people[who]
    shapes = [route for route in routes() if "<" in route and "(?P" not in route]
    assert len(shapes) > 25
    for number in ("9" * 19, "9" * 5000):
        for word in ("nothing", quote(NUL), quote(MIXED, safe="")):
            for shape in shapes:
                path = re.sub(r"<int:\w+>", number, shape)
                path = "/" + re.sub(r"<\w+:\w+>", word, path)
                assert web.get(path).status_code in (301, 302, 403, 404, 405), (shape, number, word)


HEADERS = {
    "accept-language": ["x" * 2000, "zh-hant;q=NaN", "es\x00", "¹"],
    "x-forwarded-for": ["not an address", "1.2.3.4, " * 50, "\u0661.2.3.4", "::ffff:999"],
    "cookie": ["sessionid=\x7f%00; csrftoken=x; messages=[[; django_language=\x01", "=;;=" * 50],
    "referer": ["http://[", "javascript:alert(1)", "x" * 5000],
    "x-autosave": ["\x7f"],
    "hx-request": ["\x7f"],
    "user-agent": ["\U0001f3e5"],
}


def test_no_header_breaks_a_request(people, client):
    web, _application = people["owner"]
    for name, values in HEADERS.items():
        for value in values:
            for browser in (web, client) if name != "cookie" else (client,):
                given = {"headers": {name: value}}
                assert browser.get(reverse("home"), **given).status_code in (200, 302), name
                check = browser.post(reverse("applications:check"), {}, **given)
                assert check.status_code in (400, 422), (name, value)
    assert (
        web.post(reverse("applications:start"), headers={"x-forwarded-for": "?"}).status_code == 302
    )


@FEW
@given(name=TYPED)
@example(name=MIXED)
@example(name=OTHERS)
@example(name="x" * 300 + ".pdf")
@example(name="../../etc/passwd.pdf")
@example(name='a"; filename="b.exe.pdf')
def test_a_file_of_any_name_is_kept_listed_and_sent(as_hat, owner, draft, files_folder, name):
    web = as_hat(owner)
    upload = filing.upload(filing.PDF, "x.pdf")
    upload._name = name
    address = reverse("applications:application_documents", args=[draft.pk])
    with undone():
        response = web.post(address, {"kind": "other", "file": upload})
        if response.status_code == 422:
            assert "error-summary__list" in response.content.decode()
            return
        assert response.status_code == 302
        row = Attachment.objects.latest("pk")
        assert row.name
        assert not set(row.name) & set("/\\\r\n\x00\u202e")
        page = web.get(address).content.decode()
        assert ALERT not in page
        sent = web.get(reverse("applications:file", args=[row.pk]))
        assert b"".join(sent.streaming_content) == filing.PDF
        assert sent["Content-Disposition"].startswith("attachment")
        assert [c for c in sent["Content-Disposition"] if ord(c) < 32] == []


@FEW
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([filing.PDF, b"PK\x03\x04", b"\x89PNG", b""]),
)
@example(content=b"", start=b"")
@example(content=filing.HTML, start=b"")
@example(content=filing.EXE, start=b"PK\x03\x04")
def test_a_file_of_any_content_is_taken_or_refused_in_words(
    as_hat, owner, draft, files_folder, content, start
):
    web = as_hat(owner)
    address = reverse("applications:application_documents", args=[draft.pk])
    with undone():
        sent = {"kind": "other", "file": filing.upload(start + content, "report.pdf")}
        response = web.post(address, sent)
        assert response.status_code in (302, 422)
        if response.status_code == 422:
            assert 'href="#id_file"' in response.content.decode()
            assert not Attachment.objects.exists()


@pytest.fixture
def plan(ready, hat_of):
    PlanCounty.objects.get_or_create(plan=ready.designated_mcp, county="Fresno")
    return hat_of(Role.MCP_LEAD, ready.designated_mcp, user__email="lee@plan.example")


def import_pages(web, data):
    """Upload, look, fetch the problems, confirm; return the statuses."""
    upload = filing.upload(data, MIXED + ".csv")
    found = [web.post(reverse("applications:import"), {"file": upload})]
    preview = reverse("applications:import_preview")
    found += [web.get(preview), web.get(reverse("applications:import_problems"))]
    found += [web.post(preview), web.post(preview, {"partial": "1"})]
    assert all(response.status_code in (200, 302, 409, 422) for response in found)
    assert all(
        ALERT.encode() not in page.content for page in found if "html" in page["Content-Type"]
    )
    return found


@FEW
@given(data=st.binary(max_size=400))
@example(data=b"\xff\xfe" + "paper_id,npi".encode("utf-16-le"))
@example(data=b'"' * 1001)
@example(data=b"," * 100_000)
@example(data=b"x" * 1_000_000)
@example(data=b"\n" * 100_000)
def test_no_file_breaks_the_import(as_hat, plan, data):
    before = counts()
    with undone():
        first, *_rest = import_pages(as_hat(plan), data)
        assert first.status_code == 422
        assert 'href="#id_file"' in first.content.decode()
    assert counts() == before


def with_cell(cycle, lead, text, which):
    """Return a file whose row has `text` in the cells of the columns that `which` picks."""
    columns = header(cycle.definition)
    row = row_for(cycle, lead.organisation, 1)
    changed = dict.fromkeys(which(columns), text)
    return file_of(cycle, [row | changed, row_for(cycle, lead.organisation, 2)])


CELLS = ("9" * 5000, MIXED, OTHERS.replace("\x00", ""), *NUMBERS[:5], *DAYS, "x" * 1_000_000)


@pytest.mark.parametrize("text", CELLS, ids=range(len(CELLS)))
def test_no_cell_breaks_the_import(as_hat, ready, plan, text):
    web = as_hat(plan)
    every = header(ready.cycle.definition)
    for columns in (every, every[::2], every[7:9]):
        with undone():
            data = with_cell(ready.cycle, plan, text, lambda _all, some=columns: some)
            import_pages(web, data)


TEXT_COLUMNS = ("practice_name", "dba", "ehr", "signed_name", "signed_title", "site_1_name")


@FEW
@given(text=TYPED.filter(lambda text: 0 < len(text.strip()) < 90))
@example(text=MIXED[:90])
def test_an_imported_text_is_stored_as_typed(as_hat, ready, plan, text):
    web = as_hat(plan)
    kept = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    with undone():
        import_pages(web, with_cell(ready.cycle, plan, text, lambda _all: TEXT_COLUMNS))
        made = Application.objects.order_by("pk")
        paper = made.filter(imported__paper_id="P-1").first()
        assert paper is not None
        signed = paper.submissions.get()
        assert (paper.practice.name, signed.signed_name) == (kept, kept)
        assert paper.practice.practice.sites.get().name == kept
        page = web.get(reverse("scoring:application", args=[paper.pk])).content.decode()
        assert ALERT not in page


@FEW
@given(data=st.binary(max_size=300))
@example(data=b"\x00")
@example(data=",".join(NASTY).encode("utf-8", "replace"))
def test_no_file_breaks_the_import_command(ready, plan, tmp_path, data):
    path = tmp_path / "paper.csv"
    path.write_bytes(data)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(
            "import_applications", str(path), cycle=ready.cycle.slug, by=plan.user.email,
            stdout=out, stderr=err,
        )  # fmt: skip
    assert str(refusal.value)
