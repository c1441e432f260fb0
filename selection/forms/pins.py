"""Pins of a scenario: rows of reference, side and reason, typed and checked."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from selection.engine import Pin, Pool, Rules

PINS = REFERENCE, SIDE, REASON = ("pin_reference", "pin_side", "pin_reason")
MOST_PINS = 200
LONGEST_REASON = 500
LONGEST_REFERENCE = 20


class PinsMixin:
    """Reads and checks the rows of pins, which are three lists of the same length.

    The form has `data`, `is_bound`, `base`, `pool` and `hidden`. Pins of the base on applications that
    are hidden from the person are in no row: they are kept as they are.
    """

    pool: Pool
    hidden: Mapping[int, str]
    base: Rules
    data: Any
    is_bound: bool

    @cached_property
    def closed(self) -> frozenset[str]:
        """The references of applications that a conflict of interest closes to the person."""
        return frozenset(self.hidden.values())

    @cached_property
    def open_base(self) -> Rules:
        """The base rules without pins that are hidden from the person."""
        return self.base.without_pins(self.closed)

    @property
    def kept_pins(self) -> tuple[Pin, ...]:
        """The pins of the base that are hidden from the person."""
        return tuple(pin for pin in self.base.pins if pin.reference in self.closed)

    @cached_property
    def pin_faults(self) -> dict[int, dict[str, list[str]]]:
        """What is wrong with rows, by their places in the lists given: sentences by name of the field.

        Filled by `clean`.
        """
        return {}

    @cached_property
    def pin_rows(self) -> list[dict[str, str]]:
        """The rows as typed, without empty ones."""
        return [row for _place, row in self._placed_rows]

    @cached_property
    def _placed_rows(self) -> list[tuple[int, dict[str, str]]]:
        """The rows as typed, without empty ones, each with its place in the lists given."""
        if not self.is_bound:
            shown = (
                {
                    "pin_reference": pin.reference,
                    "pin_side": "in" if pin.selected else "out",
                    "pin_reason": pin.reason,
                }
                for pin in self.open_base.pins
            )
            return list(enumerate(shown))
        lists = [self.data.getlist(name) for name in PINS]
        rows = enumerate(
            dict(zip(PINS, (_at(one, index) for one in lists), strict=True))
            for index in range(max(map(len, lists)))
        )
        return [
            (place, row)
            for place, row in rows
            if row["pin_reference"].strip() or row["pin_reason"].strip()
        ]

    @property
    def pin_inputs(self) -> list[dict[str, Any]]:
        """The rows as typed with their `faults`, and an empty one. Of a form that was checked."""
        rows = [
            {**row, "faults": self.pin_faults.get(place, _no_faults())}
            for place, row in self._placed_rows
        ]
        return [*rows, {REFERENCE: "", SIDE: "in", REASON: "", "faults": _no_faults()}]

    def all_pins(self) -> tuple[Pin, ...]:
        """Return the pins given and those kept, in the order of their references."""
        pins = (
            Pin(self._reference(row), row["pin_side"] == "in", row["pin_reason"].strip())
            for row in self.pin_rows
        )
        return tuple(sorted([*pins, *self.kept_pins], key=lambda pin: pin.reference))

    def clean(self) -> dict[str, Any]:
        """Refuse a pin without a known reference, a side or a reason, and more than `MOST_PINS`."""
        found = super().clean()  # type: ignore[misc]
        if len(self.pin_rows) > MOST_PINS:
            message = _(
                "Put in or left out by hand: %(most)d applications at most. Take %(n)d away."
            )
            numbers = {"most": MOST_PINS, "n": len(self.pin_rows) - MOST_PINS}
            self.add_error(None, message % numbers)  # type: ignore[attr-defined]
        seen: set[str] = set()
        for place, row in self._placed_rows:
            for name, sentence in self._faults(row, seen):
                self.pin_faults.setdefault(place, _no_faults())[name].append(sentence)
                self.add_error(None, sentence)  # type: ignore[attr-defined]
            seen.add(self._reference(row))
        return found

    def _reference(self, row: dict[str, str]) -> str:
        """Return the reference as typed, or in capitals when only that is known."""
        typed = row["pin_reference"].strip()
        return typed.upper() if typed.upper() in self.pool.places else typed

    def _faults(self, row: dict[str, str], seen: set[str]) -> Iterator[tuple[str, str]]:
        name = self._reference(row)
        short = {"name": name[:LONGEST_REFERENCE] or "–"}
        place = self.pool.places.get(name)
        if place is None:
            text = _(
                "No application handed over has the reference %(name)s. Check it in the queue."
            )
            yield REFERENCE, text % short
        elif self.pool.candidates[place].pk in self.hidden:
            text = _("You can't put %(name)s in or leave it out: you have a conflict of interest.")
            yield REFERENCE, text % short
        if name in seen:
            yield REFERENCE, _("%(name)s is there twice. Take one of the two away.") % short
        if row["pin_side"] not in ("in", "out"):
            yield SIDE, _("Say of %(name)s whether it is put in or left out.") % short
        if not row["pin_reason"].strip():
            yield REASON, _("Say why %(name)s is put in or left out.") % short
        elif len(row["pin_reason"]) > LONGEST_REASON or "\0" in row["pin_reason"]:
            yield REASON, _("Shorten the reason for %(name)s to 500 characters.") % short


def _at(values: list[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _no_faults() -> dict[str, list[str]]:
    return {name: [] for name in PINS}


def pin_id(name: str, row: int) -> str:
    """Return the id of one input of a row of pins, the rows counted from 1."""
    return f"id_{name}_{row}"
