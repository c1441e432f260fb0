"""Staff notes, mentions and flags: who writes, who is told, and who never reads a word of them."""

import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import flags, notes
from selection.models import Flag, Mention, StaffNote
from selection.queries.notes import mentions_of, unseen_count
from tests.factories.programs import CycleFactory
from tests.scoring.building import in_review
from tests.scoring.conflicting import check
from tests.selection.building import handed_over, owner_of

pytestmark = pytest.mark.django_db
SECRET = "Zanzibar: the budget of this one looks thin"


@pytest.fixture
def application():
    return handed_over(CycleFactory(), 70)


@pytest.fixture
def colleague(hat_of, analyst):
    return hat_of(Role.DHCS_APPROVER, analyst.organisation, user__full_name="Ana Ruiz")


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def page(web, application, **query):
    return text_of(web.get(reverse("selection:application", args=[application.pk]), query))


def post_note(web, application, text=SECRET, **data):
    address = reverse("selection:notes", args=[application.pk])
    return web.post(address, {"text": text, **data})


def test_note_is_kept_and_shown_with_author(as_hat, analyst, application):
    response = post_note(as_hat(analyst), application)
    here = reverse("selection:application", args=[application.pk])
    assert (response.status_code, response.url) == (302, f"{here}#notes")
    note = StaffNote.objects.get()
    assert (note.text, note.author, note.removed_at) == (SECRET, analyst.user, None)
    text = page(as_hat(analyst), application)
    assert SECRET in text
    assert "Remove my note" in text


def test_ticked_colleague_is_told_without_the_text(as_hat, analyst, colleague, application):
    post_note(as_hat(analyst), application, mentioned=[colleague.pk])
    assert list(Mention.objects.values_list("person", "seen_at")) == [(colleague.user_id, None)]
    email = OutboxEmail.objects.get(kind="mention")
    assert email.to == colleague.user.email
    assert "Zanzibar" not in email.subject + email.body
    assert f"/queue/{application.pk}/#note-" in email.body


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@Ana Ruiz look here", True),
        ("look here, @ana  RUIZ.", True),
        ("@Ana Ruiz-Lopez look", False),
        ("@Ana", False),
        ("Ana Ruiz", False),
    ],
)
def test_name_after_an_at_is_a_mention(as_hat, analyst, colleague, application, text, told):
    post_note(as_hat(analyst), application, text=text)
    assert Mention.objects.filter(person=colleague.user).exists() is told


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Nobody Here look", "“@Nobody Here”"),
        ("Ask @Nobody Here. And @ana, (@Maria de la Cruz)", "“@Nobody Here”, “@ana”, “@Maria”"),
        ("@Ana Ruiz-Lopez and @Ana Ruiz", "“@Ana Ruiz-Lopez”"),
    ],
)
def test_name_that_is_no_colleagues_is_told_and_the_note_kept(
    as_hat, analyst, colleague, application, text, names
):
    web = as_hat(analyst)
    address = post_note(web, application, text=text)["Location"]
    assert "#" not in address  # the message is at the top
    shown = unescape(web.get(address).content.decode())
    assert f"Nobody was told about {names}: no colleague with this full name" in shown
    assert StaffNote.objects.get().text == text


@pytest.mark.parametrize("text", ["@Ana Ruiz look", "write to x@Nobody.example", "5 @ 3", "@ you"])
def test_nothing_is_said_when_every_name_is_known(as_hat, analyst, colleague, application, text):
    web = as_hat(analyst)
    text = f"{text} @{analyst.user.full_name}"
    shown = unescape(web.get(post_note(web, application, text=text)["Location"]).content.decode())
    assert "Your note is kept" in shown
    assert "Nobody was told" not in shown


def test_ticking_and_naming_is_one_mention_and_oneself_is_none(
    as_hat, analyst, colleague, application
):
    text = f"@Ana Ruiz and @{analyst.user.full_name}"
    post_note(as_hat(analyst), application, text=text, mentioned=[colleague.pk])
    assert list(Mention.objects.values_list("person", flat=True)) == [colleague.user_id]
    assert OutboxEmail.objects.filter(kind="mention").count() == 1


