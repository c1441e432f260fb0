"""Who reaches an application that is open, ended or closed by a conflict, at every address."""

import io
import logging
import zipfile
from dataclasses import dataclass
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.domain import submission
from applications.models import Attachment
from core.forms import VERSION
from scoring.domain import assignments, conflicts
from scoring.forms.exports import NAMES
from scoring.forms.sheets import COMMENT, POINTS, field_name
from scoring.models import CriterionComment, CriterionScore, ScoreSheet
from tests.applications import filing
from tests.factories.applications import ApplicationFactory, complete
from tests.hostile import undone
from tests.meta.test_leaks import KIND, OF_AN_APPLICATION, ROUTES
from tests.scoring.building import give, hand_in
from tests.scoring.conflicting import answers, check, declare

pytestmark = pytest.mark.django_db
NAME, WORD = "Quillwort Family Clinic", "Zqcommentqz"
NUMBERED = sorted(
    {name for name, kind in KIND.items() if kind in ("sheet", "file")} | OF_AN_APPLICATION
)
OF_PRACTICE = "applications:"
UNNUMBERED = sorted(
    name for name, parts in ROUTES.items() if not parts and not name.startswith("dev_")
)
CLOSED = {
    "conflicted": "own",  # declared a hard conflict after the scores were submitted
    "noted": "own",  # a lead noted one while the sheet was open
    "ended": "own",  # the review was taken back
    "unassigned": "",
    "barred lead": "",
    "barred analyst": "",
    "barred auditor": "",
}
OPEN = ("undeclared", "reviewer", "lead", "analyst", "approver", "auditor")


@pytest.fixture(autouse=True)
def _quiet():
    """Hundreds of refusals are expected; each would be logged with its trace."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@dataclass(repr=False)
class World:
    """One application, the people around it, each reviewer's own sheet, and one of a colleague."""

    application: object
    file: int
    hats: dict[str, object]
    sheets: dict[str, ScoreSheet]

    def address(self, name, who):
        """Return the address of a route for the application, its file or a sheet."""
        kind = KIND.get(name, "application")
        sheet = self.sheets.get(who, self.sheets["colleague"])
        values = {
            "pk": {"sheet": sheet.pk, "file": self.file}.get(kind, self.application.pk),
            "key": "population",
            "assignment": sheet.assignment_id,
        }
        return reverse(name, kwargs={part: values[part] for part in ROUTES[name]})


@pytest.fixture
def world(db, settings, tmp_path, hat_of):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    application = complete(ApplicationFactory())
    application.practice.name = NAME
    application.practice.save()
    owner = hat_of(Role.PRACTICE_OWNER, application.practice, user__email="ana@quillwort.example")
    filing.add(application, owner, name="plan.pdf")
    submission.submit(application, signed_name="Ana", signed_title="Owner", by=owner)
    application.refresh_from_db()
    plan = application.designated_mcp
    lead = hat_of(Role.MCP_LEAD, plan)
    names = ("reviewer", "colleague", "undeclared", "conflicted", "noted", "ended")
    sheets = {name: give(application, lead) for name in names}
    application.refresh_from_db()
    hats = {name: sheet.assignment.reviewer for name, sheet in sheets.items()}
    hats |= {
        "owner": owner,
        "lead": lead,
        "unassigned": hat_of(Role.MCP_REVIEWER, plan),
        "barred lead": hat_of(Role.MCP_LEAD, plan),
        "analyst": hat_of(Role.DHCS_ANALYST),
        "barred analyst": hat_of(Role.DHCS_ANALYST),
        "approver": hat_of(Role.DHCS_APPROVER),
        "auditor": hat_of(Role.AUDITOR),
        "barred auditor": hat_of(Role.AUDITOR),
    }
    for name in ("reviewer", "colleague", "noted", "ended"):
        declare(application, hats[name])
    for name in ("colleague", "conflicted"):
        CriterionComment.objects.create(sheet=sheets[name], code="1.1", text=WORD)
        hand_in(sheets[name])
    declare(application, hats["conflicted"], "family")
    conflicts.declare_for(
        application, person=hats["noted"], rule="helped", reason="She wrote it.", by=lead
    )
    assignments.end(sheets["ended"].assignment, reason="On leave", by=lead)
    for name in ("barred lead", "barred analyst", "barred auditor"):
        check(application, hats[name].user)
    return World(application, Attachment.objects.get().pk, hats, sheets)


