"""Two scenarios side by side: who enters, who leaves and why, and what it does to mix and cost."""

import csv
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from applications.importing.columns import BYTE_ORDER_MARK
from selection.engine import Result, Rules, judge_pool
from selection.engine.comparing import Cause, Comparison, Move, compare
from selection.forms.scenarios import RulesForm
from selection.models import Scenario
from selection.presenting import comparing
from selection.queries.scenarios import scenarios_in
from selection.views.rules_page import LONGEST_PK, SCENARIO, RulesPage

PUBLISHED = "published"
PAGE = 100
SIDES = ("enter", "leave")
CHOICES_SHOWN = 200


@dataclass(frozen=True)
class Side:
    """One of the two: how the address names it, what it is called, and its rules (None with errors)."""

    key: str
    label: str
    rules: Rules | None
    form: RulesForm
    url: str


class CompareView(RulesPage):
    """Two scenarios, named by `a` and `b`: "published", a scenario's number, or a whole query string."""

    template_name = "selection/compare/page.html"

    def get(self, request, *args, **kwargs):
        """Show the differences; an address of the workbench is compared with what it changes."""
        if "a" not in request.GET and "b" not in request.GET and request.GET:
            return redirect(self._from_workbench(request.GET))
        one = self._side(request.GET.get("a") or PUBLISHED)
        other = self._side(request.GET["b"]) if request.GET.get("b") else None
        faulty = [side for side in (one, other) if side is not None and side.rules is None]
        context: dict[str, Any] = {"a": one, "b": other, "faulty": faulty}
        if other is not None and not faulty:
            context |= self._compared(one, other)
        return self.render(422 if faulty else 200, **context, choices=self._choices(one, other))

    def comparison_of(self, one: Side, other: Side) -> tuple[Result, Result, Comparison]:
        """Return both results and what changes from one to the other."""
        assert one.rules is not None
        assert other.rules is not None
        before, after = judge_pool(self.pool, one.rules), judge_pool(self.pool, other.rules)
        return before, after, compare(before, after)

    def _compared(self, one: Side, other: Side) -> dict[str, Any]:
        before, after, found = self.comparison_of(one, other)
        return {
            "numbers": comparing.numbers(before, after),
            "lines": comparing.differences(before.rules, after.rules, self.vocabulary, self.closed),
            "mixes": comparing.mix_rows(before, after, self.vocabulary),
            "moves": len(found.moves),
            **self._list(one, other, found),
            "swap_url": self._address(other.key, one.key),
            "csv_url": self._address(one.key, other.key, name="selection:compare_csv"),
        }

    def _list(self, one: Side, other: Side, found: Comparison) -> dict[str, Any]:
        """Return one page of moves of the side and cause in the address, after a rank."""
        asked = self.request.GET
        side = asked.get("side", "") if asked.get("side") in SIDES else ""
        cause = asked.get("cause", "") if asked.get("cause") in set(Cause) else ""
        of_side = {"": found.moves, "enter": found.entered, "leave": found.left}[side]
        matching = [move for move in of_side if not cause or move.cause == cause]
        after = _number(asked.get("after", ""))
        coming = [move for move in matching if move.after.rank > after]
        kept = {name: value for name, value in (("side", side), ("cause", cause)) if value}
        next_url = ""
        if len(coming) > PAGE:
            last = str(coming[PAGE - 1].after.rank)
            next_url = self._address(one.key, other.key, **kept, after=last) + "#moves"
        return {
            "rows": comparing.move_rows(coming[:PAGE], self.hidden),
            "count": len(matching),
            "next_url": next_url,
            "first_url": self._address(one.key, other.key, **kept) + "#moves" if after else "",
            "chips": self._chips(one, other, found, side, cause),
            "causes": self._causes(one, other, of_side, side, cause),
        }

    def _chips(self, one: Side, other: Side, found: Comparison, side: str, cause: str) -> list:
        chips = [
            ("", _("All"), found.moves),
            ("enter", _("Enter"), found.entered),
            ("leave", _("Leave"), found.left),
        ]
        return [
            {
                "label": label,
                "count": len(moves),
                "active": value == side and not cause,
                "href": self._address(one.key, other.key, **_given(side=value)) + "#moves",
            }
            for value, label, moves in chips
        ]

    def _causes(
        self, one: Side, other: Side, moves: list[Move], side: str, cause: str
    ) -> list[dict[str, Any]]:
        return [
            {
                "label": words,
                "count": count,
                "active": value == cause,
                "href": self._address(one.key, other.key, **_given(side=side, cause=value.value))
                + "#moves",
            }
            for value, words, count in comparing.cause_counts(moves)
        ]

    def _from_workbench(self, query: QueryDict) -> str:
        """Return the address that compares the rules of a workbench's address with what they change."""
        if set(query) == {SCENARIO}:
            return self._address(PUBLISHED, query[SCENARIO])
        return self._address(query.get(SCENARIO) or PUBLISHED, query.urlencode())

    def _side(self, key: str) -> Side:
        """Return the side that a text names. Raises Http404 for a scenario that the hat may not see."""
        if key == PUBLISHED:
            return self._made(key, None, None)
        if key.isascii() and key.isdecimal():
            return self._made(key, self._scenario(key), None)
        query = QueryDict(key)
        named = query.get(SCENARIO, "")
        return self._made(key, self._scenario(named) if named else None, query)

    def _made(self, key: str, scenario: Scenario | None, query: QueryDict | None) -> Side:
        base = Rules.from_json(scenario.rules) if scenario else self.published
        form = RulesForm(base, self.vocabulary, self.pool, query, self.hidden)
        rules = form.rules() if not form.is_bound or form.is_valid() else None
        label = scenario.name if scenario else _("Published rules")
        if rules is not None and rules != base:
            label = _("%(name)s, changed") % {"name": label}
        address = reverse("selection:workbench", args=[self.cycle.slug])
        if query is not None:
            address += f"?{query.urlencode()}"
        elif scenario:
            address += f"?{SCENARIO}={scenario.pk}"
        return Side(key, label, rules, form, address)

    def _scenario(self, text: str) -> Scenario:
        if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_PK):
            raise Http404
        found = next((row for row in self.scenarios if row.pk == int(text)), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """The scenarios of the cycle that the hat may see."""
        return list(scenarios_in(self.cycle, self.request.hat))

    def _choices(self, one: Side, other: Side | None) -> list[tuple[str, str]]:
        """Return what can be compared: the published rules, scenarios, and what the address holds."""
        choices = [(PUBLISHED, _("Published rules"))]
        choices += [(str(row.pk), _named(row, self.request.hat)) for row in self.scenarios]
        known = {key for key, _label in choices[:CHOICES_SHOWN]}
        sides = [side for side in (one, other) if side is not None and side.key not in known]
        return [
            *choices[:CHOICES_SHOWN],
            *{side.key: (side.key, side.label) for side in sides}.values(),
        ]

    def _address(self, one: str, other: str, name: str = "selection:compare", **more: str) -> str:
        query = QueryDict(mutable=True)
        query.update({"a": one, "b": other, **more})
        return f"{reverse(name, args=[self.cycle.slug])}?{query.urlencode()}"


class CompareFileView(CompareView):
    """The moves as a CSV file."""

    def get(self, request, *args, **kwargs):
        """Return every move, one line each. Raises Http404 when the address names no two sides."""
        sides = [self._side(request.GET.get(name) or PUBLISHED) for name in ("a", "b")]
        if any(side.rules is None for side in sides):
            raise Http404
        _before, _after, found = self.comparison_of(*sides)
        response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="moves-{self.cycle.slug}.csv"'
        csv.writer(response).writerows(comparing.csv_rows(found, self.hidden))
        return response


def _named(scenario: Scenario, hat: Any) -> str:
    if scenario.owner_id == hat.user_id:
        return scenario.name
    return _("%(name)s (by %(owner)s)") % {"name": scenario.name, "owner": scenario.owner}


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_PK else 0