def test_person_with_two_roles_is_one_to_tick(as_hat, analyst, colleague, application, hat_of):
    hat_of(Role.DHCS_ANALYST, analyst.organisation, user=colleague.user)
    web = as_hat(analyst)
    ticks = re.findall(r'name="mentioned" value="(\d+)"', page(web, application))
    assert len(ticks) == 1
    post_note(web, application, mentioned=ticks)
    assert Mention.objects.count() == 1


def test_colleague_with_a_conflict_cannot_be_named(as_hat, analyst, colleague, application):
    check(application, colleague.user)
    web = as_hat(analyst)
    assert "Ana Ruiz" not in page(web, application)
    response = post_note(web, application, mentioned=[colleague.pk])
    assert "Choose from the answers in the list." in text_of(response, 422)
    post_note(web, application, text="@Ana Ruiz look")
    assert Mention.objects.count() == 0


def test_refused_note_keeps_what_was_typed(as_hat, analyst, application):
    web = as_hat(analyst)
    text = text_of(post_note(web, application, text="word " * 1200), 422)
    assert "word word" in text
    assert "Shorten this to 4000 characters." in text
    assert "Write the note first." in text_of(post_note(web, application, text="   "), 422)
    assert "null character" in text_of(post_note(web, application, text="a\x00b"), 422)
    assert StaffNote.objects.count() == 0


def test_note_is_escaped(as_hat, analyst, application):
    web = as_hat(analyst)
    post_note(web, application, text="<script>alert(1)</script>")
    raw = web.get(reverse("selection:application", args=[application.pk])).content.decode()
    assert "<script>alert(1)" not in raw


def test_own_note_is_removed_and_kept(as_hat, analyst, colleague, application):
    web = as_hat(analyst)
    post_note(web, application, mentioned=[colleague.pk])
    note = StaffNote.objects.get()
    web.post(reverse("selection:remove_note", args=[note.pk]))
    note.refresh_from_db()
    assert note.removed_at is not None
    assert note.text == SECRET
    assert SECRET not in page(web, application)
    assert unseen_count(colleague) == 0
    assert web.post(reverse("selection:remove_note", args=[note.pk])).status_code == 404
    with pytest.raises(WrongState):
        notes.remove(note, by=analyst)


def test_nobody_removes_the_note_of_another(as_hat, analyst, colleague, application):
    post_note(as_hat(analyst), application)
    note = StaffNote.objects.get()
    web = as_hat(colleague)
    assert "Remove my note" not in page(web, application)
    assert web.post(reverse("selection:remove_note", args=[note.pk])).status_code == 403
    with pytest.raises(DomainError):
        notes.remove(note, by=colleague)
    note.refresh_from_db()
    assert note.removed_at is None


def test_mention_is_seen_where_it_is_read(as_hat, analyst, colleague, application):
    post_note(as_hat(analyst), application, mentioned=[colleague.pk])
    assert unseen_count(colleague) == 1
    web = as_hat(colleague)
    text = text_of(web.get(reverse("selection:mentions")))
    assert SECRET in text
    assert "1 not seen yet" in text
    assert unseen_count(colleague) == 1
    page(web, application)
    assert unseen_count(colleague) == 0
    assert "0 not seen yet" in text_of(web.get(reverse("selection:mentions")))


def test_all_mentions_are_marked_as_seen_at_once(as_hat, analyst, colleague, application):
    for _ in range(3):
        post_note(as_hat(analyst), application, mentioned=[colleague.pk])
    web = as_hat(colleague)
    web.post(reverse("selection:mentions"))
    assert unseen_count(colleague) == 0
    assert mentions_of(colleague).count() == 3


def test_mention_is_gone_with_a_conflict(as_hat, analyst, colleague, application):
    post_note(as_hat(analyst), application, mentioned=[colleague.pk])
    check(application, colleague.user)
    text = text_of(as_hat(colleague).get(reverse("selection:mentions")))
    assert "Nobody mentions you" in text
    assert application.reference not in text
    assert unseen_count(colleague) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_mentions_cost_the_same(
    as_hat, analyst, colleague, application, count, django_assert_num_queries
):
    for _ in range(count):
        post_note(as_hat(analyst), application, mentioned=[colleague.pk])
    web = as_hat(colleague)
    web.get(reverse("selection:mentions"))
    with django_assert_num_queries(4):
        text = text_of(web.get(reverse("selection:mentions")))
    assert text.count("note-list__text") == count


