import pytest

from programs.packaged import packaged_definition
from programs.schema import ProgramDefinition
from programs.schema.checks import check_samples


def faults(**changes):
    """Return the faults of the packaged program with one of its samples changed."""
    definition = packaged_definition()
    sample = definition.samples[0].model_copy(update=changes)
    parts = {name: getattr(definition, name) for name in ProgramDefinition.model_fields}
    return [tuple(fault) for fault in check_samples({**parts, "samples": (sample,)})]


def reference(code, points):
    one = packaged_definition().samples[0].reference[0]
    return one.model_copy(update={"code": code, "points": points})


def test_packaged_samples_fit_the_program():
    assert faults() == []


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"nothing": "x"}, ("samples[0].answers.nothing", "There is no such question.")),
        (
            {"population": "everybody"},
            ("samples[0].answers.population", "everybody is not one of the choices."),
        ),
        (
            {"optional_areas": ("behavioral_health", "sports")},
            ("samples[0].answers.optional_areas", "sports is not one of the choices."),
        ),
        (
            {"leadership": ("a", "b")},
            ("samples[0].answers.leadership", "This question takes one answer."),
        ),
    ],
)
def test_answers_to_what_is_not_asked_are_faults(answers, found):
    assert faults(answers=answers) == [found]


@pytest.mark.parametrize(("code", "points"), [("1.1", 6), ("9.9", 0)])
def test_reference_points_that_the_rubric_does_not_have_are_faults(code, points):
    assert faults(reference=(reference(code, points),)) == [
        ("samples[0].reference[0]", f"Criterion {code} can't be given {points} points.")
    ]


def test_one_reference_for_each_criterion():
    twice = (reference("1.1", 1), reference("1.1", 2))
    assert faults(reference=twice) == [
        ("samples[0].reference[1].code", "1.1 is used twice. Each one needs its own.")
    ]


def test_version_stored_before_there_were_samples_still_reads():
    stored = packaged_definition().model_dump(mode="json")
    del stored["samples"]
    assert ProgramDefinition.model_validate(stored).samples == ()
