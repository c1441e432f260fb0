"""Whatever a practice wrote is on no page of anybody who may not read it, at any address."""

import logging
from dataclasses import dataclass

import pytest
from django.urls import URLPattern, get_resolver, reverse

from accounts.domain import invitations
from accounts.enums import Role
from applications.domain import attachments, late_access, messages, submission
from applications.models import Answer, Application, Attachment, MemberCount, Practice, Site
from core.views import PUBLIC
from selection.domain import flags, notes
from tests.applications import filing
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.hostile import undone
from tests.meta.test_permissions import OURS, permission_of
from tests.scoring.building import a_reviewer, codes_of, give, store
from tests.scoring.conflicting import declare

# Which kind of object the number in an address names. A new address with a number is added here.
KIND = {
    "accounts:switch": "hat",
    "accounts:role": "hat",
    "accounts:remove": "hat",
    "accounts:restore": "hat",
    "accounts:resend": "invitation",
    "accounts:revoke": "invitation",
    "applications:remove_site": "site",
    "applications:remove_member": "member",
    "applications:file": "file",
    "applications:replace_file": "file",
    "applications:remove_file": "file",
    "scoring:resend": "invitation",
    "scoring:revoke": "invitation",
    "scoring:member": "hat",
    "scoring:profile": "hat",
    "scoring:away": "hat",
    "scoring:back": "hat",
    "scoring:member_role": "hat",
    "scoring:deactivate": "hat",
    "scoring:reactivate": "hat",
    "scoring:sheet": "sheet",
    "scoring:save": "sheet",
    "scoring:presence": "sheet",
    "scoring:export_file": "export",
    "scoring:declare": "sheet",
    "scoring:decline": "sheet",
    "scoring:read": "sheet",
    "scoring:highlights": "sheet",
    "scoring:reopen": "sheet",
    "scoring:earlier": "sheet",
    "scoring:close_calibration": "run",
    "scoring:assign_run": "run",
    "scoring:assign_apply": "run",
    "scoring:assign_discard": "run",
    "selection:release": "run",
    "selection:view": "run",
    "selection:delete_view": "run",
    "selection:end_claim": "run",
    "selection:bulk_act": "run",
    "selection:undo_bulk": "run",
    "selection:remove_note": "note",
    "selection:clear_flag": "flag",
    "selection:proposal": "run",
    "selection:progress": "run",
    "selection:approve": "run",
    "selection:reject": "run",
    "selection:withdraw_proposal": "run",
    "selection:scenario_edit": "scenario",
    "selection:scenario_save": "scenario",
    "selection:scenario_copy": "scenario",
    "selection:scenario_share": "scenario",
    "selection:scenario_archive": "scenario",
    "selection:scenario_comment": "scenario",
    "selection:scenario_uncomment": "comment",
    "selection:search": "search",
    "selection:search_cancel": "search",
    "selection:record": "record",
    "selection:record_file": "record",
    "selection:record_public": "record",
    "selection:confirm_offer": "run",
    "selection:pass_over": "run",
    "selection:put_back": "run",
    "selection:reconsideration_desk": "request",
    "selection:reconsideration_assign": "request",
    "selection:reconsideration_answer": "request",
    "selection:reconsideration_file": "later_file",
}
OF_AN_APPLICATION = {
    "applications:review", "applications:ask_to_sign", "applications:submit",
    "applications:receipt", "applications:withdraw",
    "applications:history", "applications:application_pdf", "applications:receipt_pdf",
    "applications:draft_json", "applications:application_documents", "applications:presence",
    "applications:section", "scoring:application", "scoring:assign", "scoring:end", "scoring:resume",
    "scoring:confirm", "scoring:recommend", "scoring:return", "scoring:return_by_dhcs",
    "scoring:undo", "scoring:difference", "scoring:third_reader", "scoring:consensus",
    "scoring:send_back", "scoring:reopen_scoring",
    "scoring:packet",
    "scoring:message", "scoring:conflicts", "scoring:clear_conflict", "selection:application",
    "selection:letter", "selection:letter_pdf",
    "selection:place", "selection:accept_place", "selection:decline_place", "selection:leave_place",
    "selection:reconsideration", "selection:reconsideration_ask",
    "selection:reconsideration_files", "selection:reconsideration_undo",
    "selection:claim", "selection:notes", "selection:flags", "selection:declare",
    "selection:staff_conflicts",
    "selection:clear_staff_conflict",
    "scoring:own_conflict",
}  # fmt: skip


NONE = 999_999_999
PUBLIC_PAGES = {name for name, view in OURS if permission_of(view) == PUBLIC}


def patterns(resolver=None, space=""):
    """Yield (name, names of its parts) of every address of ours."""
    ours = {name for name, _view in OURS}
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if f"{space}{pattern.name}" in ours:
                yield f"{space}{pattern.name}", list(pattern.pattern.converters)
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from patterns(pattern, space + inner)


