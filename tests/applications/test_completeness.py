"""The strict list: every rule, one at a time, on a content that lacks nothing else."""

import copy

import pytest

from applications.completeness import Rows, is_asked, missing_items, word_count
from programs.packaged import packaged_definition
from tests.factories.applications import answer_for

PLAN = "Valley Health Plan"
SITE = {"name": "Main Street", "street": "1 Main Street", "city": "Fresno", "zip": "93701"}
COUNT = {"plan": PLAN, "members": 920, "as_of": "2026-01-31"}


@pytest.fixture(scope="module")
def definition():
    return packaged_definition()


@pytest.fixture
def content(definition):
    asked = [q for q in definition.questions() if q.required and q.only_if is None]
    return {
        "practice": {
            "name": "Fresno Family Medicine",
            "npi": "1234567893",
            "tin": "••-•••4567",
            "specialties": ["family_medicine"],
            "practice_types": ["small_independent"],
            "ehr": "OpenEMR",
        },
        "sites": [dict(SITE)],
        "members": [dict(COUNT)],
        "designated_mcp": PLAN,
        "answers": copy.deepcopy({q.key: answer_for(q, definition) for q in asked}),
    }


def found(content, definition, plans=(PLAN,)):
    items = missing_items(content, definition, set(plans))
    return [(item.section, item.anchor, item.sentence) for item in items]


def test_a_complete_content_lacks_nothing(content, definition):
    assert found(content, definition) == []


@pytest.mark.parametrize(
    ("key", "anchor", "sentence"),
    [
        ("name", "id_name", "Give the legal name of the practice."),
        ("npi", "id_npi", "Give the practice's organizational NPI."),
        ("tin", "id_tin", "Give the practice's TIN."),
        ("specialties", "id_specialties_0", "Choose at least one primary care specialty."),
        ("practice_types", "id_practice_types_0", "Choose at least one practice type."),
        ("ehr", "id_ehr", "Name the electronic health record (EHR) you use, or write “none”."),
    ],
)
@pytest.mark.parametrize("empty", ["", []])
def test_each_fact_of_the_practice_is_needed(content, definition, key, anchor, sentence, empty):
    content["practice"][key] = empty
    assert found(content, definition) == [("practice", anchor, sentence)]


def test_a_site_is_needed(content, definition):
    content["sites"] = []
    assert found(content, definition, ()) == [("sites", "add", "Add at least one site.")]


@pytest.mark.parametrize(
    ("key", "anchor", "sentence"),
    [
        ("name", "id_site-12-name", "Name site 2."),
        ("street", "id_site-12-street", "Give the street address of Second."),
        ("city", "id_site-12-city", "Give the city of Second."),
        ("zip", "id_site-12-zip_code", "Give the ZIP code of Second."),
    ],
)
def test_each_part_of_a_site_is_needed_and_linked(content, definition, key, anchor, sentence):
    content["sites"] = [SITE, SITE | {"name": "Second", key: ""}]
    items = missing_items(content, definition, {PLAN}, Rows(sites=[7, 12]))
    assert [(i.section, i.anchor, i.sentence, i.title) for i in items] == [
        ("sites", anchor, sentence, "Clinic sites")
    ]


@pytest.mark.parametrize(
    ("changes", "anchor", "sentence"),
    [
        ({"plan": ""}, "plan", "Choose the plan of entry 2."),
        ({"members": 0}, "members", "Give the number of members of Other."),
        ({"as_of": ""}, "as_of", "Give the day on which the members of Other were counted."),
        (
            {"as_of": "2126-01-31"},
            "as_of",
            "The members of Other are counted on a day in the future.",
        ),
    ],
)
def test_each_part_of_a_count_is_needed_and_linked(content, definition, changes, anchor, sentence):
    content["members"] = [COUNT, COUNT | {"plan": "Other"} | changes]
    items = missing_items(content, definition, {PLAN}, Rows(members=[3, 4]))
    assert [(i.anchor, i.sentence) for i in items] == [(f"id_member-4-{anchor}", sentence)]