def test_mentions_go_on_by_key(as_hat, analyst, colleague, application):
    people = [analyst, colleague]
    for n in range(53):
        notes.add(
            application, text=f"Note {n}.", mentioned=[colleague], colleagues=people, by=analyst
        )
    web = as_hat(colleague)
    first = text_of(web.get(reverse("selection:mentions")))
    link = re.search(r'href="(\?after=\d+)"', first)[1]
    second = text_of(web.get(reverse("selection:mentions") + link))
    found = re.findall(r"Note (\d+)\.", first + second)
    assert [int(n) for n in found] == list(range(52, -1, -1))


def test_flag_of_the_list_and_a_new_one(as_hat, analyst, application):
    web = as_hat(analyst)
    address = reverse("selection:flags", args=[application.pk])
    web.post(address, {"known": "Check members", "label": ""})
    web.post(address, {"known": "", "label": "  Call   the owner "})
    web.post(address, {"known": "", "label": "check MEMBERS"})
    rows = list(Flag.objects.order_by("pk").values_list("label", "raised_by", "cleared_at"))
    assert rows == [
        ("Check members", analyst.user_id, None),
        ("Call the owner", analyst.user_id, None),
    ]
    text = page(web, application)
    assert "Call the owner" in text
    choices = re.findall(r'<option value="([^"]+)"', text)
    assert "Check members" not in choices
    assert "Legal question" in choices


def test_used_flag_is_offered_on_another_application(as_hat, analyst, application):
    other = handed_over(application.cycle, 60)
    flags.put(other, label="Call the owner", by=analyst)
    assert '<option value="Call the owner"' in page(as_hat(analyst), application)
    flags.put(application, label="CALL the owner", by=analyst)
    assert set(Flag.objects.values_list("label", flat=True)) == {"Call the owner"}


def test_refused_flag_keeps_what_was_typed(as_hat, analyst, application):
    web = as_hat(analyst)
    address = reverse("selection:flags", args=[application.pk])
    assert "Choose a flag, or write a new one." in text_of(web.post(address, {}), 422)
    long = "flag " * 20
    assert long.strip() in text_of(web.post(address, {"label": long}), 422)
    assert text_of(web.post(address, {"known": "no such flag"}), 422)
    assert Flag.objects.count() == 0


def test_flag_is_taken_off_and_says_by_whom(as_hat, analyst, colleague, application):
    flag = flags.put(application, label="Legal question", by=analyst)
    web = as_hat(colleague)
    web.post(reverse("selection:clear_flag", args=[flag.pk]))
    flag.refresh_from_db()
    assert (flag.cleared_by, flag.cleared_at is None) == (colleague.user, False)
    text = page(web, application)
    assert "1 flag was taken off" in text
    assert "Flag “Legal question” taken off" in text
    web.post(reverse("selection:clear_flag", args=[flag.pk]))
    with pytest.raises(WrongState):
        flags.clear(flag, by=analyst)
    again = flags.put(application, label="Legal question", by=analyst)
    assert again.pk != flag.pk


def test_act_leads_back_into_the_view(as_hat, analyst, application):
    web = as_hat(analyst)
    flag = flags.put(application, label="Legal question", by=analyst)
    address = reverse("selection:clear_flag", args=[flag.pk]) + "?view=status%3Dscored"
    here = reverse("selection:application", args=[application.pk])
    assert web.post(address).url == f"{here}?view=status%3Dscored#flags"
    address = reverse("selection:notes", args=[application.pk]) + "?view=status%3Dscored"
    assert web.post(address, {"text": "x"}).url == f"{here}?view=status%3Dscored#notes"