ROUTES = dict(patterns())


def test_every_address_with_a_number_says_of_which_object():
    numbered = {name for name, parts in ROUTES.items() if "pk" in parts}
    assert numbered == set(KIND) | OF_AN_APPLICATION


@dataclass(repr=False)
class World:
    """Marked words of two practices, the people who look, and the objects by side and kind."""

    people: dict[str, object]
    objects: dict[str, dict[str, int]]
    section: str


def mark(side: str, what: str) -> str:
    """Return a word that is nowhere but where it was typed."""
    return f"Zq{what}{side}qZ"


def write(application, side, owner):
    """Give an application words in every place that a practice can write in."""
    practice = Practice.objects.get(pk=application.practice_id)
    practice.organisation.name = mark(side, "name")
    practice.organisation.save()
    Practice.objects.filter(pk=practice.pk).update(dba=mark(side, "dba"), ehr=mark(side, "ehr"))
    Site.objects.filter(practice=practice).update(name=mark(side, "site"))
    Answer.objects.filter(application=application, key="population_why").delete()
    Answer.objects.create(application=application, key="population_why", value=mark(side, "old"))
    Answer.objects.filter(application=application, key="population_why").update(
        value=mark(side, "answer")
    )
    gone = filing.add(application, owner, name=f"{mark(side, 'gone')}.pdf")
    attachments.remove(gone, by=owner)
    filing.add(application, owner, name=f"{mark(side, 'file')}.pdf")
    invitations.invite(
        email=f"{mark(side, 'invited').lower()}@b.example", role=Role.PRACTICE_CONTRIBUTOR, by=owner
    )


def objects_of(application, hat, sheet):
    """Return the ids of one side by kind of object."""
    return {
        "application": application.pk,
        "assignment": sheet.assignment_id,
        "hat": hat.pk,
        "invitation": hat.organisation.invitations.get().pk,
        "site": Site.objects.get(practice=application.practice_id).pk,
        "member": MemberCount.objects.get(practice=application.practice_id).pk,
        "file": Attachment.objects.get(application=application, ended_at=None).pk,
        "sheet": sheet.pk,
        "run": NONE,
        "export": NONE,
        "note": NONE,
        "scenario": NONE,
        "comment": NONE,
        "search": NONE,
        "record": NONE,
        "request": NONE,
        "later_file": NONE,
        "flag": NONE,
    }


