from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from selection.domain import scenarios
from selection.forms.scenarios import values_of
from selection.models import Scenario, ScenarioComment
from tests.factories.programs import CycleFactory
from tests.selection.building import cohort, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    found = CycleFactory(closed=True)
    cohort(found)
    return found


@pytest.fixture
def mine(cycle, analyst):
    return scenarios.create(
        cycle=cycle,
        name="Lower budget",
        note="After the cut",
        rules=published(cycle, threshold=70),
        is_shared=False,
        by=analyst,
    )


def address(name, cycle, *more, **query):
    return reverse(f"selection:{name}", args=[cycle.slug, *more], query=query)


def fields(rules):
    """Return the rules as a browser posts them."""
    return {name: values for name, values in values_of(rules).items() if values}


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def test_rules_of_the_address_are_saved_under_a_name(as_hat, cycle, analyst):
    web = as_hat(analyst)
    page = text_of(web.get(address("scenario_new", cycle, threshold="61", budget="")))
    assert "61, and exactly that is in" in page
    form = fields(published(cycle, threshold=61, budget=None)) | {"budget": ""}
    words = {"name": "No budget", "note": "Only to see", "who": "dhcs"}
    response = web.post(address("scenario_new", cycle), form | words)
    made = Scenario.objects.get()
    assert response.url == address("workbench", cycle, scenario=made.pk)
    assert (made.name, made.note, made.is_shared, made.owner) == (
        "No budget", "Only to see", True, analyst.user,
    )  # fmt: skip
    assert (made.rules["threshold"], made.rules["budget"], made.copied_from) == (61, None, None)
    text = text_of(web.get(response.url))
    assert 'name="threshold" value="61"' in text
    assert "Not saved" not in text


def test_a_name_that_is_taken_loses_nothing(as_hat, cycle, analyst, mine):
    words = {"name": "Lower budget", "note": "Mine", "who": "me"}
    response = as_hat(analyst).post(
        address("scenario_new", cycle), fields(published(cycle, threshold=61)) | words
    )
    text = text_of(response, 409)
    assert "Choose another name." in text
    assert 'name="threshold" value="61"' in text
    assert Scenario.objects.count() == 1


def test_an_address_changes_a_stored_scenario(as_hat, cycle, analyst, mine):
    web = as_hat(analyst)
    text = text_of(web.get(address("workbench", cycle, scenario=mine.pk, threshold="61")))
    assert "Not saved" in text
    assert 'name="version:rules" value="1"' in text
    posted = fields(published(cycle, threshold=61)) | {"version:rules": "1"}
    response = web.post(address("scenario_save", cycle, mine.pk), posted)
    assert response.url == address("workbench", cycle, scenario=mine.pk)
    mine.refresh_from_db()
    assert (mine.version, mine.rules["threshold"]) == (2, 61)
    text = text_of(web.get(response.url))
    assert "Threshold: 70, and exactly that is in → 61, and exactly that is in" in text
    assert "Stored as “Lower budget”" in text


def test_a_save_over_an_unseen_one_shows_both(as_hat, cycle, analyst, approver, mine):
    scenarios.share(mine, is_shared=True, by=analyst)
    scenarios.save_rules(mine, rules=published(cycle, threshold=65), version=2, by=approver)
    web = as_hat(analyst)
    posted = fields(published(cycle, threshold=61)) | {"version:rules": "2"}
    text = text_of(web.post(address("scenario_save", cycle, mine.pk), posted), 409)
    assert approver.user.full_name in text
    assert "Threshold: 65, and exactly that is in → 61, and exactly that is in" in text
    assert 'name="threshold" value="61"' in text
    assert address("scenario_new", cycle, threshold="61", scenario=mine.pk).split("?")[0] in text
    mine.refresh_from_db()
    assert mine.rules["threshold"] == 65
    over = posted | {"version:rules": "3"}
    web.post(address("scenario_save", cycle, mine.pk), over)
    mine.refresh_from_db()
    assert (mine.rules["threshold"], mine.version) == (61, 4)


def test_rules_with_a_fault_go_back_with_everything_typed(as_hat, cycle, analyst, mine):
    posted = fields(published(cycle)) | {"threshold": "many", "version:rules": "1"}
    web = as_hat(analyst)
    response = web.post(address("scenario_save", cycle, mine.pk), posted)
    text = text_of(web.get(response.url), 422)
    assert 'name="threshold" value="many"' in text
    mine.refresh_from_db()
    assert mine.version == 1


