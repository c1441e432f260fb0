"""Text that a colleague's newer version kept out: held for its author, told to the signer."""

import json

import pytest
from django.urls import reverse
from django.utils.html import escape

from applications.enums import Status
from applications.models import Answer, Application, HeldText

pytestmark = pytest.mark.django_db
OLD, NEW, MINE = "First", "By Ana <1>", "By Bo <2>"


@pytest.fixture
def url(ready):
    return reverse("applications:section", args=[ready.pk, "contacts"])


@pytest.fixture
def section(ready, owner, as_hat, url):
    """Ana saved a second version of an answer that Bo still has open in the first."""
    Answer.objects.filter(application=ready, key="lead_name").delete()
    client = as_hat(owner)
    client.post(url, {"lead_name": OLD})
    client.post(url, {"lead_name": NEW, "version:lead_name": "1"})
    return url


def autosave(client, url, value, version, **more):
    data = {"lead_name": value, "version:lead_name": version, "autosave": "lead_name", **more}
    return client.post(url, data, headers={"X-Autosave": "1"})


def held():
    return list(HeldText.objects.values_list("key", "value", "base", "person__full_name"))


def named():
    return Answer.objects.get(key="lead_name").value


def test_a_refused_text_is_held_for_its_author(as_hat, contributor, section):
    bo = as_hat(contributor)
    answer = autosave(bo, section, MINE, "1")
    assert answer.status_code == 409
    assert answer.json()["conflicts"]["lead_name"]["held"] == HeldText.objects.get().pk
    assert held() == [("lead_name", MINE, 1, "Bo Li")]
    autosave(bo, section, "By Bo <3>", "1")
    assert held() == [("lead_name", "By Bo <3>", 1, "Bo Li")]
    assert named() == NEW


def test_an_emptied_answer_is_not_held(as_hat, contributor, section):
    assert autosave(as_hat(contributor), section, "", "1").status_code == 409
    assert held() == []


@pytest.mark.parametrize("choice", [MINE, NEW])
def test_a_choice_settles_it(as_hat, contributor, section, choice):
    bo = as_hat(contributor)
    token = autosave(bo, section, MINE, "1").json()["conflicts"]["lead_name"]["held"]
    assert autosave(bo, section, choice, "2", **{"held:lead_name": token}).status_code == 200
    assert held() == []
    assert named() == choice


@pytest.mark.parametrize("token", ["", "0", "x", "9" * 40, "١", "\0"])
def test_a_save_without_the_token_settles_nothing(as_hat, contributor, section, token):
    bo = as_hat(contributor)
    autosave(bo, section, MINE, "1")
    autosave(bo, section, "Third", "2", **{"held:lead_name": token})
    assert held() == [("lead_name", MINE, 1, "Bo Li")]


def test_a_choice_that_is_refused_again_is_held_again(as_hat, contributor, owner, section):
    bo = as_hat(contributor)
    token = autosave(bo, section, MINE, "1").json()["conflicts"]["lead_name"]["held"]
    as_hat(owner).post(section, {"lead_name": "Third", "version:lead_name": "2"})
    bo = as_hat(contributor)
    again = autosave(bo, section, MINE, "2", **{"held:lead_name": token})
    assert again.status_code == 409
    assert held() == [("lead_name", MINE, 2, "Bo Li")]


def test_nobody_settles_the_text_of_a_colleague(as_hat, owner, contributor, section):
    token = autosave(as_hat(contributor), section, MINE, "1").json()["conflicts"]["lead_name"][
        "held"
    ]
    ana = as_hat(owner)
    autosave(ana, section, "Third", "2", **{"held:lead_name": token})
    ana.post(section, {"drop": token})
    assert held() == [("lead_name", MINE, 1, "Bo Li")]


def test_the_author_finds_it_in_any_browser_and_can_drop_it(as_hat, contributor, section):
    autosave(as_hat(contributor), section, MINE, "1")
    elsewhere = as_hat(contributor)
    page = elsewhere.get(section).content.decode()
    assert escape(MINE) in page
    assert f'data-values="{escape(json.dumps([MINE]))}"' in page
    assert 'name="held:lead_name"' not in page
    response = elsewhere.post(section, {"drop": HeldText.objects.get().pk})
    assert (response.status_code, response.url) == (302, section)
    assert held() == []
    assert escape(MINE) not in elsewhere.get(section).content.decode()


def test_without_javascript_saving_again_settles_it(as_hat, contributor, section):
    bo = as_hat(contributor)
    refused = bo.post(section, {"lead_name": MINE, "version:lead_name": "1"})
    token = HeldText.objects.get().pk
    assert refused.status_code == 409
    assert f'name="held:lead_name" value="{token}"' in refused.content.decode()
    data = {"lead_name": MINE, "version:lead_name": "2", "held:lead_name": token}
    assert bo.post(section, data).status_code == 302
    assert (held(), named()) == ([], MINE)


def sentences(ready):
    label = next(
        q.label
        for s in ready.cycle.definition.sections
        for q in s.questions
        if q.key == "lead_name"
    )
    return (
        escape(f"Bo Li has text for “{label}” that is not in the application."),
        escape(f"You have text for “{label}” that is not in the application."),
    )


def test_the_signer_is_told_and_may_sign(as_hat, owner, contributor, ready, section):
    autosave(as_hat(contributor), section, MINE, "1")
    theirs, own = sentences(ready)
    review, home = reverse("applications:review", args=[ready.pk]), reverse("applications:home")
    client = as_hat(owner)
    for page in (review, home):
        text = client.get(page).content.decode()
        assert theirs in text
        assert f'href="{section}#id_lead_name"' in text
    assert escape(MINE) not in client.get(section).content.decode()
    assert own in as_hat(contributor).get(home).content.decode()


def test_who_left_the_practice_is_not_waited_for(as_hat, owner, contributor, ready, section):
    autosave(as_hat(contributor), section, MINE, "1")
    contributor.is_active = False
    contributor.save()
    text = as_hat(owner).get(reverse("applications:home")).content.decode()
    assert sentences(ready)[0] not in text


def test_after_signing_it_can_be_read_only(as_hat, contributor, ready, section):
    autosave(as_hat(contributor), section, MINE, "1")
    Application.objects.filter(pk=ready.pk).update(
        status=Status.SUBMITTED, submitted_at=ready.created_at
    )
    client = as_hat(contributor)
    page = client.get(section).content.decode()
    assert escape(MINE) in page
    assert "Drop my text" not in page
    copy = f'data-leftover="{contributor.user_id}/application-{ready.pk}" hidden'
    assert copy in page
    assert copy in client.get(reverse("applications:review", args=[ready.pk])).content.decode()
