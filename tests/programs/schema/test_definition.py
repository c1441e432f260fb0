from decimal import Decimal

import pytest
from pydantic import ValidationError

from programs.packaged import packaged_definition
from programs.schema import ProgramDefinition

CONTACTS = (
    "sponsor_name",
    "sponsor_email",
    "lead_name",
    "lead_email",
    "clinical_lead_name",
    "finance_contact_name",
    "finance_contact_email",
)


def test_packaged_program_has_the_published_numbers():
    program = packaged_definition()
    assert program.rubric.total == sum(c.max_points for c in program.criteria()) == 90
    assert [len(section.criteria) for section in program.rubric.sections] == [3] * 6
    assert len(program.payment.bands) == 48
    assert len(program.payment.milestones) == 25
    assert [m.code for m in program.payment.milestones if m.can_drop] == ["M20", "M21"]
    assert len(program.milestones_for(25)) == 25
    assert len(program.milestones_for(23)) == 23
    assert program.selection.threshold == 77
    assert [rule.points for rule in program.selection.priority_points] == [12, 20, 15]
    assert [target.minimum_share for target in program.selection.targets] == [
        Decimal("0.40"),
        Decimal("0.05"),
    ]


def test_packaged_program_lists_the_published_choices():
    program = packaged_definition()
    assert [choice.value for choice in program.populations] == [
        "children_youth",
        "pregnant",
        "adults_preventive",
        "adults_chronic",
        "behavioral_health",
    ]
    assert [choice.value for choice in program.practice_types] == [
        "small_independent",
        "fqhc",
        "large_system",
        "tribal_program",
    ]
    assert len(program.specialties) == 5


def test_only_the_bands_to_check_have_a_remark():
    bands = packaged_definition().payment.bands
    assert [band.code for band in bands if band.remark] == ["V", "EE", "QQ", "VV"]
    assert {band.code: band.amount for band in bands}["V"] == Decimal("50.25")


def test_packaged_program_asks_what_the_portal_relies_on():
    program = packaged_definition()
    keys = {question.key for question in program.questions()}
    areas = {
        f"{area}_{part}"
        for area in ("empanelment", "technology", "care")
        for part in ("baseline", "plan", "measures")
    }
    optional = {f"optional_{choice.value}" for choice in program.optional_areas}
    narratives = {"leadership", "capacity", "vbp", "sustainability", "use_of_funds"}
    assert keys >= {*CONTACTS, "population", "optional_areas", *areas, *optional, *narratives}
    assert len([key for key in keys if key.startswith("phmcat_")]) == 10
    assert program.question("phmcat_respondents").minimum == 3
    for key in areas:
        assert program.question(key).required
        assert 150 <= program.question(key).word_limit <= 400
    assert program.question("optional_social_health").only_if.includes == "social_health"


def test_look_ups_find_parts_and_raise_key_error_otherwise():
    program = packaged_definition()
    population = program.question("population")
    assert program.choices_of(population) == program.populations
    assert program.choices_of(program.question("vbp")) == ()
    assert program.section("sign").kind == "sign"
    assert program.criterion("3.2").answers == ("empanelment_plan",)
    for look_up in (program.question, program.section, program.criterion):
        with pytest.raises(KeyError):
            look_up("nothing")


def test_source_tags_decide_what_is_a_sample():
    program = packaged_definition()
    assert program.criterion("1.1").is_sample
    assert program.optional_areas[0].is_sample
    assert not program.populations[0].is_sample
    assert not program.payment.bands[0].is_sample
    assert program.payment.milestones[0].is_sample
    assert not program.selection.priority_points[0].is_sample


def test_a_definition_cannot_be_changed():
    program = packaged_definition()
    with pytest.raises(ValidationError):
        program.title = "Another"
    with pytest.raises(ValidationError):
        program.rubric.total = 91


def test_parts_that_contradict_are_refused_however_they_are_built():
    raw = packaged_definition().model_dump(mode="json")
    raw["rubric"]["total"] = 91
    with pytest.raises(ValidationError, match="add up to 90"):
        ProgramDefinition.model_validate(raw)


def test_every_level_of_every_criterion_is_described_differently():
    for criterion in packaged_definition().criteria():
        texts = [level.text for level in criterion.levels]
        assert len(set(texts)) == 6
