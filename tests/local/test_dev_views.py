"""The demo's outbox page: it shows the kept mail, and does not exist elsewhere."""

import pytest
from django.http import Http404, HttpResponse

from core.views import PUBLIC
from eptportal import dev_views
from eptportal.local import smtp_sink

MAIL = (
    b"From: no-reply@portal.example\r\nTo: ana@practice.example\r\n"
    b"Subject: Your code <1>\r\nDate: Fri, 08 Dec 2023 17:00:00 -0800\r\n\r\n"
    b"Your code is 123 <b>456</b>\r\nhttps://portal.example/x\r\n"
)


@pytest.fixture
def outbox(settings, tmp_path):
    settings.DEMO_SIGN_IN = True
    settings.LOCAL_DIR = tmp_path
    return smtp_sink.prepare(tmp_path / "mail")


@pytest.fixture
def rendered(monkeypatch):
    """Return the contexts that the views would render, by template."""
    shown = {}

    def keep(request, template, context):
        shown[template] = context
        return HttpResponse()

    monkeypatch.setattr(dev_views, "render", keep)
    return shown


def test_the_list_shows_the_newest_message_first(rf, outbox, rendered):
    keys = [smtp_sink.store(outbox, MAIL) for _ in range(2)]
    dev_views.outbox_list(rf.get("/dev/outbox/"))
    shown = rendered["dev/outbox.html"]["messages_sent"]
    assert [mail["key"] for mail in shown] == keys[::-1]
    assert shown[0]["subject"] == "Your code <1>"


def test_one_message_is_shown_with_its_text(rf, outbox, rendered):
    key = smtp_sink.store(outbox, MAIL)
    dev_views.outbox_message(rf.get(f"/dev/outbox/{key}/"), key)
    assert "<b>456</b>" in rendered["dev/outbox_message.html"]["mail"]["text"]


def test_a_message_that_is_gone_is_not_found(rf, outbox):
    with pytest.raises(Http404):
        dev_views.outbox_message(rf.get("/dev/outbox/nothing/"), "nothing")


def test_without_debug_there_is_no_outbox(rf, outbox, settings):
    settings.DEMO_SIGN_IN = False
    key = smtp_sink.store(outbox, MAIL)
    with pytest.raises(Http404):
        dev_views.outbox_list(rf.get("/dev/outbox/"))
    with pytest.raises(Http404):
        dev_views.outbox_message(rf.get(f"/dev/outbox/{key}/"), key)


def test_the_outbox_is_read_only_and_declared_public(rf, outbox):
    assert dev_views.outbox_list(rf.post("/dev/outbox/")).status_code == 405
    assert dev_views.outbox_list.permission_required == PUBLIC
    assert dev_views.outbox_message.permission_required == PUBLIC
    assert dev_views.outbox_list.login_required is False
