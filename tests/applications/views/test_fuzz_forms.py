"""Every form of the portal but the sections: hostile text is kept as typed, or refused with a sentence."""

import logging
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from hypothesis import example, given

from accounts.domain import invitations
from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from applications.models import (
    Answer,
    Application,
    ApplicationTransition,
    CorrectionNote,
    LateAccess,
    MemberCount,
    Message,
    Practice,
    Site,
    Submission,
)
from notifications.models import OutboxEmail
from tests.applications import filing
from tests.factories.applications import ApplicationFactory
from tests.hostile import ALERT, BATTERY, FEW, MILLION, MIXED, NASTY, OTHERS, TYPED, shows, undone
from tests.scoring.building import in_review
from tests.signing import ATTESTED, seen
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet():
    """Hundreds of refusals are expected; each would be logged."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@dataclass(repr=False)
class Stage:
    """People at their browsers, and what they act on."""

    web: dict[str, Client]
    hats: dict[str, Membership]
    draft: Application
    sent: Application
    ids: dict[str, int]


@pytest.fixture
def stage(as_hat, hat_of, owner, ready, client, files_folder):
    site, count = Site.objects.get(), MemberCount.objects.get()
    file = filing.add(ready, owner)
    colleague = hat_of(Role.PRACTICE_CONTRIBUTOR, ready.practice)
    invited = invitations.invite(email="i@b.example", role=colleague.role, by=owner)
    sent = ApplicationFactory(status="submitted", cycle=ready.cycle)
    review = in_review(cycle=ready.cycle)
    hats = {
        "owner": owner,
        "sender": hat_of(Role.PRACTICE_OWNER, sent.practice),
        "lead": hat_of(Role.MCP_LEAD, sent.designated_mcp),
        "administrator": hat_of(Role.DHCS_ADMINISTRATOR),
        "analyst": hat_of(Role.DHCS_ANALYST),
        "reviewer": review.reviewer,
        "other lead": review.lead,
    }
    web = {name: as_hat(hat) for name, hat in hats.items()} | {"nobody": client}
    for name in ("owner", "sender"):
        confirm_identity(web[name], hats[name].user)
    ids = {
        "site": site.pk,
        "member": count.pk,
        "file": file.pk,
        "colleague": colleague.pk,
        "invited": invited.pk,
        "draft": ready.pk,
        **seen(ready),
        "sent": sent.pk,
        "reviewed": review.application.pk,
        "sheet": review.sheet.pk,
        "assignment": review.sheet.assignment_id,
        "practice": ready.practice_id,
        "plan": ready.designated_mcp_id,
    }
    return Stage(web, hats, ready, sent, ids)


@dataclass(frozen=True)
class Form:
    """Who posts what to where. `{name}` in keys and arguments stands for an id of the stage."""

    who: str
    url: str
    data: dict[str, str]
    of: tuple[str, ...] = ()
    versioned: bool = False
    ends: tuple[int, ...] = (302, 409, 422)

    def ready(self, stage: Stage) -> tuple[Client, str, dict[str, str]]:
        """Return browser, address and what is typed."""
        args = [stage.ids.get(name, name) for name in self.of]
        data = {
            key.format(**stage.ids): value.format(**stage.ids) for key, value in self.data.items()
        }
        return stage.web[self.who], reverse(self.url, args=args), data

    def sent(self, data: dict[str, str], version: str = "0") -> dict[str, str]:
        """Return what the browser sends: with the version of each field where the form has them."""
        versions = {f"version:{key}": version for key in data} if self.versioned else {}
        return data | versions


PROFILE = {
    "name": "Practice",
    "dba": "Clinic",
    "npi": "1234567893",
    "tin": "94-1234567",
    "specialties": "family_medicine",
    "practice_types": "small_independent",
    "ehr": "OpenEMR",
    "website": "https://practice.example",
}
SITE = {
    "site-{site}-name": "Main",
    "site-{site}-street": "1 Main",
    "site-{site}-city": "Fresno",
    "site-{site}-zip_code": "93701",
    "site-{site}-npi": "",
}
MEMBER = {
    "member-{member}-plan": "{plan}",
    "member-{member}-members": "920",
    "member-{member}-as_of": "2026-01-31",
    "designated_mcp": "{plan}",
}
RETURN = {"reason": "Count again.", "note_members": "Count.", "note_population": "Say why."}
CHECK = {
    "specialties": "family_medicine",
    "members": "920",
    "county": "Fresno",
    "plan": "",
    "phmcat": "yes",
    "phmcat_day": "2023-09-01",
    "survey": "yes",
    "survey_day": "2023-09-01",
}
LATE = {"practice": "{practice}", "day": "2026-12-30", "time": "17:00", "reason": "Flood"}
SIGNED = {**ATTESTED, "signed_name": "Ana Ruiz", "signed_title": "Owner", "seen": "{seen}"}
SIGN_UP = {"full_name": "Ana", "email": "ana@b.example", "password1": "walnut-orchard-91"}
ALLAUTH = (200, 302)
FORMS = {
    "sign up": Form("nobody", "account_signup", SIGN_UP, ends=ALLAUTH),
    "sign in": Form("nobody", "account_login", {"login": "a@b.ex", "password": "x", "next": "/"},
                    ends=ALLAUTH),
    "reset": Form("nobody", "account_reset_password", {"email": "a@b.example"}, ends=ALLAUTH),
    "confirm": Form("owner", "account_reauthenticate", {"password": "x", "next": "/"}, ends=ALLAUTH),
    "language": Form("owner", "set_language", {"language": "es", "next": "/"}, ends=(302, 404)),
    "check": Form("nobody", "applications:check", CHECK),
    "new practice": Form("owner", "applications:new_practice", {"name": "Practice"}),
    "profile": Form("owner", "applications:profile", PROFILE, versioned=True),
    "sites": Form("owner", "applications:sites", {**SITE, "remove": "", "add": "1"}, versioned=True),
    "members": Form("owner", "applications:members", {**MEMBER, "remove": ""}, versioned=True),
    "paste sites": Form("owner", "applications:paste_sites", {"text": "a,b", "add": "good"},
                        ends=(200, 302, 409, 422)),
    "paste members": Form("owner", "applications:paste_members", {"text": "a,b", "add": "good"},
                          ends=(200, 302, 409, 422)),
    "remove site": Form("owner", "applications:remove_site", {"seen": ""}, ("site",)),
    "remove member": Form("owner", "applications:remove_member", {"seen": ""}, ("member",)),
    "add file": Form("owner", "applications:application_documents", {"kind": "other", "file": "x"},
                     ("draft",)),
    "replace file": Form("owner", "applications:replace_file", {"file": "x"}, ("file",)),
    "invite": Form("owner", "accounts:invite",
                   {"email": "n@b.example", "role": "practice_contributor"}),
    "role": Form("owner", "accounts:role", {"role": "practice_owner"}, ("colleague",)),
    "resend": Form("owner", "accounts:resend", {"x": ""}, ("invited",)),
    "message": Form("sender", "applications:messages", {"text": "Hello"}),
    "plan's message": Form("lead", "scoring:message", {"text": "Hello"}, ("sent",)),
    "return": Form("lead", "scoring:return", RETURN, ("sent",)),
    "late access": Form("administrator", "applications:late_access", LATE),
    "withdraw": Form("sender", "applications:withdraw", {"reason": "No time"}, ("sent",)),
    "sign": Form("owner", "applications:submit", SIGNED, ("draft",)),
    "import": Form("lead", "applications:import", {"file": "x"}),
    "confirm import": Form("lead", "applications:import_preview", {"partial": "1"}),
    "presence": Form("owner", "applications:presence", {"progress": "1"}, ("draft", "population"),
                     ends=(200,)),
    "assign": Form("other lead", "scoring:assign", {"reviewer": "1"}, ("reviewed",)),
    "recommend": Form("other lead", "scoring:recommend",
                      {"recommended": "yes", "reason": "Good", "note": ""}, ("reviewed",)),
    "end review": Form("other lead", "scoring:end", {"reason": "Ill"}, ("reviewed", "assignment")),
}  # fmt: skip
SAID = ("error-summary__list", "usa-alert", "notice")


@pytest.mark.parametrize("name", FORMS)
def test_no_form_breaks_and_each_refusal_is_said(stage, name):
    form = FORMS[name]
    web, url, data = form.ready(stage)
    for field in data:
        for text in BATTERY if field != next(iter(data)) else (*BATTERY, MILLION):
            with undone():
                response = web.post(url, form.sent(data | {field: text}))
            told = (field, text[:40], response.status_code)
            assert response.status_code in form.ends, told
            if response.status_code in (409, 422):
                page = response.content.decode()
                assert any(mark in page for mark in SAID), told
    for text in BATTERY if form.versioned else ():
        if len(text) < 10_000:
            with undone():
                response = web.post(url, form.sent(data, text))
            assert response.status_code in form.ends, text[:40]


CONTROLS = {
    "applications:profile": list(PROFILE),
    "applications:sites": [*list(SITE), "site-99999999-zip_code", "site-99999999-name"],
    "applications:members": [*list(MEMBER), "member-99999999-members"],
}


@pytest.mark.parametrize("url", CONTROLS)
def test_no_autosave_breaks(stage, url):
    web = stage.web["owner"]
    for control in (one.format(**stage.ids) for one in CONTROLS[url]):
        for text in BATTERY:
            tries = (
                {"autosave": control, control: text, f"version:{control}": "0"},
                {"autosave": control, control: text, f"version:{control}": text},
                {"autosave": control + text[:200], control: text},
            )
            for data in tries:
                with undone():
                    response = web.post(reverse(url), data, headers={"X-Autosave": "1"})
                assert response.status_code in (200, 409, 422), (control, text[:40])
                assert response["Content-Type"] == "application/json"
        bare = web.post(reverse(url), {"autosave": control}, headers={"X-Autosave": "1"})
        assert bare.status_code in (200, 422), control


def last(model, field):
    """Return a field of the row that was stored last."""
    return model.objects.order_by("-pk").values_list(field, flat=True)[0]


STORED = {
    "new practice": ("name", lambda: last(Organisation, "name"), "applications:practice"),
    "withdraw": ("reason", lambda: last(ApplicationTransition, "reason"), "applications:status"),
    "message": ("text", lambda: last(Message, "text"), "applications:messages"),
    "late access": ("reason", lambda: last(LateAccess, "reason"), "applications:late_access"),
    "return": ("note_population", lambda: last(CorrectionNote, "text"), None),
    "sign": ("signed_name", lambda: last(Submission, "signed_name"), None),
    "sign up": ("full_name", lambda: last(User, "full_name"), None),
}
OF_PRACTICE = {
    "name": lambda stage: Organisation.objects.get(pk=stage.draft.practice_id).name,
    "dba": lambda stage: Practice.objects.get(pk=stage.draft.practice_id).dba,
    "ehr": lambda stage: Practice.objects.get(pk=stage.draft.practice_id).ehr,
}
OF_SITE = {"name": "name", "street": "street", "city": "city"}


@pytest.mark.parametrize("name", STORED)
@FEW
@given(text=TYPED)
@example(text=MIXED)
@example(text=OTHERS[:140])
def test_what_is_accepted_is_stored_and_shown_as_typed(stage, name, text):
    field, stored, page = STORED[name]
    web, url, data = FORMS[name].ready(stage)
    with undone():
        response = web.post(url, data | {field: text})
        if not text.strip() or len(text) > 100:
            return
        assert response.status_code == 302
        assert stored() == text.strip()
        if page:
            found = web.get(reverse(page), follow=True)
            assert shows(found.content.decode(), text.strip()), text


@FEW
@given(text=TYPED)
@example(text=MIXED[:100])
def test_the_practice_s_own_texts_are_stored_and_shown_as_typed(stage, text):
    web = stage.web["owner"]
    kept = text[:100].strip()
    for field, stored in OF_PRACTICE.items():
        with undone():
            data = {"autosave": field, field: text[:100], f"version:{field}": "0"}
            answer = web.post(reverse("applications:profile"), data, headers={"X-Autosave": "1"})
            if field == "name" and not kept:
                assert answer.json()["errors"][field]
                continue
            assert (answer.status_code, answer.json()["errors"], stored(stage)) == (200, {}, kept)
            assert shows(web.get(reverse("applications:profile")).content.decode(), kept)
            review = reverse("applications:review", args=[stage.draft.pk])
            assert shows(web.get(review).content.decode(), kept)
    with undone():
        sites = reverse("applications:sites")
        typed = {f"site-{stage.ids['site']}-{field}": text[:100] for field in OF_SITE}
        assert web.post(sites, typed | {f"version:{key}": "0" for key in typed}).status_code == 302
        row = Site.objects.get(pk=stage.ids["site"])
        assert [getattr(row, field) for field in OF_SITE] == [kept] * 3
        assert shows(web.get(sites).content.decode(), kept)


TYPED_AND_REFUSED = [
    ("message", "text", "x" * 4900 + MIXED + "y" * 200),
    ("withdraw", "reason", "x" * 1900 + MIXED + "y" * 200),
    ("late access", "reason", "x" * 1900 + MIXED + "y" * 200),
    ("new practice", "name", MIXED + "y" * 200),
    ("sign", "signed_title", MIXED + "y" * 200),
    ("profile", "ehr", MIXED + "y" * 200),
    ("profile", "website", "javascript:" + MIXED[:80]),
    ("sites", "site-{site}-city", MIXED + "y" * 200),
    ("sites", "site-{site}-zip_code", "=9370"),
    ("members", "member-{member}-members", "-1" + MIXED[:80]),
    ("invite", "email", MIXED[:80]),
    ("check", "members", MIXED[:80]),
    ("paste sites", "text", ",,,\n" * 201 + MIXED),
    ("late access", "time", MIXED[:80]),
    ("sign up", "email", MIXED[:80]),
]


@pytest.mark.parametrize(("name", "field", "text"), TYPED_AND_REFUSED)
def test_what_is_refused_stays_on_the_page(stage, name, field, text):
    web, url, data = FORMS[name].ready(stage)
    key = field.format(**stage.ids)
    response = web.post(url, FORMS[name].sent(data | {key: text}))
    assert response.status_code == (200 if name == "sign up" else 422)
    page = response.content.decode()
    summary = page.partition('error-summary__list">')[2].partition("</ul>")[0]
    assert f'href="#id_{key}"' in summary
    assert all(escape(line) in page for line in text.strip().splitlines() if "\x0b" not in line)


def test_a_name_with_a_line_break_does_not_reach_the_head_of_an_email(stage):
    Organisation.objects.filter(pk=stage.sent.practice_id).update(name=NASTY[7])
    User.objects.filter(pk=stage.hats["sender"].user_id).update(full_name=NASTY[7])
    web, url, data = FORMS["message"].ready(stage)
    assert web.post(url, data | {"text": "Hello"}).status_code == 302
    email = OutboxEmail.objects.latest("pk")
    assert email.subject.splitlines() == [email.subject]


def test_every_page_and_file_of_a_hostile_application_opens(stage):
    web, draft = stage.web["owner"], stage.draft
    Organisation.objects.filter(pk=draft.practice_id).update(name=MIXED)
    Practice.objects.filter(pk=draft.practice_id).update(dba=OTHERS, ehr=MIXED[:90])
    Site.objects.filter(practice=draft.practice_id).update(
        name=MIXED, street=OTHERS, city=MIXED[:90]
    )
    for answer in Answer.objects.filter(application=draft, key__endswith="_why"):
        answer.value = "\n".join(NASTY)
        answer.save()
    for name in ("home", "practice", "profile", "sites", "status"):
        page = web.get(reverse(f"applications:{name}")).content.decode()
        assert ALERT not in page, name
    for name in ("review", "history"):
        address = reverse(f"applications:{name}", args=[draft.pk])
        assert shows(web.get(address).content.decode(), NASTY[3]), name
    pdf = web.get(reverse("applications:application_pdf", args=[draft.pk]))
    assert pdf.content.startswith(b"%PDF")
    exported = web.get(reverse("applications:draft_json", args=[draft.pk])).json()
    assert exported["practice"]["dba"] == OTHERS


def test_a_form_of_thousands_of_fields_is_refused(stage):
    web = stage.web["owner"]
    data = {f"site-{number}-name": "x" for number in range(1500)}
    assert web.post(reverse("applications:sites"), data).status_code in (400, 409, 422)
    assert web.post(reverse("applications:sites"), dict(list(data.items())[:900])).status_code < 500