@pytest.fixture(autouse=True)
def _quiet():
    """Hundreds of refusals are expected; each would be logged with its trace."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def files_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def world(db, files_folder, hat_of):
    """Practice A was submitted and is in review; practice B has a draft and late access."""
    a = complete(ApplicationFactory())
    owner_a = hat_of(Role.PRACTICE_OWNER, a.practice, user__full_name=mark("A", "person"))
    write(a, "A", owner_a)
    lead = hat_of(Role.MCP_LEAD, a.designated_mcp)
    submit(a, owner_a)
    sheet = in_review_of(a, lead)
    code = codes_of(sheet)[0]
    store(sheet, {code: 1}, {code: mark("A", "comment")})
    messages.send(a, text=mark("A", "message"), by=owner_a)
    b = complete(ApplicationFactory(cycle=a.cycle))
    owner_b = hat_of(Role.PRACTICE_OWNER, b.practice, user__full_name=mark("B", "person"))
    write(b, "B", owner_b)
    administrator = hat_of(Role.DHCS_ADMINISTRATOR)
    analyst = hat_of(Role.DHCS_ANALYST)
    desk = {
        "note": notes.add(a, text=mark("A", "desknote"), by=analyst).pk,
        "flag": flags.put(a, label=mark("A", "deskflag"), by=analyst).pk,
    }
    late_access.grant(
        practice=b.practice, cycle=b.cycle, until=b.cycle.scoring_due_at,
        reason=mark("B", "late"), by=administrator,
    )  # fmt: skip
    elsewhere = MembershipFactory(role=Role.PRACTICE_OWNER)
    MembershipFactory(role=Role.PRACTICE_OWNER, organisation=a.practice, user=elsewhere.user)
    people = {
        "owner of A": owner_a,
        "owner of B": owner_b,
        "elsewhere": elsewhere,
        "lead": lead,
        "reviewer": sheet.assignment.reviewer,
        "unassigned": a_reviewer(lead),
        "other lead": hat_of(Role.MCP_LEAD),
        "analyst": analyst,
        "approver": hat_of(Role.DHCS_APPROVER),
        "administrator": administrator,
        "auditor": hat_of(Role.AUDITOR),
        "milestones": hat_of(Role.MILESTONE_REVIEWER),
    }
    objects = {
        "A": objects_of(a, owner_a, sheet) | desk,
        "B": objects_of(b, owner_b, sheet) | {"sheet": NONE},
    }
    return World(people, objects, "population")


def submit(application, owner):
    """Sign and submit by the use-case."""
    submission.submit(application, signed_name="Ana", signed_title="Owner", by=owner)
    application.refresh_from_db()


def in_review_of(application, lead):
    """Give the application to a reviewer; return the sheet."""
    sheet = give(application, lead)
    declare(application, sheet.assignment.reviewer)
    application.refresh_from_db()
    return sheet


def addresses(world, side):
    """Return every address of ours, with the objects of one side."""
    ids = world.objects[side]
    found = []
    for name, parts in ROUTES.items():
        if "token" in parts or "slug" in parts or name.startswith("dev_"):
            continue
        values = {
            "pk": ids[KIND.get(name, "application")],
            "key": world.section,
            "assignment": ids["assignment"],
            "absence": NONE,
            "sequence": 1,
            "table": "make-up",
            "cycle": Application.objects.get(pk=ids["application"]).cycle.slug,
        }
        found.append((name, reverse(name, kwargs={part: values[part] for part in parts})))
    return found


WRITTEN = ("name", "dba", "ehr", "site", "answer", "old", "gone", "file", "person")
OWN = {*WRITTEN, "invited", "message", "late"}
SIGNED = {"name", "dba", "ehr", "site", "answer", "file", "person"}
DESK = {"desknote", "deskflag"}
BY_DHCS = {*SIGNED, "comment", "message", *DESK}
MAY_READ = {
    "owner of A": {"A": OWN - {"late"}},
    "owner of B": {"B": OWN},
    "lead": {"A": {*SIGNED, "comment", "message"}},
    "reviewer": {"A": {*SIGNED, "comment"}},
    "analyst": {"A": BY_DHCS},
    "approver": {"A": BY_DHCS},
    "administrator": {"A": BY_DHCS, "B": {"name", "late"}},
    "auditor": {"A": BY_DHCS},
}
SWITCHER = {"elsewhere": {("A", "name")}}  # one's own other hat is named in the switcher
EVERY = {(side, what) for side in "AB" for what in {*OWN, "comment", *DESK}}
VIEWERS = (
    "nobody", "owner of A", "owner of B", "elsewhere", "lead", "reviewer", "unassigned", "other lead",
    "analyst", "approver", "administrator", "auditor", "milestones",
)  # fmt: skip


def words_in(response) -> set[tuple[str, str]]:
    """Return the marks that a response carries in its body or its headers."""
    heads = " ".join(f"{name}: {value}" for name, value in response.items())
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = heads.lower() + body.decode("latin-1").lower()
    return {pair for pair in EVERY if mark(*pair).lower() in text}


@pytest.mark.parametrize("who", VIEWERS)
def test_nobody_reads_what_is_not_theirs(as_hat, client, world, who):
    web = client if who == "nobody" else as_hat(world.people[who])
    allowed = {(side, what) for side, names in MAY_READ.get(who, {}).items() for what in names}
    allowed |= SWITCHER.get(who, set())
    outside = [side for side in "AB" if side not in MAY_READ.get(who, {})]
    read = set()
    for side in "AB":
        for name, address in addresses(world, side):
            if name.endswith("_pdf") and side not in outside:
                continue
            response = web.get(address)
            found = words_in(response)
            assert found <= allowed, (name, side, found - allowed)
            read |= found
            of_one = set(ROUTES[name]) - {"cycle"}  # a cycle is everybody's at DHCS
            if side in outside and of_one and name != "accounts:switch":
                is_public = name in PUBLIC_PAGES
                expected = (302,) if who == "nobody" and not is_public else (403, 404, 405)
                assert response.status_code in expected, (name, side, response.status_code)
    assert bool(read) == bool(allowed)
    assert read >= {pair for pair in allowed if pair[1] in ("answer", "late")}


@pytest.mark.parametrize(
    "who",
    ["nobody", "owner of B", "elsewhere", "unassigned", "other lead", "auditor", "milestones"],
)
def test_nobody_acts_on_what_is_not_theirs(as_hat, client, world, who):
    web = client if who == "nobody" else as_hat(world.people[who])
    before = state()
    for name, address in addresses(world, "A"):
        if "pk" not in ROUTES[name] or name == "accounts:switch":
            continue
        with undone():
            response = web.post(address, {"text": "x", "reason": "x", "role": "practice_owner"})
            assert response.status_code in ((302,) if who == "nobody" else (403, 404, 405)), name
            own = {pair for pair in EVERY if pair[0] == "B" and who == "owner of B"}
            assert words_in(response) <= own | SWITCHER.get(who, set()), name
            assert state() == before, name


def state():
    """Return what an act would change."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Application, Answer, Attachment, Site, MemberCount)
    ]
