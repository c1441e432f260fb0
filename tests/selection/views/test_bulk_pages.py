"""What the pages of an act on many applications say, and where they lead back to."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from selection.domain import bulk
from selection.models import BulkAct, Flag
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check

pytestmark = pytest.mark.django_db
QUEUE = reverse("selection:queue")
BULK = reverse("selection:bulk")
NOTE = "Look at the members again."


@pytest.fixture
def cycle():
    return CycleFactory()


def text_of(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def done(web, rows, *, view="", kind="flag", **values):
    """Do an act and return the address to which it leads."""
    seen = " ".join(str(row.pk) for row in rows)
    given = {"kind": kind, "words": "1", "seen": seen, "save": "1", "view": view, **values}
    return web.post(BULK, given)["Location"]


def cells(text, label):
    """Return a column of the table of applications."""
    return re.findall(rf'<td data-label="{label}">([^<]*)</td>', text)


def test_way_back_from_an_act_keeps_the_view(web, rows, cycle):
    view = f"cycle={cycle.slug}&hpi=none&order=-members"
    address = done(web, rows, view=view, label="Call back")
    act = BulkAct.objects.get()
    kept = "?" + urlencode({"view": view})
    assert address == reverse("selection:bulk_act", args=[act.pk]) + kept
    text = text_of(web.get(address))
    assert f'<a href="{QUEUE}?{view}">Go to the queue</a>' in text
    assert f'href="{reverse("selection:application", args=[rows[0].pk])}{kept}"' in text
    undo = reverse("selection:undo_bulk", args=[act.pk]) + kept
    assert f'action="{undo}"' in text
    assert f'<a href="{address}">' in text_of(web.get(undo))
    assert web.post(undo)["Location"] == address


def test_act_without_a_view_leads_to_the_queue_of_its_cycle(web, rows, cycle):
    done(web, rows, label="Call back")
    act = BulkAct.objects.get()
    text = text_of(web.get(reverse("selection:bulk_act", args=[act.pk])))
    assert f'<a href="{QUEUE}?cycle={cycle.slug}">Go to the queue</a>' in text


def test_undone_act_says_that_everything_is_as_before(web, rows):
    address = done(web, rows, kind="send_back", note=NOTE)
    assert cells(text_of(web.get(address)), "After") == ["With its plan"] * 3
    act = BulkAct.objects.get()
    act.effects[0]["outcome"] = ""
    act.effects[1]["outcome"] = "It could not be sent back any more."
    act.save()
    web.post(reverse("selection:undo_bulk", args=[act.pk]))
    expected = ["With its plan", "As before", "As before: this was undone"]
    assert cells(text_of(web.get(address)), "After") == expected


def test_done_page_keeps_what_was_left_alone_and_why(web, rows, analyst, as_hat, approver):
    for row in rows[:2]:
        Flag.objects.create(application=row, label="Call back", raised_by=analyst.user)
    address = done(web, rows, label="call BACK")
    act = BulkAct.objects.get()
    left = [(one["application"], one["problem"]) for one in bulk.left_alone(act)]
    assert left == [(row.pk, "It has this flag already.") for row in rows[:2]]
    text = text_of(web.get(address))
    assert "2 applications were chosen, and nothing was done to them." in text
    for row in rows[:2]:
        assert f"<li>{row.reference}, {row.practice.name}: It has this flag already.</li>" in text
    check(rows[0], approver.user)
    text = text_of(as_hat(approver).get(address))
    assert "1 application was chosen, and nothing was done to it." in text
    assert rows[0].reference not in text


def test_act_of_before_kept_nothing_that_was_left_alone(web, rows):
    address = done(web, rows, label="Call back")
    BulkAct.objects.update(values={"label": "Call back"})
    assert "Left alone" not in text_of(web.get(address))


def test_flags_that_are_known_are_offered(web, rows, analyst):
    Flag.objects.create(application=rows[0], label="Water damage", raised_by=analyst.user)
    text = text_of(web.post(BULK, {"kind": "flag", "pick": rows[1].pk}))
    field = re.search(r'<input[^>]*name="label"[^>]*>', text)[0]
    assert 'list="known-flags"' in field
    offered = re.findall(r'<option value="([^"]*)">', text.split('<datalist id="known-flags">')[1])
    assert offered == sorted(
        ["Ask the plan", "Check eligibility", "Check members", "Legal question", "Water damage"]
    )


def test_ending_claims_is_not_called_a_release(web, rows):
    text = text_of(web.get(QUEUE))
    assert re.findall(r'name="kind" value="release">([^<]*)<', text) == ["Release claims"]
