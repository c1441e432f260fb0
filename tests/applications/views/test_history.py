"""History: who changed what when, for whom, in which words, at what cost."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications import history
from applications.domain import answers, rows, submission
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import (
    Answer,
    Application,
    Attachment,
    LateAccess,
    MemberCount,
    Practice,
    Site,
)
from applications.views.history import parse_cursor, write_cursor
from core.times import long
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db
LONG, OTHER, SHORT = "population_why", "disparity", "sponsor_name"


@pytest.fixture(autouse=True)
def _own_clock(transactional_db):
    """Each statement commits, so that every event has a time of its own."""


def page(client, application, query=""):
    return client.get(reverse("applications:history", args=[application.pk]) + query)


def entries(client, application, query=""):
    return page(client, application, query).context["entries"]


def save(application, by, **values):
    versions = dict(Answer.objects.filter(application=application).values_list("key", "version"))
    return answers.save(application, values=values, bases=versions, by=by)


def age(minutes, model=Answer):
    """Move the last event back in time, as if somebody had typed it then."""
    table = model._meta.db_table + "event"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"UPDATE {table} SET pgh_created_at = pgh_created_at - %s "
            f"WHERE pgh_id = (SELECT max(pgh_id) FROM {table})",
            [timedelta(minutes=minutes)],
        )
        cursor.execute("SET session_replication_role = DEFAULT")


def test_autosaves_of_one_person_within_ten_minutes_are_one_entry(as_hat, draft, owner):
    for minutes, text in ((12, "We see"), (3, "We see many"), (0, "We see many of them")):
        save(draft, owner, **{LONG: text})
        age(minutes)
    found = [e for e in entries(as_hat(owner), draft) if e.differences]
    assert [(e.title, e.who, e.section) for e in found] == [
        ("Why this population?", "Ana Ruiz", "Population of focus")
    ]
    [changed] = found[0].differences
    assert [(part.kind, part.text) for part in changed.parts] == [("added", "We see many of them")]


@pytest.mark.parametrize("break_by", ["a pause", "another person"])
def test_a_pause_or_another_person_begins_a_new_entry(as_hat, draft, owner, contributor, break_by):
    save(draft, owner, **{LONG: "We see few"})
    age(30 if break_by == "a pause" else 1)
    save(draft, contributor if break_by == "another person" else owner, **{LONG: "We see many"})
    found = [e for e in entries(as_hat(owner), draft) if e.differences]
    assert [[(p.kind, p.text) for p in e.differences[0].parts] for e in found] == [
        [("same", "We see"), ("removed", " few"), ("added", " many")],
        [("added", "We see few")],
    ]
    assert found[0].who == ("Bo Li" if break_by == "another person" else "Ana Ruiz")


def test_two_questions_are_two_entries_and_short_values_show_before_and_after(as_hat, draft, owner):
    save(draft, owner, **{SHORT: "Ana"})
    age(20)
    save(draft, owner, **{SHORT: "Bo", OTHER: "Few"})
    found = [e for e in entries(as_hat(owner), draft) if e.differences]
    assert {(e.title, d.before, d.after) for e in found for d in e.differences} == {
        ("Executive sponsor", "", "Ana"),
        ("Executive sponsor", "Ana", "Bo"),
        ("Which difference in care or health will you reduce?", "", ""),
    }


def test_what_was_typed_and_taken_back_is_no_entry(as_hat, draft, owner):
    save(draft, owner, **{LONG: "We see few"})
    age(30)
    for text in ("We see fewer", "We see few"):
        save(draft, owner, **{LONG: text})
    assert len([e for e in entries(as_hat(owner), draft) if e.differences]) == 1


def test_hostile_text_is_shown_as_typed(as_hat, draft, owner):
    save(draft, owner, **{LONG: "<b>bold</b> =cmd| \u202eabc 🙂 %s %(x)s"})
    text = page(as_hat(owner), draft).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt; =cmd| \u202eabc 🙂 %s %(x)s" in text


def test_person_comes_from_the_request(as_hat, draft, owner):
    client = as_hat(owner)
    site = Site.objects.create(practice_id=draft.practice_id)
    url = reverse("applications:sites")
    client.post(
        url,
        {"form-0-name": "North Clinic"}
        | {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": site.pk},
    )
    Site.objects.filter(pk=site.pk).update(name="South Clinic")
    titles = [e.title for e in entries(client, draft)]
    assert "South Clinic: added" in titles


def test_sites_members_profile_and_plan_with_their_labels(as_hat, draft, owner):
    practice = Practice.objects.get(pk=draft.practice_id)
    Application.objects.update(created_at=timezone.now() - timedelta(days=1))
    age(2000, Practice)
    site = Site.objects.create(practice=practice, name="Main Street", zip_code="93701")
    plan = OrganisationFactory(kind="mcp", name="CalViva")
    count = MemberCount.objects.create(practice=practice, plan=plan, members=900)
    for model in (Site, MemberCount):
        age(20, model)
    Site.objects.filter(pk=site.pk).update(zip_code="93650")
    MemberCount.objects.filter(pk=count.pk).update(members=1240, as_of=date(2026, 1, 31))
    Practice.objects.filter(pk=practice.pk).update(ehr="Epic", tin_last4="9876")
    Application.objects.filter(pk=draft.pk).update(designated_mcp=plan)
    response = page(as_hat(owner), draft)
    found = {
        (e.title, d.label, d.before, d.after)
        for e in response.context["entries"]
        for one in e.differences
        for d in one.cells or [one]
    }
    assert found >= {
        ("Main Street: added", "Site", "", "Main Street"),
        ("Main Street", "ZIP code", "93701", "93650"),
        ("CalViva: added", "Assigned members", "", "900"),
        ("CalViva", "Assigned members", "900", "1,240"),
        ("CalViva", "Counted on", "", "Jan 31, 2026"),
        ("Practice details", "Electronic health record (EHR)", "OpenEMR", "Epic"),
        ("Practice details", "The TIN changed. It is not shown here.", "", ""),
        ("Plan that scores this", "", draft.designated_mcp.name, "CalViva"),
    }
    text = response.content.decode()
    assert "9876" not in text
    assert "4567" not in text


def test_changes_before_and_after_a_signature_are_two_entries(as_hat, ready, owner, hat_of):
    save(ready, owner, **{LONG: "Before the signature."})
    submission.submit(ready, signed_name="Ana", signed_title="Owner", by=owner)
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    apply_transition(ready, "return", by=lead, reason="More.")
    ready.refresh_from_db()
    save(ready, owner, **{LONG: "After the return."})
    values = dict.fromkeys(
        (h.before["value"], h.after["value"])
        for h in history.happenings(ready, steps=[], own=True)[0]
        if h.source == "answer" and h.before and h.after["key"] == LONG
    )
    assert ("Before the signature.", "After the return.") in values


def test_removed_site_and_plan_stay_in_the_history(as_hat, draft, owner):
    practice = Practice.objects.get(pk=draft.practice_id)
    Application.objects.update(created_at=timezone.now() - timedelta(days=1))
    site = Site.objects.create(practice=practice, name="South Clinic", zip_code="93701")
    plan = OrganisationFactory(kind="mcp", name="CalViva")
    count = MemberCount.objects.create(practice=practice, plan=plan, members=900)
    for model in (Site, MemberCount):
        age(20, model)
    web = as_hat(owner)
    for row in (site, count):
        rows.remove(row, seen=rows.fingerprint(row), by=owner)
    titles = [e.title for e in entries(web, draft)]
    assert titles.count("South Clinic: removed") == 1
    assert titles.count("CalViva: removed") == 1


def test_version_of_the_practice_alone_is_no_entry(as_hat, draft, owner):
    for version in (2, 3):
        Practice.objects.filter(pk=draft.practice_id).update(version=version)
    assert "Practice details" not in [e.title for e in entries(as_hat(owner), draft)]


def test_facts_from_before_the_application_and_of_others_are_not_in_it(as_hat, draft, owner):
    other = ApplicationFactory()
    Site.objects.create(practice_id=other.practice_id, name="Not mine")
    save(other, owner, **{LONG: "Not mine either"})
    assert [e.title for e in entries(as_hat(owner), draft)] == [
        "Application started",
    ]


def test_files_late_access_and_steps_in_the_practice_words(
    as_hat, ready, owner, hat_of, monkeypatch
):
    monkeypatch.setattr(history, "PAGE", 200)
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp, user__full_name="Secret Reviewer")
    now = timezone.now()
    until = datetime(2026, 12, 24, 1, 0, tzinfo=UTC)
    LateAccess.objects.create(
        practice=ready.practice, cycle=ready.cycle, until=until, reason="Flood",
        granted_by="Di (DHCS administrator, DHCS)", created_at=now,
    )  # fmt: skip
    plan = {
        "application": ready,
        "kind": "other",
        "size": 9,
        "scan": "clean",
        "uploaded_by": "Ana Ruiz (Owner, X)",
    }
    new = Attachment.objects.create(
        **plan, name="b.pdf", storage_name="2", created_at=now + timedelta(seconds=2)
    )
    Attachment.objects.create(
        **plan, name="a.pdf", storage_name="1", created_at=now + timedelta(seconds=1),
        ended_at=now + timedelta(seconds=2), ended_by="Bo Li (Contributor, X)", replaced_by=new,
    )  # fmt: skip
    submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    apply_transition(ready, "start_review", by=lead)
    apply_transition(ready, "return", by=lead, reason="Add a date.")
    response = page(as_hat(owner), ready)
    found = [(e.title, e.who, e.note) for e in response.context["entries"] if not e.differences]
    assert sorted(found) == sorted(
        [
            (
                "Your plan sent your application back to you for correction",
                "Your plan",
                "Add a date.",
            ),
            ("Your plan started its review", "Your plan", ""),
            ("You submitted your application", "Ana Ruiz", ""),
            (f"You may apply late, until {long(until)}", "DHCS", "Flood"),
            ("File added: a.pdf", "Ana Ruiz", ""),
            ("File a.pdf replaced by b.pdf", "Ana Ruiz", ""),
            ("Application started", "The portal", ""),
        ]
    )
    assert "Secret Reviewer" not in response.content.decode()


def test_steps_that_only_staff_know_are_not_told_to_the_practice(as_hat, owner, ready, hat_of):
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    apply_transition(ready, "start_review", by=lead)
    numbers = {"mcp_score": 61, "priority_points": 0, "adjusted_score": 61}
    apply_transition(ready, "confirm_score", by=lead, changes=numbers)
    words = {"recommended": False}
    apply_transition(ready, "do_not_recommend", by=lead, reason="Weak plan", changes=words)
    mine = page(as_hat(owner), ready)
    assert "Weak plan" not in mine.content.decode()
    assert "Your plan passed your application on to DHCS" in [
        e.title for e in mine.context["entries"]
    ]
    theirs = [(e.title, e.note) for e in entries(as_hat(lead), ready)]
    assert theirs == [
        ("Not recommended", "Weak plan"),
        ("Scored", ""),
        ("In review", ""),
        ("Submitted", ""),
    ]


def test_staff_see_what_changed_between_submissions_and_no_draft(as_hat, ready, owner, hat_of):
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    save(ready, owner, **{LONG: "A draft sentence that nobody signed"})
    save(ready, owner, **{LONG: "We see few of them"})
    submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    apply_transition(ready, "return", by=lead, reason="Say how many.")
    save(Application.objects.get(), owner, **{LONG: "Half a thought"})
    save(Application.objects.get(), owner, **{LONG: "We see 40 of them"})
    submission.submit(
        Application.objects.get(), signed_name="Ana Ruiz", signed_title="Owner", by=owner
    )
    for hat in (lead, hat_of(Role.DHCS_ANALYST), hat_of(Role.AUDITOR)):
        response = page(as_hat(hat), ready)
        found = response.context["entries"]
        assert [e.title for e in found] == [
            "Submitted again",
            "Returned for correction",
            "Submitted",
        ]
        [section] = found[0].changes
        [changed] = section.differences
        assert [(p.kind, p.text) for p in changed.parts if p.kind != "same"] == [
            ("removed", " few"),
            ("added", " 40"),
        ]
        text = response.content.decode()
        assert "nobody signed" not in text
        assert "Half a thought" not in text


def test_who_has_no_history(as_hat, hat_of, stranger, ready, owner):
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    assert page(as_hat(lead), ready).status_code == 404
    submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    assert page(as_hat(lead), ready).status_code == 200
    others = [
        hat_of(Role.MCP_REVIEWER, ready.designated_mcp),
        hat_of(Role.MCP_LEAD),
        hat_of(Role.MILESTONE_REVIEWER),
        stranger,
    ]
    assert [page(as_hat(hat), ready).status_code for hat in others] == [404] * 4


def test_pages_follow_each_other_without_a_gap_or_a_repetition(as_hat, draft, owner, monkeypatch):
    keys = [q.key for q in draft.cycle.definition.questions() if q.kind == "long_text"][:7]
    save(draft, owner, **dict.fromkeys(keys, "Text"))
    client = as_hat(owner)
    whole = [(e.at, e.title) for e in entries(client, draft)]
    monkeypatch.setattr(history, "PAGE", 3)
    collected, query = [], ""
    while True:
        response = page(client, draft, query)
        collected += [(e.at, e.title) for e in response.context["entries"]]
        query = response.context["earlier_url"]
        if not query:
            break
    assert collected == whole
    assert len(whole) == 8


@pytest.mark.parametrize(
    "text",
    ["x", "~", "2026-01-01~a~1", "2026-01-01T00:00+00:00~a~" + "9" * 400, "\x00~a~1", "~" * 99,
     "2026-01-01T00:00+00:00~a~٣", "0001-01-01T00:00+00:00~a~1", "9999-12-31T23:59-12:00~step~1"],
)  # fmt: skip
def test_address_that_nobody_wrote_is_the_newest_page_or_an_empty_one(as_hat, draft, owner, text):
    client = as_hat(owner)
    response = client.get(reverse("applications:history", args=[draft.pk]), {"before": text})
    assert response.status_code == 200


def test_cursor_is_read_as_it_was_written():
    cursor = (datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), "answer", 12)
    assert parse_cursor(write_cursor(cursor)) == cursor


@pytest.mark.parametrize("count", [1, 3, 300])
def test_history_costs_what_it_shows(as_hat, draft, owner, django_assert_num_queries, count):
    client = as_hat(owner)
    page(client, draft)
    question = next(q.key for q in draft.cycle.definition.questions() if q.kind == "long_text")
    row = Answer.objects.create(application=draft, key=question, value="0", updated_by="x0")
    for number in range(1, count):
        row.value, row.updated_by = str(number), f"x{number}"
        row.save()
    with django_assert_num_queries(6):
        response = page(client, draft)
    assert len(response.context["entries"]) == min(count + 1, history.PAGE)


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RETURNED])
def test_history_of_staff_costs_the_same_for_one_step_and_three(
    as_hat, hat_of, owner, ready, status, django_assert_num_queries
):
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    if status == Status.RETURNED:
        apply_transition(ready, "start_review", by=lead)
        apply_transition(ready, "return", by=lead)
    client = as_hat(lead)
    page(client, ready)
    with django_assert_num_queries(5):
        page(client, ready)
