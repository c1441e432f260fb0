"""What counts as yes, for each kind of check; and programs of which a version has no checks."""

import pytest

from applications.eligibility import checks_of, dated_answers, holds_up, verdicts
from programs.packaged import PACKAGED_DEFINITION, packaged_definition
from programs.schema import ProgramFileError, load_definition

DEFINITION = packaged_definition()
YES = {
    "specialties": ["pediatrics"],
    "members": 1,
    "county": "Fresno",
    "survey": "yes",
    "phmcat": "yes",
}


def met(changes, plans=("a plan",)):
    return [verdict.met for verdict in verdicts(DEFINITION, YES | changes, plans)]


@pytest.mark.parametrize(
    ("changes", "plans", "place"),
    [
        ({}, ["a plan"], None),
        ({"specialties": []}, ["a plan"], 0),
        ({"members": 0}, ["a plan"], 1),
        ({"members": None}, ["a plan"], 1),
        ({}, [], 2),
        ({"county": ""}, ["a plan"], 2),
        ({"survey": "no"}, ["a plan"], 3),
        ({"phmcat": ""}, ["a plan"], 4),
    ],
)
def test_one_answer_decides_one_check(changes, plans, place):
    assert met(changes, plans) == [number != place for number in range(5)]


def test_survey_and_phmcat_hold_up_the_submission_only():
    for key in ("survey", "phmcat"):
        found = verdicts(DEFINITION, YES | {key: "no"}, ["a plan"])
        assert (holds_up(found, "start"), holds_up(found, "submit")) == (False, True)
    found = verdicts(DEFINITION, YES, [])
    assert (holds_up(found, "start"), holds_up(found, "submit")) == (True, False)


def test_answers_are_said_in_words():
    words = [verdict.answer for verdict in verdicts(DEFINITION, YES | {"members": 1020}, [1])]
    assert words == ["Pediatrics", "1,020", "Fresno County", "Yes", "Yes"]
    assert verdicts(DEFINITION, {}, [])[0].answer == "None of these"


def test_days_are_kept_with_a_yes_only():
    days = {"survey_on": "2026-01-05", "phmcat": "no", "phmcat_on": "2026-01-06"}
    assert dated_answers(DEFINITION, YES | days) == {"survey_date": "2026-01-05"}


def test_a_version_without_checks_has_the_packaged_ones_only_in_the_same_program():
    older = DEFINITION.model_copy(update={"eligibility": ()})
    assert checks_of(older) == DEFINITION.eligibility
    other = older.model_copy(update={"slug": "another-program"})
    assert checks_of(other) == ()


@pytest.mark.parametrize(
    ("wrong", "right", "fault"),
    [
        ("answers: nothing", "answers: survey_date", "eligibility[3].answers: No date question"),
        ("answers: population", "answers: survey_date", "eligibility[3].answers: No date question"),
        (
            "- key: phmcat\n    kind",
            "- key: survey\n    kind",
            "eligibility[4].key: phmcat is used twice",
        ),
    ],
)
def test_faults_of_checks_are_named(wrong, right, fault):
    text = PACKAGED_DEFINITION.read_text(encoding="utf-8")
    assert text.count(right) == 1
    with pytest.raises(ProgramFileError) as found:
        load_definition(text.replace(right, wrong))
    assert fault in str(found.value)