def test_nobody_else_finds_a_private_scenario(as_hat, hat_of, cycle, mine):
    for role in (Role.DHCS_ANALYST, Role.DHCS_APPROVER, Role.DHCS_ADMINISTRATOR, Role.AUDITOR):
        web = as_hat(hat_of(role))
        assert web.get(address("workbench", cycle, scenario=mine.pk)).status_code == 404
        assert web.get(address("workbench_list", cycle, scenario=mine.pk)).status_code == 404
        assert "Lower budget" not in text_of(web.get(address("scenarios", cycle)))
        assert "Lower budget" not in text_of(web.get(address("workbench", cycle)))
        for act in ("save", "copy", "share", "archive", "comment", "edit"):
            there = address(f"scenario_{act}", cycle, mine.pk)
            assert web.post(there, {"text": "x", "name": "x"}).status_code == 404, act
    assert Scenario.objects.count() == 1


def test_a_shared_one_is_changed_by_dhcs_and_read_by_auditors(as_hat, hat_of, cycle, analyst, mine):
    scenarios.share(mine, is_shared=True, by=analyst)
    auditor = as_hat(hat_of(Role.AUDITOR))
    page = text_of(auditor.get(address("workbench", cycle, scenario=mine.pk)))
    assert "Lower budget" in page
    assert "Add comment" not in page
    for act in ("save", "copy", "share", "archive", "comment", "edit"):
        assert auditor.post(address(f"scenario_{act}", cycle, mine.pk)).status_code == 403, act
    approver = as_hat(hat_of(Role.DHCS_APPROVER))
    assert approver.get(address("scenario_edit", cycle, mine.pk)).status_code == 200
    for act in ("share", "archive"):
        assert approver.post(address(f"scenario_{act}", cycle, mine.pk)).status_code == 403, act


def test_name_and_note_are_changed_with_a_version(as_hat, cycle, analyst, mine):
    web, there = as_hat(analyst), address("scenario_edit", cycle, mine.pk)
    assert 'value="Lower budget"' in text_of(web.get(there))
    web.post(there, {"name": "Much lower", "note": "", "version:rules": "1"})
    mine.refresh_from_db()
    assert (mine.name, mine.note, mine.version) == ("Much lower", "", 2)
    late = text_of(web.post(there, {"name": "Other", "note": "", "version:rules": "1"}), 409)
    assert 'value="Other"' in late
    assert 'name="version:rules" value="2"' in late


def test_copy_share_archive_and_back(as_hat, cycle, analyst, mine):
    web = as_hat(analyst)
    web.post(address("scenario_copy", cycle, mine.pk))
    assert Scenario.objects.filter(name="Copy of Lower budget", copied_from=mine).exists()
    web.post(address("scenario_share", cycle, mine.pk), {"share": "yes"})
    mine.refresh_from_db()
    assert mine.is_shared
    assert web.post(address("scenario_archive", cycle, mine.pk)).url == address("scenarios", cycle)
    assert web.get(address("workbench", cycle, scenario=mine.pk)).status_code == 404
    assert "Put back" in text_of(web.get(address("scenarios", cycle)))
    web.post(address("scenario_archive", cycle, mine.pk), {"archive": "no"})
    assert web.get(address("workbench", cycle, scenario=mine.pk)).status_code == 200


def test_colleagues_talk_and_take_back_their_own(as_hat, cycle, analyst, approver, mine):
    scenarios.share(mine, is_shared=True, by=analyst)
    web = as_hat(approver)
    web.post(address("scenario_comment", cycle, mine.pk), {"text": "Too low?"})
    said = ScenarioComment.objects.get()
    page = text_of(as_hat(analyst).get(address("workbench", cycle, scenario=mine.pk)))
    assert "Too low?" in page
    take_back = address("scenario_uncomment", cycle, said.pk)
    assert take_back not in page
    as_hat(analyst).post(take_back)
    said.refresh_from_db()
    assert said.removed_at is None
    web.post(take_back)
    assert "Too low?" not in text_of(web.get(address("workbench", cycle, scenario=mine.pk)))
    empty = web.post(address("scenario_comment", cycle, mine.pk), {"text": " "})
    assert "Enter an answer." in text_of(empty, 422)


def test_page_says_who_looked(as_hat, cycle, analyst, approver, mine):
    scenarios.share(mine, is_shared=True, by=analyst)
    as_hat(approver).get(address("workbench", cycle, scenario=mine.pk))
    page = text_of(as_hat(analyst).get(address("workbench", cycle, scenario=mine.pk)))
    assert approver.user.full_name in page.split("Who looked")[1]


def test_pages_cost_the_same_for_one_and_three(
    as_hat, cycle, analyst, mine, django_assert_num_queries
):
    web = as_hat(analyst)
    for number in range(3):
        rules = published(cycle, threshold=60 + number)
        mine = scenarios.save_rules(mine, rules=rules, version=mine.version, by=analyst)
        scenarios.comment(mine, text="Again", by=analyst)
        for name, count, query in (
            ("scenarios", 5, {}),
            ("workbench", 13, {"scenario": mine.pk}),
        ):
            web.get(address(name, cycle, **query))
            with django_assert_num_queries(count):
                web.get(address(name, cycle, **query))
        scenarios.duplicate(mine, by=analyst)
