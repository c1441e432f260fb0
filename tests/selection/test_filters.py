import pytest
from django.http import QueryDict

from selection.filters import RELEVANCE, USUAL, Asked, Order, read


def asked(query):
    return read(QueryDict(query))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=elm+street",
        "status=scored&status=submitted",
        "q=a&status=scored&plan=3&plan=7&county=Los+Angeles&population=pregnant&practice_type=fqhc"
        "&tribal=yes&hpi=1&hpi=none&flag=ask+again&claimed=me&mcp_min=10&mcp_max=80&adjusted_min=70"
        "&adjusted_max=90&order=-members&columns=practice%2Cmembers",
    ],
)
def test_address_is_the_view_and_back(query):
    assert asked(query).query() == query
    assert asked(asked(query).query()) == asked(query)


def test_same_view_always_has_the_same_address():
    one, other = asked("hpi=2&status=scored&hpi=1"), asked("status=scored&hpi=1&hpi=2&hpi=1")
    assert one.query() == other.query() == "status=scored&hpi=1&hpi=2"


@pytest.mark.parametrize(
    "query",
    [
        "status=draft", "status=nonsense", "plan=x", "plan=-1", "plan=" + "9" * 40, "hpi=9", "q=%00",
        "q=++", "tribal=maybe", "claimed=them", "mcp_min=x", "mcp_min=-4", "mcp_max=1e3", "order=name",
        "order=--members", "county=%00", "flag=" + "x" * 90, "columns=,", "mcp_min=%C2%B2", "unknown=1",
    ],
)  # fmt: skip
def test_what_nobody_can_mean_is_left_out(query):
    assert asked(query) == Asked()


def test_limits_and_words_are_cut_to_what_can_be():
    found = asked("mcp_min=99999&q=" + "a" * 5000)
    assert found.limits == {"mcp_min": 999}
    assert len(found.words) == 200


def test_order_is_the_chosen_one_else_relevance_for_words_else_the_score():
    assert asked("").order == USUAL
    assert asked("q=elm").order == RELEVANCE
    assert asked("q=elm&order=hpi").order == Order("hpi", descending=False)


def test_toggling_puts_in_and_takes_out():
    one = asked("hpi=1").toggled("hpi", "2")
    assert one.query() == "hpi=1&hpi=2"
    assert one.toggled("hpi", "1").toggled("hpi", "2") == Asked()