def test_rows_without_a_page_of_their_own_lead_to_the_list(content, definition):
    content["sites"] = [SITE | {"city": ""}]
    assert found(content, definition) == [("sites", "rows", "Give the city of Main Street.")]


@pytest.mark.parametrize(
    ("members", "chosen", "plans", "expected"),
    [
        (
            [],
            "",
            (PLAN,),
            [
                ("add", "Add your members for at least one plan."),
                ("id_designated_mcp", "Choose the plan that scores this."),
            ],
        ),
        (
            [COUNT],
            "",
            (PLAN,),
            [("id_designated_mcp", "Choose the plan that scores this.")],
        ),
        (
            [COUNT | {"plan": "Other"}],
            PLAN,
            (PLAN,),
            [
                (
                    "id_designated_mcp",
                    f"{PLAN} scores this application, so it must be in your members table.",
                )
            ],
        ),
        (
            [COUNT],
            PLAN,
            ("Other",),
            [
                (
                    "id_designated_mcp",
                    f"{PLAN} does not operate in a county of your sites. Choose another plan.",
                )
            ],
        ),
    ],
)
def test_the_plan_that_scores_is_in_the_table_and_in_the_county(
    content, definition, members, chosen, plans, expected
):
    content["members"], content["designated_mcp"] = members, chosen
    assert found(content, definition, plans) == [("members", *item) for item in expected]


def test_every_required_question_is_needed_and_no_other(content, definition):
    content["answers"] = {}
    needed = [q for q in definition.questions() if q.required and q.only_if is None]
    assert [item[2] for item in found(content, definition)] == [
        f"Answer “{question.label}”." for question in needed
    ]


def test_the_link_leads_to_the_first_choice_or_to_the_field(content, definition):
    del content["answers"]["population"], content["answers"]["lead_name"]
    assert [item[:2] for item in found(content, definition)] == [
        ("contacts", "id_lead_name"),
        ("population", "id_population_0"),
    ]


def test_a_question_that_depends_is_needed_only_when_it_is_asked(content, definition):
    content["answers"]["optional_areas"] = ["evidence_based_models"]
    [item] = found(content, definition)
    assert item[:2] == ("optional", "id_optional_evidence_based_models")
    content["answers"]["optional_areas"] = ["leadership_culture"]
    assert "id_optional_evidence_based_models" not in [i[1] for i in found(content, definition)]


@pytest.mark.parametrize(("words", "expected"), [(250, 0), (251, 1)])
def test_the_word_limit_is_inclusive(content, definition, words, expected):
    content["answers"]["disparity"] = "one " * words
    items = found(content, definition)
    assert len(items) == expected
    if items:
        label = next(q.label for q in definition.questions() if q.key == "disparity")
        assert items == [
            ("population", "id_disparity", f"“{label}” has 251 words; the limit is 250.")
        ]


def test_a_long_answer_to_a_question_not_asked_is_not_held_against_it(content, definition):
    content["answers"]["optional_evidence_based_models"] = "one " * 500
    assert found(content, definition) == []


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), (" a  b\n\tc ", 3), ("a\u00a0b", 2), ("well-known (two)", 2)]
)
def test_words_are_runs_between_white_space(text, count):
    assert word_count(text) == count


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, False),
        ({"optional_areas": None}, False),
        ({"optional_areas": ["leadership_culture"]}, False),
        ({"optional_areas": ["evidence_based_models"]}, True),
        ({"optional_areas": "evidence_based_models"}, True),
        ({"optional_areas": "not_evidence_based_models"}, False),
    ],
)
def test_a_question_is_asked_when_the_other_answer_includes_the_value(definition, given, expected):
    question = next(q for q in definition.questions() if q.key == "optional_evidence_based_models")
    assert is_asked(question, given) is expected
