"""What a worker's search found, in words and rows. No queries, no markup."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from selection.engine import Pool, Rules
from selection.enums import SearchState
from selection.models import CohortSearch
from selection.presenting import dollars
from selection.presenting.solving import (
    asked_words,
    nearest_words,
    percent_words,
    stopped_sentence,
    target_rows,
)
from selection.presenting.vocabulary import Vocabulary

TONES = {
    SearchState.WAITING: "info",
    SearchState.RUNNING: "info",
    SearchState.DONE: "success",
    SearchState.IMPOSSIBLE: "warning",
    SearchState.CANCELLED: "neutral",
    SearchState.FAILED: "error",
}
SMALL_GAP = 0.0001
Json = dict[str, Any]


def progress_words(search: CohortSearch) -> str:
    """Say how far a search is."""
    numbers, parts = search.progress, []
    if "seconds" in numbers:
        n = round(numbers["seconds"])
        parts.append(ngettext("%(n)s second", "%(n)s seconds", n) % {"n": n})
    if search.state == SearchState.RUNNING and numbers.get("score") is not None:
        parts.append(
            _("best sum of adjusted scores so far: %(n)s") % {"n": f"{numbers['score']:,}"}
        )
    if "tried" in numbers:
        parts.append(_("%(n)s combinations tried") % {"n": f"{numbers['tried']:,}"})
    if search.gap is not None:
        parts.append(gap_words(search.gap))
    return " · ".join(parts)


def gap_words(gap: float) -> str:
    """Say how much better a cohort could be at most."""
    if gap == 0:
        return _("gap 0%: no cohort is better")
    shown = _("less than 0.01") if gap < SMALL_GAP else f"{100 * gap:.2f}"
    return _("gap %(gap)s%%: no cohort is better by more than that") % {"gap": shown}


def unfinished_words(result: Mapping[str, Any]) -> str:
    """Say up to where a search for points has looked before its time was up."""
    return stopped_sentence(result["below"], result["tried"])


def point_rows(result: Mapping[str, Any], rules: Rules, vocabulary: Vocabulary) -> list[Json]:
    """Return a row for each target of a search for points that found an answer."""
    return target_rows(rules, result["points"], result["shares"], vocabulary)


def point_figures(result: Mapping[str, Any], rules: Rules) -> list[Json]:
    """Return threshold, count and cost of a search for points that found an answer."""
    now = _("now %(n)s") % {"n": rules.threshold}
    budget = _("no budget set")
    if rules.budget is not None:
        budget = _("of %(budget)s") % {"budget": dollars(rules.budget)}
    return [
        _figure(_("Threshold"), str(result["threshold"]), now),
        _figure(_("Selected"), f"{result['selected']:,}", ""),
        _figure(_("Cost"), dollars(Decimal(result["cost"])), budget),
    ]


def cohort_rows(result: Mapping[str, Any], rules: Rules, vocabulary: Vocabulary) -> list[Json]:
    """Return the best cohort beside the one of the rules, a row for each number."""
    rows = [
        _row(_("Practices"), f"{result['selected']:,}", f"{result['rules_selected']:,}"),
        _row(_("Sum of adjusted scores"), f"{result['score']:,}", f"{result['rules_score']:,}"),
        _row(_("Cost"), dollars(Decimal(result["cost"])), dollars(Decimal(result["rules_cost"]))),
    ]
    shares = zip(rules.targets, result["shares"], result["rules_shares"], strict=True)
    for target, best, ours in shares:
        label = vocabulary.label(target.attribute, target.value)
        asked = f"{label} ({asked_words(target)})"
        rows.append(_row(asked, percent_words(best), percent_words(ours)))
    return rows


def hints(result: Mapping[str, Any], rules: Rules, vocabulary: Vocabulary) -> list[str]:
    """Return what stands in the way of a search that is not possible, with the nearest values."""
    found = []
    if result.get("needed") is not None and rules.budget is not None:
        text = _("The budget (%(budget)s): with every share kept, %(needed)s is the lowest.")
        found.append(
            text % {"budget": dollars(rules.budget), "needed": dollars(Decimal(result["needed"]))}
        )
    asked = {(target.attribute, target.value): target for target in rules.targets}
    for one in result.get("nearest", ()):
        target = asked[one["attribute"], one["value"]]
        found.append(
            nearest_words(
                vocabulary.label(target.attribute, target.value),
                asked_words(target),
                one["share"],
                others_kept=one.get("others_kept", True),
            )
        )
    return found or [_("Several conditions contradict each other. Take one out and search again.")]


def named_rows(pool: Pool, references: Sequence[str], hidden: Collection[int]) -> list[Json]:
    """Return rows of applications by reference; of one closed to the person nothing."""
    rows: list[Json] = []
    for reference in references:
        place = pool.places.get(reference)
        one = None if place is None else pool.candidates[place]
        if one is not None and one.pk in hidden:
            rows.append({"hidden": True})
            continue
        rows.append(
            {
                "hidden": False,
                "reference": reference,
                "url": reverse("selection:application", args=[one.pk]) if one else "",
                "practice": one.practice if one else _("no longer handed over"),
                "payment": dollars(one.payment) if one and one.payment is not None else "–",
                "mcp_score": one.mcp_score if one else "–",
            }
        )
    return rows


def _row(label: str, best: str, ours: str) -> Json:
    return {"label": label, "best": best, "ours": ours}


def _figure(label: str, value: str, note: str) -> Json:
    return {"label": label, "value": value, "note": note, "href": ""}
