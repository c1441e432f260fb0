from hypothesis import given
from hypothesis import strategies as st

from selection.record.redacting import numbers_for

NAMES = st.text("ABC", min_size=1, max_size=4)


def test_numbers_that_come_in_turn_sort_between_those_that_are_taken():
    first = numbers_for(["B", "D"], {})
    second = numbers_for(["B", "C2", "C3", "D"], first)
    third = numbers_for(["A", "C1", "C2", "C25"], second)
    assert third == {
        "A": "0000.01", "B": "0001", "C1": "0001.00.01", "C2": "0001.01", "C25": "0001.01.01",
        "C3": "0001.02", "D": "0002",
    }  # fmt: skip
    assert numbers_for(["C0"], third)["C0"] == "0001.00.00.01"


def test_more_than_99_in_one_place_stay_in_order():
    late = [f"B{number:03d}" for number in range(100)]
    numbers = numbers_for(["A", *late], numbers_for(["A", "C"], {}))
    assert (numbers["B000"], numbers["B099"]) == ("0001.001", "0001.100")
    more = numbers_for(["A5", "B0995"], numbers)
    assert sorted(more, key=more.get) == sorted(more)


@given(st.lists(st.sets(NAMES, min_size=1), min_size=1, max_size=6))
def test_every_release_keeps_the_numbers_and_the_order(releases):
    known = {}
    for references in releases:
        numbers = numbers_for(references, known)
        assert {name: numbers[name] for name in known} == known
        assert set(numbers) == {*known, *references}
        assert len(set(numbers.values())) == len(numbers)
        assert sorted(numbers, key=numbers.get) == sorted(numbers)
        known = numbers
