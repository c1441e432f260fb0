"""Nobody outside DHCS learns an outcome before the release: every page is the same as before.

Every route is walked as every other role before a proposal, with one, with an approved one, and while a
worker is about to release it; each time each page is the same, byte for byte but for form tokens.
"""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from notifications.models import OutboxEmail
from scoring.domain import assignments, scores
from selection.domain import approving, releasing
from selection.enums import Reason
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import PracticeFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, hand_in, recommend, scored, submitted
from tests.selection.building import approved, owner_of, proposed, released

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
TABLE = re.compile(r'(?:FROM|JOIN|UPDATE|INTO) "(\w+)"')
OUTSIDE = ["nobody", "owner", "contributor", "lead", "reviewer", "milestone_reviewer", "stranger"]


def routes(resolver=None, namespace=""):
    """Yield the name of every route."""
    for name in set((resolver or get_resolver()).reverse_dict):
        if isinstance(name, str):
            yield namespace + name
    for space, (_prefix, below) in (resolver or get_resolver()).namespace_dict.items():
        yield from routes(below, f"{namespace}{space}:")


def addresses(numbers, keys):
    """Return the address of every route, with each number and each key where it takes one."""
    found = set()
    pairs = [[n, k] for n in numbers for k in keys]
    pairs += [[k, n] for n, k in pairs]
    for name in routes():
        for arguments in ([], *[[n] for n in numbers], *[[k] for k in keys], *pairs):
            try:
                found.add(reverse(name, args=arguments))
            except NoReverseMatch:
                continue
    return sorted(path for path in found if not path.startswith(("/accounts/", "/dev/")))


@pytest.fixture
def world():
    """A scored and recommended application, and everybody who has to do with it."""
    lead = a_lead()
    reviewer = a_reviewer(lead)
    application = submitted(lead, cycle=CycleFactory(closed=True), population="pregnant")
    sheet = assignments.assign(application, reviewer=reviewer, by=lead).sheet
    hand_in(sheet, 61)
    scores.confirm(application, by=lead)
    recommend(application, recommended=True, reason="Strong plan.", note="", by=lead)
    members = {"members": 920, "potential_payment": Decimal("280600.00")}
    Application.objects.filter(pk=application.pk).update(**members)
    hats = {
        "owner": owner_of(application),
        "contributor": MembershipFactory(
            role=Role.PRACTICE_CONTRIBUTOR, organisation=application.practice
        ),
        "lead": lead,
        "reviewer": reviewer,
        "milestone_reviewer": MembershipFactory(role=Role.MILESTONE_REVIEWER),
        "stranger": MembershipFactory(organisation=PracticeFactory().organisation),
    }
    return application, sheet, hats


