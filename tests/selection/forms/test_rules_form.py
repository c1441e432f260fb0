from dataclasses import replace
from decimal import Decimal

import pytest
from django.http import QueryDict

from programs.packaged import packaged_definition
from programs.schema import PriorityPoint
from selection.engine import Pin, Pool, Share
from selection.engine.rules import STORED
from selection.forms.scenarios import NOTHING_HIDDEN, RulesForm, changes_of, values_of
from selection.presenting.vocabulary import Vocabulary
from tests.selection.engine.pools import PUBLISHED, candidate

POOL = Pool.of(
    [
        candidate(80, pk=1, county="Kern", mcp="Kern Family Health Care"),
        candidate(70, pk=2, county="San Mateo", mcp="Health Plan of San Mateo"),
    ]
)


def form(data=None, base=PUBLISHED, hidden=NOTHING_HIDDEN):
    given = QueryDict(data) if isinstance(data, str) else data
    return RulesForm(base, Vocabulary.of(packaged_definition(), POOL), POOL, given, hidden)


def point(attribute, value, points):
    return PriorityPoint(
        attribute=attribute, value=value, points=points, purpose=STORED, source="C"
    )


ROUND = [
    PUBLISHED,
    replace(PUBLISHED, threshold=61, inclusive=False, budget=None),
    replace(PUBLISHED, points=()),
    replace(PUBLISHED, points=(point("county", "San Mateo", 3), point("hpi_quartile", "1", 0))),
    replace(PUBLISHED, targets=(), only_recommended=False, waitlist_margin=0),
    replace(PUBLISHED, targets=(Share("mcp", "Kern Family Health Care", None, Decimal("0.125")),)),
    replace(PUBLISHED, tie_break=("members", "hpi_quartile", "reference")),
    replace(
        PUBLISHED,
        pins=(
            Pin("EPT1-000001-0", True, "The only one in Kern."),
            Pin("EPT1-000002-0", False, "Twice."),
        ),
    ),
]


def same(one, other):
    """Whether two sets of rules say the same; points of 0 say nothing."""
    first, second = (
        {
            **rules.as_json(),
            "points": {(p.attribute, p.value): p.points for p in rules.points if p.points},
            "budget": rules.budget,
            "targets": {(t.attribute, t.value): (t.minimum, t.maximum) for t in rules.targets},
        }
        for rules in (one, other)
    )
    return first == second


@pytest.mark.parametrize("base", ROUND)
@pytest.mark.parametrize("rules", ROUND)
def test_every_set_of_rules_goes_through_its_query_string_and_back(base, rules):
    query = changes_of(base, rules).urlencode()
    found = form(query, base)
    assert found.errors == {}
    assert same(found.rules(), rules)
    assert found.query() == changes_of(base, rules)


@pytest.mark.parametrize("rules", ROUND)
def test_the_whole_form_says_everything_whatever_the_base(rules):
    everything = QueryDict(mutable=True)
    for name, values in values_of(rules).items():
        everything.setlist(name, values)
    found = form(everything, replace(rules, threshold=1))
    assert found.errors == {}
    assert same(found.rules(), rules)
    assert found.query().urlencode() == f"threshold={rules.threshold}"


def test_without_any_field_the_base_is_shown_and_holds():
    found = form("q=1")
    assert not found.is_bound
    assert found.rules() is PUBLISHED
    assert found.query().urlencode() == ""


@pytest.mark.parametrize("typed", ["97000000", "97,000,000", " $97,000,000.00 "])
def test_dollars_are_read_as_people_write_them(typed):
    assert form({"budget": typed}).rules().budget == Decimal(97_000_000)


def test_no_budget_is_no_budget():
    found = form("budget=")
    assert found.rules().budget is None
    assert found.query().urlencode() == "budget="


