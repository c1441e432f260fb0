"""Nobody outside DHCS learns an outcome before the release: every page is the same as before."""

import re
from html import unescape
from io import BytesIO

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse
from pypdf import PdfReader

from accounts.enums import Role
from applications.enums import Status
from scoring.domain import assignments, scores
from selection.enums import Reason
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import PracticeFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, hand_in, recommend, scored, submitted
from tests.selection.building import owner_of, prepared

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
OUTSIDE = ["owner", "contributor", "lead", "reviewer", "milestone_reviewer", "stranger"]


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
    for name in routes():
        for arguments in ([], *[[n] for n in numbers], *[[n, k] for n in numbers for k in keys]):
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
    """Return the text of a page, or the words printed on the pages of a PDF."""
    if response.headers["Content-Type"] != "application/pdf":
        return response.content.decode()
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)


def everything(web, paths):
    """Return status and text of every page, without what differs at every visit."""
    pages = {}
    for path in paths:
        response = web.get(path)
        text = TOKEN.sub("", unescape(body_of(response)))
        pages[path] = (response.status_code, response.headers.get("Location", ""), text)
    return pages


@pytest.mark.parametrize("who", OUTSIDE)
def test_open_proposal_changes_no_page_outside_dhcs(as_hat, analyst, world, who):
    application, sheet, hats = world
    definition = application.cycle.definition
    keys = [next(s.key for s in definition.sections if s.kind == "questions"), "no-such-key"]
    numbers = {application.pk, sheet.pk}
    web = as_hat(hats[who])
    before = everything(web, addresses(numbers, keys))
    assert len(before) > 20
    run = prepared(application.cycle, analyst)
    decision = run.decisions.get()
    after = everything(web, addresses({*numbers, run.pk, decision.pk}, keys))
    assert {path: after[path] for path in before} == before
    words = [str(label) for label in Reason.labels] + list(Reason.values)
    for path, (status, _location, text) in after.items():
        assert status in (200, 302, 403, 404, 405), path
        assert not [word for word in words if word in text], path
        assert decision.get_outcome_display() + "</span>" not in text, path
    dhcs = as_hat(analyst).get(reverse("selection:decisions")).content.decode()
    assert "Recommended, and at or above the threshold" in dhcs


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
