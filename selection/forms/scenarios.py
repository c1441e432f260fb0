"""The rules of a scenario as a form. The same fields are in the workbench's address.

Field names: `points_<attribute>_<value>`, `threshold`, `inclusive` and `only_recommended` (yes or no),
`waitlist_margin`, `budget` (dollars; empty is none), `least_<attribute>_<value>` and
`most_<attribute>_<value>` (percent), `tie_break` (repeated, in order), and `pin_reference`, `pin_side`
(in or out) and `pin_reason` (repeated together). What is not given keeps the value of the base rules.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm, use_our_messages
from programs.schema import PriorityPoint
from selection.engine import Pool, Rules, Share
from selection.engine.rules import LAST_TIE_BREAK, STORED
from selection.forms.pins import PINS, PinsMixin, pin_id
from selection.forms.rule_fields import (
    DollarsField,
    PercentField,
    PointsField,
    TieBreakField,
    plain,
)
from selection.presenting.vocabulary import Key, Vocabulary

MOST_POINTS = 100
HIGHEST_THRESHOLD = 500
POINTS, LEAST, MOST = "points", "least", "most"
PERCENT = Decimal(100)
NOTHING_HIDDEN: Mapping[int, str] = MappingProxyType({})


class RulesForm(PinsMixin, PortalForm):
    """Everything that decides, on top of base rules: the published ones, or those of a stored scenario.

    `data` is what a query string or a post holds; without any of the fields the form shows the base.
    `hidden` are the applications that a conflict of interest closes to the person, references by id:
    pins of the base on them are in no field and no address, and stay as they are.
    """

    form_method = "get"
    mark_optional = False

    threshold = forms.IntegerField(
        label=_("Threshold (points)"), min_value=0, max_value=HIGHEST_THRESHOLD
    )
    budget = DollarsField(
        label=_("Budget (dollars)"),
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
    )
    inclusive = forms.ChoiceField(
        label=_("An application exactly at the threshold"),
        choices=[("yes", _("is in")), ("no", _("is not in"))],
    )
    only_recommended = forms.ChoiceField(
        label=_("Who can be selected"),
        choices=[("yes", _("only who the plan recommended")), ("no", _("everybody"))],
    )
    waitlist_margin = forms.IntegerField(
        label=_("Waitlist: points below the line"), min_value=0, max_value=MOST_POINTS
    )
    tie_break = TieBreakField(label=_("Order of equal scores"), required=False)

    def __init__(
        self,
        base: Rules,
        vocabulary: Vocabulary,
        pool: Pool,
        data: Mapping[str, Any] | None = None,
        hidden: Mapping[int, str] = NOTHING_HIDDEN,
    ) -> None:
        self.base, self.vocabulary, self.pool, self.hidden = base, vocabulary, pool, hidden
        given = _given(data)
        self.unknown = _unknown(given, vocabulary)
        shown = values_of(self.open_base) | given
        super().__init__(_as_query(shown) if given else None, initial=_initial(values_of(base)))
        for kind in (POINTS, LEAST, MOST):
            for key in self._keys(kind, shown):
                self.fields[_name(kind, key)] = self._field(kind, key)

    def _keys(self, kind: str, shown: Mapping[str, list[str]]) -> list[Key]:
        """Return which criteria have a field: those of the base, the given ones, and paired targets."""
        pairs = (LEAST, MOST) if kind != POINTS else (POINTS,)
        return [
            key for key in self.vocabulary.values if any(_name(one, key) in shown for one in pairs)
        ]

    def _field(self, kind: str, key: Key) -> forms.Field:
        label = self.vocabulary.label(*key)
        if kind == POINTS:
            field = PointsField(label=label, min_value=0, max_value=MOST_POINTS)
        else:
            text = _t("%(what)s: at least %%") if kind == LEAST else _t("%(what)s: at most %%")
            field = PercentField(label=text % {"what": label})
        use_our_messages(field)
        return field

    def clean(self) -> dict[str, Any]:
        """Check what only the whole can tell: unknown criteria, and targets that leave nothing between."""
        found = super().clean()
        for name in self.unknown[:3]:
            message = _t("This cycle has no criterion “%(name)s”. Take it out of the address.")
            self.add_error(None, message % {"name": name[:60]})
        for key in self._target_keys():
            least, most = (found.get(_name(kind, key)) for kind in (LEAST, MOST))
            if least is not None and most is not None and least > most:
                self.add_error(
                    _name(MOST, key),
                    _t("This is less than the least share. Enter %(least)s or more.")
                    % {"least": plain(least)},
                )
        return found

    def rules(self) -> Rules:
        """Return the rules as given. Raises ValueError when the form has errors."""
        if not self.is_bound:
            return self.base
        if not self.is_valid():
            raise ValueError("a form with errors has no rules")
        given = self.cleaned_data
        return Rules(
            points=tuple(self._points()),
            threshold=given["threshold"],
            budget=given["budget"],
            inclusive=given["inclusive"] == "yes",
            only_recommended=given["only_recommended"] == "yes",
            waitlist_margin=given["waitlist_margin"],
            tie_break=(*given["tie_break"], LAST_TIE_BREAK),
            pins=self.all_pins(),
            targets=tuple(self._targets()),
        )

    def query(self) -> QueryDict:
        """Return what differs from the base rules, as the shortest query string that says it all."""
        return changes_of(self.base, self.rules(), self.closed)

    def hidden_fields_of(self) -> list[tuple[str, str]]:
        """Return every name and value as typed, for the hidden inputs of a form that acts on the rules."""
        values = self.data if self.is_bound else _as_query(values_of(self.open_base))
        return [(name, value) for name, found in values.lists() for value in found]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every fault that has a field on the workbench, in its order: the field's id, and a sentence."""
        by_field = [(field.auto_id, text) for field in self for text in field.errors]
        by_pin = [
            (pin_id(name, place + 1), text)
            for place, found in sorted(self.pin_faults.items())
            for name, texts in found.items()
            for text in texts
        ]
        return by_field + by_pin

    def points_fields(self) -> list[forms.BoundField]:
        """Return the fields of points, in the program's order."""
        return [self[name] for name in self.fields if name.startswith(f"{POINTS}_")]

    def target_rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return label, least and most of each target."""
        return [
            (self.vocabulary.label(*key), self[_name(LEAST, key)], self[_name(MOST, key)])
            for key in self._target_keys()
        ]

    @property
    def more_count(self) -> int:
        """How many of the less common rules are not as they usually are."""
        rules = self.rules() if not self.is_bound or self.is_valid() else self.base
        changed = (
            not rules.only_recommended,
            not rules.inclusive,
            rules.order != (LAST_TIE_BREAK,),
        )
        return sum(changed) + len(rules.pins)

    @property
    def more_open(self) -> bool:
        """Whether the less common rules are shown unfolded: some are set, or need mending."""
        folded = {"only_recommended", "inclusive", "waitlist_margin", "tie_break", "__all__"}
        return bool(self.more_count or folded & set(self.errors))

    def _points(self) -> Iterable[PriorityPoint]:
        for key in self.vocabulary.values:
            if (points := self.cleaned_data.get(_name(POINTS, key))) is not None:
                attribute, value = key
                yield PriorityPoint(
                    attribute=attribute, value=value, points=points, purpose=STORED, source="C"
                )

    def _targets(self) -> Iterable[Share]:
        for key in self._target_keys():
            least, most = (self.cleaned_data.get(_name(kind, key)) for kind in (LEAST, MOST))
            if least is not None or most is not None:
                yield Share(*key, _share(least), _share(most))

    def _target_keys(self) -> list[Key]:
        return [key for key in self.vocabulary.values if _name(LEAST, key) in self.fields]


def values_of(rules: Rules) -> dict[str, list[str]]:
    """Return the rules as the lists of texts that their fields hold."""
    values = {
        "threshold": [str(rules.threshold)],
        "budget": ["" if rules.budget is None else plain(rules.budget)],
        "inclusive": [_yes(rules.inclusive)],
        "only_recommended": [_yes(rules.only_recommended)],
        "waitlist_margin": [str(rules.waitlist_margin)],
        "tie_break": [key for key in rules.order if key != LAST_TIE_BREAK],
    }
    for rule in rules.points:
        values[_name(POINTS, (rule.attribute, rule.value))] = [str(rule.points)]
    for target in rules.targets:
        key = target.attribute, target.value
        values[_name(LEAST, key)] = [_percent(target.minimum)]
        values[_name(MOST, key)] = [_percent(target.maximum)]
    values["pin_reference"] = [pin.reference for pin in rules.pins]
    values["pin_side"] = ["in" if pin.selected else "out" for pin in rules.pins]
    values["pin_reason"] = [pin.reason for pin in rules.pins]
    return values


def changes_of(base: Rules, rules: Rules, closed: Collection[str] = ()) -> QueryDict:
    """Return as a query string what `rules` change of `base`, pins on `closed` references left out."""
    before, after = (values_of(one.without_pins(closed)) for one in (base, rules))
    if [before[name] for name in PINS] != [after[name] for name in PINS]:
        before = {name: value for name, value in before.items() if name not in PINS}
    query = QueryDict(mutable=True)
    for name in (*after, *(name for name in before if name not in after)):
        found = after.get(name, ["0" if name.startswith(POINTS) else ""])
        if found != before.get(name, [""] if name.startswith((LEAST, MOST)) else None):
            query.setlist(name, found or [""])
    return query


def _given(data: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Return those of the data that are fields of rules."""
    if data is None:
        return {}
    lists = (
        data.lists() if isinstance(data, MultiValueDict) else ((k, [v]) for k, v in data.items())
    )
    names = {*RulesForm.base_fields, *PINS}
    prefixes = tuple(f"{kind}_" for kind in (POINTS, LEAST, MOST))
    found = {name: list(v) for name, v in lists if name in names or name.startswith(prefixes)}
    if any(name in found for name in PINS):
        found = {name: [] for name in PINS} | found
    return found


def _unknown(given: Mapping[str, list[str]], vocabulary: Vocabulary) -> list[str]:
    known = {_name(kind, key) for key in vocabulary.values for kind in (POINTS, LEAST, MOST)}
    prefixes = tuple(f"{kind}_" for kind in (POINTS, LEAST, MOST))
    return [name for name in given if name.startswith(prefixes) and name not in known]


def _as_query(values: Mapping[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, found in values.items():
        query.setlist(name, found)
    return query


def _initial(values: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        name: found if name == "tie_break" else found[-1] if found else ""
        for name, found in values.items()
        if name not in PINS
    }


def _name(kind: str, key: Key) -> str:
    return f"{kind}_{key[0]}_{key[1]}"


def _percent(share: Decimal | None) -> str:
    return "" if share is None else plain(share * PERCENT)


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / PERCENT


def _yes(value: bool) -> str:
    return "yes" if value else "no"