def body_of(response):
    """Return the text of a page, the words printed on the pages of a PDF, or a file's bytes as text."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if kind == "application/pdf":
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    if kind.startswith("application/vnd.openxmlformats"):
        with ZipFile(BytesIO(content)) as parts:
            sheets = [name for name in parts.namelist() if "sheet" in name or "String" in name]
            return " ".join(parts.read(name).decode() for name in sorted(sheets))
    return content.decode("utf-8", "replace")


def everything(web, paths):
    """Return status, headers that tell something, and text of every page, without form tokens."""
    pages = {}
    for path in paths:
        response = web.get(path)
        heads = tuple(response.headers.get(name, "") for name in ("Location", "ETag"))
        text = TOKEN.sub("", unescape(body_of(response)))
        pages[path] = (response.status_code, heads, text)
    return pages


def moments(cycle, analyst, approver, monkeypatch):
    """Yield a proposal, and yield it again approved and about to be released by a worker."""
    found = proposed(cycle, analyst)
    yield found
    found = approving.approve(found, by=approver, publish_at=timezone.now() + timedelta(days=1))
    monkeypatch.setattr(releasing, "IN_A_REQUEST", 0)
    yield releasing.release(found, by=approver)


SEARCHES = ("?q={reference}", "?status=selected", "?status=recommended", "?sort=-adjusted_score")


@pytest.mark.parametrize("who", OUTSIDE)
def test_nothing_before_the_release_changes_a_page_outside_dhcs(
    as_hat, client, analyst, approver, world, who, monkeypatch
):
    application, sheet, hats = world
    cycle = application.cycle
    sections = cycle.definition.sections
    keys = [next(s.key for s in sections if s.kind == "questions"), "no-such-key", cycle.slug]
    numbers = {application.pk, sheet.pk}
    web = client if who == "nobody" else as_hat(hats[who])
    paths = addresses(numbers, keys)
    paths += [
        reverse("scoring:applications") + one.format(reference=application.reference)
        for one in SEARCHES
    ]
    before, emails = everything(web, paths), OutboxEmail.objects.count()
    assert len(before) > 20
    words = [str(label) for label in Reason.labels] + list(Reason.values)
    for found in moments(cycle, analyst, approver, monkeypatch):  # noqa: B007 - the last is used
        assert everything(web, paths) == before
        assert OutboxEmail.objects.count() == emails
    decision = found.decisions.get()
    new = everything(web, set(addresses({found.pk, decision.pk}, keys)) - set(paths))
    for path, (status, _heads, text) in new.items():
        assert status in (200, 302, 403, 404, 405), path
        assert not [word for word in words if word in text], path
        assert decision.get_outcome_display() + "</span>" not in text, path
    dhcs = as_hat(analyst).get(reverse("selection:proposal", args=[found.pk])).content.decode()
    assert "Recommended, and at or above the threshold" in dhcs


@pytest.mark.parametrize("who", ["owner", "lead", "nobody"])
def test_the_walk_would_notice_a_release(as_hat, client, analyst, approver, world, who):
    application, sheet, hats = world
    web = client if who == "nobody" else as_hat(hats[who])
    paths = addresses({application.pk, sheet.pk}, [application.cycle.slug])
    before = everything(web, paths)
    released(application.cycle, analyst, approver)
    assert everything(web, paths) != before


def test_public_page_waits_for_its_time_and_the_practice_does_not(
    as_hat, client, analyst, approver, world
):
    application, _sheet, hats = world
    found = approving.approve(
        proposed(application.cycle, analyst),
        by=approver,
        publish_at=timezone.now() + timedelta(hours=1),
    )
    slug = application.cycle.slug
    public = [
        path
        for path in addresses({1}, [slug])
        if path.startswith("/cohorts/") or path == reverse("programs:cycle", args=[slug])
    ]
    assert public
    before = everything(client, public)
    releasing.release(found, by=approver)
    releasing.carry_on(found.pk)
    assert everything(client, public) == before
    status = as_hat(hats["owner"]).get(reverse("applications:status")).content.decode()
    assert "Selected" in status


def test_letter_is_there_for_the_practice_and_staff_only_once_released(
    as_hat, analyst, approver, world
):
    application, _sheet, hats = world
    address = reverse("selection:letter", args=[application.pk])
    everybody = {**hats, "analyst": analyst}
    found = {who: as_hat(hat).get(address).status_code for who, hat in everybody.items()}
    assert set(found.values()) == {404}
    approved_one = approved(application.cycle, analyst, approver)
    found = {who: as_hat(hat).get(address).status_code for who, hat in everybody.items()}
    assert set(found.values()) == {404}
    releasing.release(approved_one, by=approver)
    found = {who: as_hat(hat).get(address).status_code for who, hat in everybody.items()}
    assert found == {
        "owner": 200, "contributor": 200, "lead": 403, "reviewer": 403,
        "milestone_reviewer": 404, "stranger": 404, "analyst": 200,
    }  # fmt: skip


def test_status_text_takes_the_same_work_before_and_after_a_proposal(
    as_hat, analyst, approver, world
):
    application, _sheet, hats = world
    web, counts = as_hat(hats["owner"]), []
    paths = [reverse(f"applications:{name}") for name in ("home", "status")]
    for act in (None, lambda: approved(application.cycle, analyst, approver)):
        if act:
            act()
        for path in paths:
            web.get(path)
            with CaptureQueriesContext(connection) as counted:
                web.get(path)
            counts.append([TABLE.findall(one["sql"]) for one in counted.captured_queries])
    assert counts[:2] == counts[2:]
    assert "selection_" not in str(counts)


@pytest.mark.parametrize("role", [Role.PRACTICE_OWNER, Role.PRACTICE_CONTRIBUTOR])
def test_practice_can_not_tell_the_recommendation_before_the_release(as_hat, role):
    cycle, pages = CycleFactory(closed=True), []
    for recommended in (True, False):
        review = scored(61, cycle=cycle)
        words = {"recommended": recommended, "reason": "Reasons of the plan.", "note": "A note."}
        application = recommend(review.application, **words, by=review.lead)
        hat = MembershipFactory(role=role, organisation=application.practice)
        web = as_hat(hat)
        paths = [reverse("applications:home")]
        paths += [
            reverse(f"applications:{name}", args=[application.pk]) for name in ("review", "receipt")
        ]
        text = "".join(unescape(web.get(path).content.decode()) for path in paths)
        assert str(Status.RECOMMENDED.label) not in text
        assert str(Status.NOT_RECOMMENDED.label) not in text
        assert "Reasons of the plan." not in text
        assert "A note." not in text
        pages.append(set(re.findall(r'class="badge badge--\w+"|icons\.svg#\w+', text)))
    assert pages[0] == pages[1]
