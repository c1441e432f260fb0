"""Two results beside each other in words and rows. No queries, no markup."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.importing.columns import harmless
from selection.engine import Result, Rules
from selection.engine.comparing import Cause, Comparison, Move
from selection.engine.measuring import Part, mix_of, mix_of_sizes
from selection.enums import Outcome, Reason
from selection.presenting import dollars
from selection.presenting.scenario_history import hidden_pins, rule_changes
from selection.presenting.solving import tenth_words
from selection.presenting.vocabulary import Vocabulary

Json = dict[str, Any]
MINUS = "−"
COLUMNS = (
    "reference",
    "practice",
    "plan",
    "county",
    "move",
    "cause",
    "mcp_score",
    "points_a",
    "points_b",
    "adjusted_a",
    "adjusted_b",
    "reason_a",
    "reason_b",
    "potential_payment",
)


def cause_words() -> dict[Cause, str]:
    """Return what each cause of a move is called."""
    return {
        Cause.PIN: _("Put in or left out by hand"),
        Cause.RECOMMENDED: _("Who can be selected"),
        Cause.POINTS: _("Points"),
        Cause.THRESHOLD: _("Threshold"),
        Cause.BUDGET: _("Budget"),
        Cause.TIE: _("Order of equal scores"),
        Cause.TOGETHER: _("Several changes together"),
    }


def numbers(before: Result, after: Result) -> list[Json]:
    """Return count and cost of both, with the difference."""
    return [
        _counted(_("Selected"), _in(before), _in(after)),
        _counted(_("Waitlisted"), _waits(before), _waits(after)),
        {
            "label": _("Cost"),
            "before": dollars(before.cost),
            "after": dollars(after.cost),
            "more": _signed_dollars(after.cost - before.cost),
        },
    ]


def differences(
    before: Rules, after: Rules, vocabulary: Vocabulary, hidden: Collection[str]
) -> list[str]:
    """Return what differs between the rules, a line each; of pins on `hidden` references not which."""
    lines = rule_changes(before, after, vocabulary, hidden)
    if any(pin.reference in hidden for pin in (*before.pins, *after.pins)):
        return list(dict.fromkeys([*lines, hidden_pins()]))
    return lines


def mix_rows(before: Result, after: Result, vocabulary: Vocabulary) -> list[Json]:
    """Return for each attribute the values that are not 0 in both, with both numbers and shares."""
    sizes = {
        "under_1000": _("Under 1,000"),
        "1000_to_4999": _("1,000 to 4,999"),
        "5000_to_19999": _("5,000 to 19,999"),
        "20000_and_more": _("20,000 and more"),
    }
    groups = [
        (words, mix_of(before, name), mix_of(after, name), _labels(vocabulary, name))
        for name, words in vocabulary.attributes.items()
    ]
    groups.append((_("Assigned members"), mix_of_sizes(before), mix_of_sizes(after), sizes))
    return [
        {"title": title, "rows": rows, "changed": sum(row["is_changed"] for row in rows)}
        for title, one, other, labels in groups
        if (rows := list(_mix(one, other, labels)))
    ]


def cause_counts(moves: Iterable[Move]) -> list[tuple[Cause, str, int]]:
    """Return how many moves each cause has, in the order of the causes."""
    counts = Counter(move.cause for move in moves)
    return [
        (cause, words, counts[cause]) for cause, words in cause_words().items() if counts[cause]
    ]


def move_rows(moves: Iterable[Move], hidden: Collection[int]) -> list[Json]:
    """Return the rows of moves; of one closed to the person only that it moves."""
    words = cause_words()
    return [_move(move, words) if not _closed(move, hidden) else _hidden(move) for move in moves]


def csv_rows(comparison: Comparison, hidden: Collection[int]) -> Iterator[list[Any]]:
    """Yield the lines of a file of moves, its head first; cells are safe to open in a spreadsheet."""
    yield list(COLUMNS)
    for move in comparison.moves:
        side = "enters" if move.entered else "leaves"
        if _closed(move, hidden):
            yield ["", _("Hidden from you by a conflict of interest"), "", "", side]
            continue
        one = move.after.candidate
        row = [
            one.reference,
            one.practice,
            one.facts.mcp,
            one.facts.county,
            side,
            move.cause.value,
            one.mcp_score,
            move.before.points,
            move.after.points,
            move.before.adjusted,
            move.after.adjusted,
            str(move.before.reason),
            str(move.after.reason),
            "" if one.payment is None else f"{one.payment:.2f}",
        ]
        yield [harmless(cell) for cell in row]


def _move(move: Move, words: Mapping[Cause, str]) -> Json:
    one = move.after.candidate
    return {
        "hidden": False,
        "entered": move.entered,
        "rank": move.after.rank,
        "url": reverse("selection:application", args=[one.pk]),
        "reference": one.reference,
        "practice": one.practice,
        "plan": one.facts.mcp,
        "before": move.before.adjusted,
        "after": move.after.adjusted,
        "cause": words[move.cause],
        "reason": Reason(move.after.reason if not move.entered else move.before.reason).label,
        "payment": dollars(one.payment) if one.payment is not None else "–",
    }


def _hidden(move: Move) -> Json:
    return {"hidden": True, "entered": move.entered, "rank": move.after.rank}


def _closed(move: Move, hidden: Collection[int]) -> bool:
    return move.after.candidate.pk in hidden


def _mix(
    before: Iterable[Part], after: Iterable[Part], labels: Mapping[str, str]
) -> Iterator[Json]:
    old = {part.value: part for part in before}
    places = {value: place for place, value in enumerate(labels)}
    for part in sorted(after, key=lambda one: places.get(one.value, len(places))):
        was = old[part.value]
        if not was.selected and not part.selected:
            continue
        yield {
            "label": labels.get(part.value) or part.value or _("not known"),
            "before": _share(was),
            "after": _share(part),
            "more": _signed(part.selected - was.selected),
            "is_changed": part.selected != was.selected,
        }


def _labels(vocabulary: Vocabulary, attribute: str) -> dict[str, str]:
    others = {"no": _("Other practices")} if attribute == "tribal" else {}
    return vocabulary.labels_of(attribute) | others


def _share(part: Part) -> str:
    return f"{part.selected:,} ({tenth_words(part.share)})"


def _counted(label: str, before: int, after: int) -> Json:
    return {
        "label": label,
        "before": f"{before:,}",
        "after": f"{after:,}",
        "more": _signed(after - before),
    }


def _in(result: Result) -> int:
    return result.counts.get(Outcome.SELECTED, 0)


def _waits(result: Result) -> int:
    return result.counts.get(Outcome.WAITLISTED, 0)


def _signed(number: int) -> str:
    return f"{MINUS if number < 0 else '+' if number else ''}{abs(number):,}"


def _signed_dollars(amount: Decimal) -> str:
    return f"{MINUS if amount < 0 else '+' if amount else ''}{dollars(abs(amount))}"
