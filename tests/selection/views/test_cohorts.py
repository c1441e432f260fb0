import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date

from accounts.enums import Role
from applications.models import Application
from selection.domain import records
from selection.models import DecisionRecord
from selection.queries import cohorts as queries
from selection.record import verifier
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.record.sealing import decided

pytestmark = pytest.mark.django_db
PAGES = ("cohort", "cohort_record", "cohort_csv")


@pytest.fixture(autouse=True)
def _nothing_kept():
    queries.summary_of.cache_clear()


@pytest.fixture
def cycle():
    return CycleFactory(closed=True, title="EPT Cohort 1", slug="ept-1")


@pytest.fixture
def web():
    return Client(headers={"accept-language": "en"})


def address(name, *args):
    return reverse(f"selection:{name}", args=args)


def every(slug, sequence=1):
    return [*(address(name, slug) for name in PAGES), address("cohort_records", slug, sequence)]


def text_of(response, status=200):
    assert response.status_code == status
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def promote(applications, proposal):
    by = MembershipFactory(role=Role.DHCS_APPROVER)
    return records.seal_act(
        proposal=proposal, application=applications["near"], outcome="selected",
        reason="promoted", by=by, at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("hours", [1, None])
def test_home_and_cycle_lead_to_the_page_once_it_is_public(web, cycle, hours):
    pages = [reverse("home"), reverse("programs:cycle", args=[cycle.slug])]
    leads = f'href="{address("cohort", cycle.slug)}"'
    decided(cycle, publish_at=hours and timezone.now() + timedelta(hours=hours))
    is_public = hours is None
    assert [leads in web.get(page).content.decode() for page in pages] == [is_public, is_public]


def test_page_says_how_who_and_with_what_numbers(web, cycle):
    applications, _proposal = decided(cycle)
    text = text_of(web.get(address("cohort", cycle.slug)))
    assert "EPT Cohort 1: selected practices" in text
    assert (
        "Applications 5 Selected practices 2 On the waitlist 1 They can earn in all $561,200"
        in text
    )
    assert "selected with 77 points or more" in text
    assert "20 for" in text
    assert "budget of $97,000,000" in text
    assert "Who is up to 3 points below the threshold is on the waitlist, too." in text
    for name in ("above", "lifted"):
        assert applications[name].practice.name in text
    for name in ("near", "below", "refused"):
        assert applications[name].practice.name not in text
    for application in applications.values():
        assert application.reference not in text
    assert DecisionRecord.objects.get().public_sha256 in text


def test_nothing_is_there_before_the_page_time(web, cycle):
    decided(cycle, publish_at=timezone.now() + timedelta(hours=1))
    missing = {path: web.get(path) for path in every("no-such-cycle")}
    for path, other in zip(every(cycle.slug), missing.values(), strict=True):
        response = web.get(path)
        assert response.status_code == other.status_code == 404
        assert response.content == other.content
        assert dict(response.headers) == dict(other.headers)
    assert "No practices are announced yet" in text_of(web.get(address("cohorts")))


def test_nothing_is_there_without_a_release(web, cycle):
    for path in every(cycle.slug):
        assert web.get(path).status_code == 404


def test_page_appears_at_its_time(web, cycle, monkeypatch):
    later = timezone.now() + timedelta(hours=1)
    decided(cycle, publish_at=later)
    monkeypatch.setattr(timezone, "now", lambda: later)
    for path in every(cycle.slug):
        assert web.get(path).status_code == 200
    assert "EPT Cohort 1" in text_of(web.get(address("cohorts")))


@pytest.mark.parametrize("path", ["cohorts", "verifier", *PAGES, "cohort_records"])
def test_answers_are_cached_and_set_no_cookie(web, cycle, path):
    decided(cycle)
    args = {"cohorts": (), "verifier": (), "cohort_records": (cycle.slug, 1)}.get(
        path, (cycle.slug,)
    )
    url = address(path, *args)
    first = web.get(url)
    assert first.status_code == 200
    assert not first.cookies
    assert "Cookie" not in first.headers.get("Vary", "")
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    again = web.get(url, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert not again.cookies
    other = web.get(url, headers={"if-none-match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)
    assert web.head(url).status_code == 200
    assert web.post(url).status_code == 405


def test_who_is_signed_in_gets_the_same_bytes(
    web, as_hat, analyst, cycle, django_assert_num_queries
):
    decided(cycle)
    person = as_hat(analyst, headers={"accept-language": "en"})
    person.cookies["django_language"] = "es"
    page = web.get(address("cohort", cycle.slug))
    with django_assert_num_queries(2):
        same = person.get(address("cohort", cycle.slug))
    assert same.content == page.content
    assert same.headers["ETag"] == page.headers["ETag"]
    assert not same.cookies


@pytest.mark.parametrize(
    ("path", "queries"),
    [("cohorts", 1), ("cohort", 2), ("cohort_csv", 2), ("cohort_record", 1), ("verifier", 0)],
)
def test_page_costs_two_queries_at_most(web, cycle, django_assert_num_queries, path, queries):
    applications, proposal = decided(cycle)
    for _more in range(2):
        url = address(path, *(() if path in ("cohorts", "verifier") else (cycle.slug,)))
        found = web.get(url)
        with django_assert_num_queries(queries):
            web.get(url)
        with django_assert_num_queries(queries):
            assert web.get(url, headers={"if-none-match": found.headers["ETag"]}).status_code == 304
        if DecisionRecord.objects.count() == 1:
            promote(applications, proposal)


@pytest.mark.parametrize("path", ["cohorts", "cohort", "cohort_csv"])
def test_a_date_alone_says_nothing_of_a_page(web, cycle, path):
    applications, _proposal = decided(cycle)
    url = address(path, *(() if path == "cohorts" else (cycle.slug,)))
    before = web.get(url)
    assert "Last-Modified" not in before.headers
    practice = applications["above"].practice
    practice.name = "A New Name Clinic"
    practice.save()
    since = {"if-modified-since": http_date((timezone.now() + timedelta(days=1)).timestamp())}
    assert web.get(url, headers=since).status_code == 200


@pytest.mark.parametrize("name", ["cohort_record", "cohort_records"])
def test_a_record_says_since_when_it_is_there(web, cycle, name):
    decided(cycle)
    url = address(name, cycle.slug, *((1,) if name == "cohort_records" else ()))
    since = {"if-modified-since": web.get(url).headers["Last-Modified"]}
    assert web.get(url, headers=since).status_code == 304


def test_a_new_name_changes_the_page_and_its_tag(web, cycle):
    applications, _proposal = decided(cycle)
    url = address("cohort", cycle.slug)
    before = web.get(url)
    practice = applications["above"].practice
    practice.name = "A New Name Clinic"
    practice.save()
    after = web.get(url, headers={"if-none-match": before.headers["ETag"]})
    assert "A New Name Clinic" in text_of(after)


def test_languages_are_chosen_by_address_or_browser(cycle):
    decided(cycle)
    url = address("cohort", cycle.slug)
    english = Client(headers={"accept-language": "en"})
    spanish = Client(headers={"accept-language": "es"})
    assert 'lang="es"' in spanish.get(url).content.decode().split("<head>")[0]
    by_address = english.get(f"{url}?language=es")
    assert 'lang="es"' in by_address.content.decode().split("<head>")[0]
    assert by_address.headers["Content-Language"] == "es"
    assert by_address.headers["ETag"] != english.get(url).headers["ETag"]
    assert "Accept-Language" in english.get(url).headers["Vary"]
    for odd in ("xx", "es" * 5000, "\0", "%00"):
        assert english.get(url, {"language": odd}).status_code == 200
    assert 'href="?language=es"' in english.get(url).content.decode()
    assert "csrfmiddlewaretoken" not in english.get(url).content.decode()


def test_later_acts_are_told(web, cycle):
    applications, proposal = decided(cycle)
    promote(applications, proposal)
    text = text_of(web.get(address("cohort", cycle.slug)))
    assert "Selected practices 3 On the waitlist 0" in text
    number = records.public_number(applications["near"])
    assert f"{number} Moved up from the waitlist when a place became free Selected" in text
    assert applications["near"].practice.name in text
    assert "The decisions as released" in text
    assert "A change to single decisions" in text


def test_downloads_are_the_sealed_bytes(web, cycle):
    applications, proposal = decided(cycle)
    promote(applications, proposal)
    first, second = DecisionRecord.objects.order_by("sequence")
    assert web.get(address("cohort_record", cycle.slug)).content.decode() == second.public + "\n"
    chain = [web.get(address("cohort_records", cycle.slug, n)).content for n in (1, 2)]
    assert [part.decode() for part in chain] == [first.public + "\n", second.public + "\n"]
    verifier.verify_chain(map(verifier.read, chain))
    assert web.get(address("cohort_records", cycle.slug, 3)).status_code == 404
    assert web.get(address("cohort_records", cycle.slug, 10**30)).status_code == 404


def test_csv_lists_the_selected_only_and_no_formula(web, cycle):
    applications, _proposal = decided(cycle)
    practice = applications["above"].practice
    practice.name = '=HYPERLINK("http://bad.example")'
    practice.save()
    response = web.get(address("cohort_csv", cycle.slug))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["Practice", "County", "Plan (MCP)", "Population of focus"]
    assert {row[0] for row in rows[1:]} == {
        "'" + practice.name, applications["lifted"].practice.name,
    }  # fmt: skip


def test_downloaded_verifier_checks_the_downloaded_record(web, cycle, tmp_path, settings):
    decided(cycle)
    settings.SITE_BASE_URL = "https://portal.example"
    page = unescape(web.get(address("cohort", cycle.slug)).content.decode())
    lines = page.split('<pre class="shell" tabindex="0"><code>')[1].split("</code>")[0].split("\n")
    get_verifier, get_record, check = [line for line in lines if line]
    for line in (get_verifier, get_record):
        command, flags, url = line.split()
        assert (command, flags) == ("curl", "-sSO")
        path = url.removeprefix("https://portal.example")
        (tmp_path / path.rsplit("/", 1)[1]).write_bytes(web.get(path).content)
    assert check.split()[0] == "python3"
    answer = subprocess.run(
        [sys.executable, "-I", *check.split()[1:]],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert answer.stdout == "OK: 1 record(s), 5 applications\n"


def test_the_hash_on_the_page_is_that_of_the_record(web, cycle):
    decided(cycle)
    record = json.loads(web.get(address("cohort_record", cycle.slug)).content)
    said = record.pop("sha256")
    assert said == hashlib.sha256(verifier.canonical(record)).hexdigest()
    assert said in text_of(web.get(address("cohort", cycle.slug)))


def test_a_hidden_application_stays_hidden_whatever_its_state_now(web, cycle):
    applications, _proposal = decided(cycle)
    Application.objects.filter(pk=applications["near"].pk).update(status="selected")
    text = text_of(web.get(address("cohort", cycle.slug)))
    assert applications["near"].practice.name not in text