def body(response) -> str:
    """Return what a response carries as text, also what is packed in a workbook."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            data = b"".join(packed.read(name) for name in packed.namelist())
    heads = " ".join(f"{name}: {value}" for name, value in response.items())
    return heads + unescape(data.decode("latin-1"))


def names_it(world, response) -> bool:
    text = body(response)
    return any(word in text for word in (NAME, world.application.reference, WORD))


def expected(who, name, method) -> set[int]:
    """Return how an address answers somebody to whom the application is closed."""
    if (who, name, method) in {
        ("conflicted", "scoring:declare", "POST"),
        ("noted", "scoring:declare", "POST"),
        ("barred lead", "scoring:own_conflict", "POST"),
        ("barred analyst", "selection:declare", "POST"),
    }:
        return {302}  # a second click: to what was declared
    if (name, method) == ("scoring:save", "POST") and CLOSED[who]:
        return {409}  # says why, and gives back what was typed
    return {403, 404, 405} if name.startswith(OF_PRACTICE) else {404}


@pytest.mark.parametrize("who", CLOSED)
def test_what_is_closed_does_not_exist_at_any_address(as_hat, world, who):
    web = as_hat(world.hats[who])
    found = {}
    for name in NUMBERED:
        for method, send in (("GET", web.get), ("POST", web.post)):
            with undone():
                response = send(world.address(name, who))
            if response.status_code not in expected(who, name, method):
                found[name, method] = response.status_code
            assert not names_it(world, response), (name, method)
    assert found == {}


@pytest.mark.parametrize("who", [name for name, own in CLOSED.items() if own])
def test_a_colleagues_sheet_is_as_closed_as_ones_own(as_hat, world, who):
    web = as_hat(world.hats[who])
    for name in (name for name, kind in KIND.items() if kind == "sheet"):
        for send in (web.get, web.post):
            with undone():
                assert send(world.address(name, "colleague")).status_code == 404, name


OWN = {"scoring:sheet": 200, "scoring:declare": 200, "scoring:decline": 200, "scoring:save": 200}
NOT_OWN = {"scoring:declare": 403, "scoring:decline": 403, "scoring:save": 403}
STAFF = {
    "scoring:sheet": 200, "scoring:declare": 404, "scoring:decline": 404, "scoring:save": 403,
    "scoring:application": 403, "scoring:conflicts": 403, "selection:application": 200,
    "applications:file": 200,
}  # fmt: skip
STATUS = {
    "reviewer": OWN | {
        "scoring:application": 403, "scoring:conflicts": 403, "selection:application": 403,
        "applications:file": 200,
    },
    "undeclared": OWN | {
        "scoring:sheet": 302, "scoring:save": 302, "scoring:application": 403,
        "scoring:conflicts": 403, "selection:application": 403, "applications:file": 404,
    },
    "lead": {
        "scoring:sheet": 200, "scoring:declare": 404, "scoring:decline": 404, "scoring:save": 403,
        "scoring:application": 200, "scoring:conflicts": 200, "selection:application": 403,
        "applications:file": 200,
    },
    **dict.fromkeys(("analyst", "approver", "auditor"), STAFF),
}  # fmt: skip


@pytest.mark.parametrize("who", OPEN)
def test_what_is_open_opens_as_the_table_says(as_hat, world, who):
    web = as_hat(world.hats[who])
    table = STATUS[who]
    answered = {name: web.get(world.address(name, who)) for name in table}
    assert all(body(response) for response in answered.values())
    assert {name: response.status_code for name, response in answered.items()} == table


def test_before_the_answer_nothing_of_the_content_is_shown(as_hat, world):
    web = as_hat(world.hats["undeclared"])
    for name in NUMBERED:
        response = web.get(world.address(name, "undeclared"))
        assert WORD not in body(response), name
        if response.status_code == 200:
            own_words = ("scoring:declare", "scoring:decline", "scoring:earlier")
            assert name in own_words, name


@pytest.mark.parametrize("who", CLOSED)
def test_no_list_search_or_file_names_what_is_closed(as_hat, world, who):
    web = as_hat(world.hats[who])
    reference = world.application.reference
    named = set()
    for name in UNNUMBERED:
        with undone():
            named |= {name} if names_it(world, web.get(reverse(name))) else set()
        if name in ("scoring:my_conflicts", "selection:my_conflicts"):
            continue
        for asked, hidden in ((NAME, reference), (reference, NAME)):
            assert hidden not in body(web.get(reverse(name), {"q": asked})), name
    own = {one: {"scoring:my_conflicts"} for one in ("conflicted", "noted", "barred lead")}
    own |= {one: {"selection:my_conflicts"} for one in ("barred analyst", "barred auditor")}
    assert named == own.get(who, set())


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("reviewer", "scoring:mine"),
        ("undeclared", "scoring:mine"),
        ("undeclared", "scoring:declare_new"),
        ("lead", "scoring:applications"),
        ("analyst", "selection:queue"),
        ("auditor", "selection:queue"),
    ],
)
def test_the_lists_name_what_is_open(as_hat, world, who, page):
    assert names_it(world, as_hat(world.hats[who]).get(reverse(page)))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
@pytest.mark.parametrize(
    ("who", "holds"),
    [
        ("lead", True),
        ("analyst", True),
        ("barred lead", False),
        ("barred analyst", False),
        ("barred auditor", False),
    ],
)
def test_an_export_holds_what_is_open_only(as_hat, world, who, holds, kind):
    data = {"kind": kind, "reviewers": NAMES}
    response = as_hat(world.hats[who]).post(reverse("scoring:exports"), data)
    assert names_it(world, response) == holds


@pytest.mark.parametrize(
    ("who", "holds"), [("reviewer", True), ("undeclared", False), ("noted", False)]
)
def test_a_form_to_fill_in_offline_holds_what_is_open_only(as_hat, world, who, holds):
    web, page = as_hat(world.hats[who]), reverse("scoring:offline_form")
    for query in ({"all": "1"}, {"sheet": [sheet.pk for sheet in world.sheets.values()]}):
        assert names_it(world, web.get(page, query)) == holds


def by_the_lead(world):
    conflicts.declare_for(
        world.application, person=world.hats["reviewer"], rule="family", reason="An aunt",
        by=world.hats["lead"],
    )  # fmt: skip


def by_oneself(world):
    conflicts.declare(world.application, answers=answers("family"), by=world.hats["reviewer"])


@pytest.mark.parametrize("act", [by_the_lead, by_oneself])
def test_a_conflict_while_the_page_is_open_refuses_the_next_save(as_hat, world, act):
    web, sheet = as_hat(world.hats["reviewer"]), world.sheets["reviewer"]
    address = reverse("scoring:save", args=[sheet.pk])
    assert web.get(reverse("scoring:sheet", args=[sheet.pk])).status_code == 200
    act(world)
    sentence = conflicts.refusal("conflict")
    points, comment = field_name(POINTS, "1.1"), field_name(COMMENT, "1.1")
    data = {"autosave": comment, comment: "My words", f"{VERSION}{comment}": "0"}
    answer = web.post(address, data, headers={"X-Autosave": "1"})
    assert answer.status_code == 422
    assert answer.json() == {"message": sentence, "errors": {comment: [sentence]}}
    for button in ({}, {"submit": "1"}):
        response = web.post(address, {points: "4", comment: "My <words>", **button})
        assert response.status_code == 409
        text = body(response)
        assert sentence in text
        assert "My <words>" in text
        assert NAME not in text
    assert not CriterionScore.objects.filter(sheet=sheet).exists()
    assert not CriterionComment.objects.filter(sheet=sheet).exists()