def test_auditor_reads_and_writes_nothing(as_hat, hat_of, analyst, application):
    notes.add(application, text=SECRET, by=analyst)
    flag = flags.put(application, label="Legal question", by=analyst)
    web = as_hat(hat_of(Role.AUDITOR, analyst.organisation))
    text = page(web, application)
    assert SECRET in text
    assert "Keep the note" not in text
    assert post_note(web, application).status_code == 403
    address = reverse("selection:flags", args=[application.pk])
    assert web.post(address, {"label": "x"}).status_code == 403
    assert web.post(reverse("selection:clear_flag", args=[flag.pk])).status_code == 403
    assert (StaffNote.objects.count(), Flag.objects.filter(cleared_at=None).count()) == (1, 1)


def outsiders(application, hat_of):
    """Return a hat of every other kind that has to do with the application, or nothing."""
    review = in_review(cycle=application.cycle)
    plan = application.designated_mcp
    return [
        owner_of(application),
        hat_of(Role.PRACTICE_CONTRIBUTOR, application.practice),
        hat_of(Role.MCP_LEAD, plan),
        hat_of(Role.MCP_REVIEWER, plan),
        review.lead,
        review.reviewer,
        hat_of(Role.MILESTONE_REVIEWER),
    ]


def test_nobody_outside_dhcs_reads_notes_mentions_and_flags(as_hat, hat_of, analyst, application):
    outside = outsiders(application, hat_of)
    note = notes.add(application, text=SECRET, by=analyst)
    flag = flags.put(application, label="Quagga flag", by=analyst)
    pages = [
        reverse(name, args=[application.pk])
        for name in (
            "selection:application", "selection:notes", "selection:flags", "selection:declare",
            "selection:staff_conflicts", "scoring:application", "applications:review",
            "applications:history", "scoring:packet",
        )
    ] + [reverse(name) for name in (
        "selection:queue", "selection:mentions", "selection:my_conflicts", "applications:home",
        "applications:messages", "applications:status", "scoring:applications", "scoring:mine",
        "scoring:exports",
    )]  # fmt: skip
    for hat in outside:
        web = as_hat(hat)
        for address in pages:
            body = web.get(address).content
            assert b"Zanzibar" not in body, (hat.role, address)
            assert b"Quagga" not in body, (hat.role, address)
        for name, row in (("remove_note", note), ("clear_flag", flag)):
            response = web.post(reverse(f"selection:{name}", args=[row.pk]))
            assert response.status_code == 404, (hat.role, name)
        assert post_note(web, application).status_code in (403, 404)
    assert StaffNote.objects.get().removed_at is None
    assert Flag.objects.get().cleared_at is None


def test_staff_with_a_conflict_reads_no_note_and_acts_on_none(as_hat, hat_of, analyst, application):
    note = notes.add(application, text=SECRET, by=analyst)
    flag = flags.put(application, label="Quagga flag", by=analyst)
    check(application, analyst.user)
    web = as_hat(analyst)
    for name, row in (
        ("application", application), ("notes", application), ("flags", application),
        ("remove_note", note), ("clear_flag", flag),
    ):  # fmt: skip
        for method in (web.get, web.post):
            response = method(reverse(f"selection:{name}", args=[row.pk]))
            assert response.status_code in (404, 405), name
            assert b"Zanzibar" not in response.content
    assert StaffNote.objects.get().removed_at is None


def test_note_names_only_colleagues_of_the_organisation(analyst, application, hat_of):
    stranger = hat_of(Role.DHCS_ANALYST)
    with pytest.raises(DomainError):
        notes.add(application, text="x", mentioned=[stranger], colleagues=[analyst], by=analyst)
    assert StaffNote.objects.count() == 0
    assert Membership.objects.filter(pk=stranger.pk).exists()


def test_queue_counts_the_mentions_that_are_new(as_hat, analyst, colleague, application):
    web = as_hat(colleague)
    assert "Mentions" in text_of(web.get(reverse("selection:queue")))
    assert "1 new" not in text_of(web.get(reverse("selection:queue")))
    post_note(as_hat(analyst), application, mentioned=[colleague.pk])
    assert "<strong>1 new</strong>" in text_of(web.get(reverse("selection:queue")))
    assert "<strong>1 new</strong>" not in text_of(as_hat(analyst).get(reverse("selection:queue")))
