import pytest

from programs.packaged import packaged_definition
from programs.priority import Facts, matching_points, possible_totals, priority_points
from programs.schema import PriorityPoint

DEFINITION = packaged_definition()
POINTS = DEFINITION.selection.priority_points


@pytest.mark.parametrize(
    ("population", "tribal", "points"),
    [
        ("adults_chronic", False, 0),
        ("adults_preventive", False, 0),
        ("behavioral_health", False, 0),
        ("children_youth", False, 12),
        ("adults_chronic", True, 15),
        ("pregnant", False, 20),
        ("children_youth", True, 27),
        ("pregnant", True, 35),
        ("", False, 0),
    ],
)
def test_points_of_population_and_tribal_status_add_up(population, tribal, points):
    assert priority_points(Facts(population=population, tribal=tribal), POINTS) == points


def test_possible_totals_of_the_packaged_program():
    assert possible_totals(POINTS, DEFINITION) == [0, 12, 15, 20, 27, 35]


def test_tribal_practice_type_alone_earns_nothing():
    assert priority_points(Facts(practice_types=("tribal_program",)), POINTS) == 0


def test_matching_points_names_the_rules():
    found = matching_points(Facts(population="pregnant", tribal=True), POINTS)
    assert [rule.attribute for rule in found] == ["population", "tribal"]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("practice_type", "fqhc"),
        ("hpi_quartile", "1"),
        ("county", "Kern"),
        ("mcp", "CalViva Health"),
        ("tribal", "no"),
    ],
)
def test_other_attributes_can_earn_points(attribute, value):
    rule = PriorityPoint(attribute=attribute, value=value, points=3, source="X")
    facts = Facts(
        practice_types=("fqhc", "small_independent"),
        hpi_quartile=1,
        county="Kern",
        mcp="CalViva Health",
    )
    assert priority_points(facts, [rule]) == 3
    other = Facts(practice_types=("large_system",), hpi_quartile=None, tribal=True)
    assert priority_points(other, [rule]) == 0


def test_a_practice_type_counts_once():
    facts = Facts(practice_types=("fqhc", "rural", "fqhc"))
    assert facts.practice_types == ("fqhc", "rural")
    assert facts == Facts(practice_types=("fqhc", "rural"))
