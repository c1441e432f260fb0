import copy
import hashlib
import json

import pytest
import yaml

from programs.packaged import packaged_definition, packaged_text
from programs.schema import ProgramFileError, canonical_json, load_definition, sha256

TEXT = packaged_text()
RAW = packaged_definition().model_dump(mode="json")


def errors_of(text: str) -> list[str]:
    with pytest.raises(ProgramFileError) as refusal:
        load_definition(text)
    assert str(refusal.value) == "\n".join(refusal.value.errors)
    return refusal.value.errors


def changed(change) -> str:
    raw = copy.deepcopy(RAW)
    change(raw)
    return yaml.safe_dump(raw, allow_unicode=True)


def test_rubric_that_does_not_add_up_is_refused():
    assert errors_of(changed(lambda raw: raw["rubric"].update(total=91))) == [
        "rubric.total: The maxima add up to 90, but the stated total is 91."
    ]


def test_criterion_with_another_maximum_is_refused_twice_over():
    def change(raw):
        raw["rubric"]["sections"][2]["criteria"][0]["max_points"] = 6

    assert errors_of(changed(change)) == [
        "rubric.total: The maxima add up to 91, but the stated total is 90.",
        (
            "rubric.sections[2].criteria[0].levels: "
            "Describe each whole number of points from 0 to 6 once."
        ),
    ]


def test_every_error_of_every_part_is_listed_at_once():
    def change(raw):
        raw["sections"][3]["questions"][0]["kind"] = "essay"
        del raw["sections"][0]["title"]
        raw["rubric"]["total"] = 89
        raw["rubric"]["sections"][5]["criteria"][2]["answers"] = ["sustain"]
        raw["payment"]["bands"][1]["members_from"] = 502
        raw["payment"]["milestones"][0]["can_drop"] = True
        raw["selection"]["priority_points"][0]["value"] = "children"
        raw["emails"]["selected"]["body"] = "You get $amount, $5"
        raw["emails"]["scored"]["subject"] = "Score $score"
        del raw["emails"]["returned"]
        raw["colour"] = "blue"

    errors = errors_of(changed(change))
    assert sorted(error.split(":")[0] for error in errors) == [
        "colour",
        "emails",
        "emails.scored.subject",
        "emails.selected.body",
        "payment.bands[1].members_from",
        "payment.milestone_counts",
        "rubric.sections[5].criteria[2].answers[0]",
        "rubric.total",
        "sections[0].title",
        "sections[3].questions[0].kind",
        "selection.priority_points[0].value",
    ]
    assert "sections[0].title: This is required." in errors
    assert "colour: This name is not known here." in errors
    assert "payment.bands[1].members_from: The band has to start at 501." in errors
    assert "emails.scored.subject: The placeholder $score is not known." in errors


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            lambda raw: raw["sections"][4]["questions"][2].update(choices_from="populations"),
            "sections[4].questions[2]: A question of kind integer has no choices.",
        ),
        (
            lambda raw: raw["sections"][5]["questions"][0].update(choices_from=None),
            "sections[5].questions[0]: Give either choices or choices_from.",
        ),
        (
            lambda raw: raw["sections"][4]["questions"][0].update(word_limit=10),
            "sections[4].questions[0].word_limit: Only text questions have a word limit.",
        ),
        (
            lambda raw: raw["sections"][4]["questions"][3].update(maximum="0.5"),
            "sections[4].questions[3].maximum: The maximum is less than the minimum.",
        ),
        (
            lambda raw: raw["sections"][4]["questions"][0].update(minimum=1),
            "sections[4].questions[0]: Only number questions have a minimum or a maximum.",
        ),
        (
            lambda raw: raw["sections"][3]["questions"][1].update(key="sponsor_name"),
            "sections[3].questions[1].key: sponsor_name is used twice. Each one needs its own.",
        ),
        (
            lambda raw: raw["sections"][9]["questions"][1]["only_if"].update(includes="nothing"),
            (
                "sections[9].questions[1].only_if.includes: "
                "nothing is not an answer to optional_areas."
            ),
        ),
        (
            lambda raw: raw["sections"][9]["questions"][1]["only_if"].update(question="vbp"),
            "sections[9].questions[1].only_if.question: No earlier question is named vbp.",
        ),
        (
            lambda raw: raw["sections"].pop(1),
            "sections: Exactly one section of kind sites is needed.",
        ),
        (
            lambda raw: raw["populations"][1].update(value="children_youth"),
            "populations[1].value: children_youth is used twice. Each one needs its own.",
        ),
        (
            lambda raw: raw["payment"]["bands"][0].update(amount="0"),
            "payment.bands[0].amount: This has to be more than 0.",
        ),
        (
            lambda raw: raw["payment"]["bands"][47].update(members_to=5),
            "payment.bands[47].members_to: The band ends before it starts.",
        ),
        (
            lambda raw: raw["scoring"].update(comment_required_at=[0, 6]),
            "scoring.comment_required_at[1]: No criterion can be given 6 points.",
        ),
        (
            lambda raw: raw["attestations"][1].update(key="accurate"),
            "attestations[1].key: accurate is used twice. Each one needs its own.",
        ),
        (
            lambda raw: raw["rubric"]["sections"][0]["criteria"][0].update(sections=["where"]),
            "rubric.sections[0].criteria[0].sections[0]: There is no section named where.",
        ),
    ],
)
def test_each_rule_names_its_path(change, error):
    assert error in errors_of(changed(change))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "file: The file has to hold a program definition in YAML."),
        ("- one\n", "file: The file has to hold a program definition in YAML."),
        ("slug: [", "line 1, column 8: This is not YAML: "),
        ("a: !!python/object:os.system {}", "line 1, column 4: This is not YAML: "),
        ("\x00", "file: The file is not YAML that can be read."),
        ("1: one\n", "slug: This is required."),
        ("? [a, b]\n: 1\n", "line 1, column 3: This is not YAML: "),
    ],
)
def test_what_is_not_a_definition_is_refused_with_a_sentence(text, error):
    errors = errors_of(text)
    assert errors[0].startswith(error)


def test_name_used_twice_is_refused_with_its_line():
    assert errors_of(TEXT + "\nslug: another\n") == [
        f"line {TEXT.count(chr(10)) + 2}: The name slug is used twice."
    ]


def test_canonical_json_is_sorted_dense_and_hashes_the_same_each_time():
    text = canonical_json(packaged_definition())
    assert (
        json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        == text
    )
    assert sha256(packaged_definition()) == hashlib.sha256(text.encode()).hexdigest()
    assert sha256(load_definition(changed(lambda raw: None))) == sha256(packaged_definition())


def test_amounts_keep_their_cents_however_they_are_written():
    def change(raw):
        raw["payment"]["bands"][0]["amount"] = 580

    definition = load_definition(changed(change))
    assert sha256(definition) == sha256(packaged_definition())
