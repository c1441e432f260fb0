from programs.packaged import packaged_definition
from scoring.calibrating import Given, agreement, blocks_of, compare
from scoring.fairness import Refused

SAMPLE = "riverbend"


def given(*rows):
    return [Given(reviewer, SAMPLE, code, points) for reviewer, code, points in rows]


def rows_of(found):
    return {row.criterion.code: row for row in found}


def test_own_points_are_kept_out_of_the_group():
    definition = packaged_definition()
    rows = given((1, "1.1", 5), (2, "1.1", 2), (3, "1.1", 3), (2, "1.2", 4))
    rows.append(Given(2, "hillcrest", "1.1", 0))
    found = rows_of(compare(rows, definition.sample(SAMPLE), definition.criteria(), own=1))
    first = found["1.1"]
    assert (first.counts, first.mean, first.spread) == ([0, 0, 1, 1, 0, 0], 2.5, 1)
    assert (first.own, first.away, first.reference.points) == (5, 2.5, 5)
    assert (found["1.2"].own, found["1.2"].mean, found["1.2"].away) == (None, 4, 0)
    assert (found["6.3"].counts, found["6.3"].mean, found["6.3"].spread) == ([0] * 6, None, None)


def test_agreement_takes_each_criterion_as_a_unit():
    codes = [c.code for c in packaged_definition().criteria()]
    alike = given(*[(who, code, n % 6) for n, code in enumerate(codes) for who in (1, 2)])
    assert agreement(alike).value == 1
    assert agreement(alike[:18]) == Refused(9, 10)
    assert agreement(given(*[(who, code, 3) for code in codes for who in (1, 2)])) == Refused()


def test_sample_reads_like_an_application_and_says_who_judges_what():
    definition = packaged_definition()
    for sample in definition.samples:
        blocks = blocks_of(sample, definition, "About the practice")
        assert [entry.label for entry in blocks[0].entries] == [f.name for f in sample.facts]
        entries = [entry for block in blocks[1:] for entry in block.entries]
        assert {entry.key for entry in entries} == set(sample.answers)
        by_key = {entry.key: entry for entry in entries}
        assert by_key["disparity"].judged_by == "1.3"
        assert by_key["population"].answer in {c.label for c in definition.populations}


def test_packaged_samples_have_a_reason_for_every_criterion():
    definition = packaged_definition()
    codes = [criterion.code for criterion in definition.criteria()]
    assert len(definition.samples) == 2
    for sample in definition.samples:
        assert [one.code for one in sample.reference] == codes
        assert sample.is_sample