BAD = [
    ("threshold=abc", "threshold"),
    ("threshold=", "threshold"),
    ("threshold=-1", "threshold"),
    ("threshold=501", "threshold"),
    ("threshold=" + "9" * 5000, "threshold"),
    ("threshold=%00", "threshold"),
    ("budget=a+lot", "budget"),
    ("budget=-5", "budget"),
    ("budget=NaN", "budget"),
    ("budget=1e99", "budget"),
    ("points_population_pregnant=101", "points_population_pregnant"),
    ("points_tribal_yes=2.5", "points_tribal_yes"),
    ("inclusive=perhaps", "inclusive"),
    ("only_recommended=", "only_recommended"),
    ("waitlist_margin=", "waitlist_margin"),
    ("tie_break=luck", "tie_break"),
    ("tie_break=members&tie_break=members", "tie_break"),
    ("least_population_pregnant=101", "least_population_pregnant"),
    ("least_population_pregnant=50&most_population_pregnant=40", "most_population_pregnant"),
    ("points_population_martians=5", "__all__"),
    ("points_county_Oz=5", "__all__"),
    ("pin_reference=EPT1-000001-0&pin_side=in&pin_reason=", "__all__"),
    ("pin_reference=EPT1-999999-9&pin_side=in&pin_reason=why", "__all__"),
    ("pin_reference=EPT1-000001-0&pin_side=up&pin_reason=why", "__all__"),
    ("pin_reference=EPT1-000001-0&pin_side=in&pin_reason=" + "w" * 501, "__all__"),
]


@pytest.mark.parametrize(("query", "field"), BAD)
def test_what_can_not_be_is_named_at_its_field(query, field):
    found = form(query)
    assert list(found.errors) == [field]
    text = str(found.errors).lower()
    assert "invalid" not in text.replace('class="errorlist', "")
    assert "this field" not in text


def test_a_reference_may_be_typed_in_small_letters_once():
    rows = "pin_reference=ept1-000001-0&pin_side=out&pin_reason=Twice."
    assert form(rows).rules().pins == (Pin("EPT1-000001-0", False, "Twice."),)
    twice = form(f"{rows}&{rows}")
    assert "EPT1-000001-0 is there twice" in str(twice.errors)


def test_who_has_a_conflict_can_not_pin():
    pk = POOL.candidates[0].pk
    query = "pin_reference=EPT1-000001-0&pin_side=in&pin_reason=Good."
    assert "conflict of interest" in str(form(query, hidden={pk: "EPT1-000001-0"}).errors)
    assert form(query, hidden={pk + 1: "EPT1-000002-0"}).errors == {}


CLOSED = Pin("EPT1-000001-0", selected=True, reason="The only one in Kern.")
OPEN = Pin("EPT1-000002-0", selected=False, reason="Twice.")
CLOSED_TO_ME = {1: "EPT1-000001-0"}


def test_hidden_pins_are_in_no_field_and_no_address_and_stay():
    base = replace(PUBLISHED, pins=(CLOSED, OPEN))
    shown = form(base=base, hidden=CLOSED_TO_ME)
    assert [row["pin_reference"] for row in shown.pin_rows] == [OPEN.reference]
    assert (shown.rules(), shown.kept_pins) == (base, (CLOSED,))
    changed = form("threshold=70", base=base, hidden=CLOSED_TO_ME)
    assert changed.rules() == replace(base, threshold=70, points=changed.rules().points)
    without = form("pin_reference=&pin_side=in&pin_reason=", base=base, hidden=CLOSED_TO_ME)
    assert without.rules().pins == (CLOSED,)
    for one in (shown, changed, without):
        said = f"{one.hidden_fields_of()}{dict(one.query().lists())}"
        assert CLOSED.reference not in said
        assert CLOSED.reason not in said


@pytest.mark.parametrize(("rows", "most", "fine"), [(200, 200, True), (201, 200, False)])
def test_pins_past_the_most_are_refused_and_none_is_dropped(rows, most, fine):
    row = "pin_reference=&pin_side=in&pin_reason="
    given = form(
        "&".join([*[row] * most, "pin_reference=EPT1-000001-0&pin_side=in&pin_reason=Why"])
    )
    assert [pin.reference for pin in given.rules().pins] == ["EPT1-000001-0"]
    many = form("&".join(f"pin_reference=x{n}&pin_side=in&pin_reason=Why" for n in range(rows)))
    assert len(many.pin_rows) == rows
    assert ("200 applications at most. Take 1 away." not in str(many.errors)) is fine


def test_ids_of_fields_have_no_spaces():
    found = form("points_mcp_Health+Plan+of+San+Mateo=5")
    assert found["points_mcp_Health Plan of San Mateo"].auto_id == (
        "id_points_mcp_health-plan-of-san-mateo"
    )
    assert found.rules().points[-1].value == "Health Plan of San Mateo"
