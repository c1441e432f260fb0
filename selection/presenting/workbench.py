"""A scenario's result in words and rows: figures, make-up, the line, who is in. No queries, no markup."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from selection.engine import Result, Verdict
from selection.engine.judging import CODE, dollars_of
from selection.engine.measuring import cost_curve, near_line, next_point, ties_at_cut
from selection.enums import Outcome, Reason
from selection.presenting import dollars

WITHIN = 3
NEAR_SHOWN = 60
LIST_SHOWN = 100
MILLION = Decimal(1_000_000)
TONES = {"selected": "success", "waitlisted": "warning", "not_selected": "neutral"}
Json = dict[str, Any]


def short_dollars(amount: Decimal) -> str:
    """Return dollars in few characters, such as "$94.2M"; small amounts in full."""
    if abs(amount) < MILLION:
        return dollars(amount)
    return f"${amount / MILLION:,.1f}M"


def summary(result: Result) -> str:
    """Return the result in one sentence, as it is read out after a change."""
    selected, budget = result.counts.get(Outcome.SELECTED, 0), result.rules.budget
    text = ngettext("%(n)s selected of %(all)s.", "%(n)s selected of %(all)s.", selected)
    text = text % {"n": f"{selected:,}", "all": f"{len(result.pool):,}"}
    if budget is None:
        return f"{text} {_('%(cost)s, no budget set.') % {'cost': short_dollars(result.cost)}}"
    money = {"cost": short_dollars(result.cost), "budget": short_dollars(budget)}
    return f"{text} {_('%(cost)s of %(budget)s.') % money}"


def figures(result: Result) -> Json:
    """Return the key figures: in, waiting, cost against the budget, and what one point less means."""
    budget, cost = result.rules.budget, result.cost
    left = None if budget is None else budget - cost
    used = None if not budget else 100 * float(cost / budget)
    return {
        "selected": result.counts.get(Outcome.SELECTED, 0),
        "waiting": result.counts.get(Outcome.WAITLISTED, 0),
        "all": len(result.pool),
        "cost": short_dollars(cost),
        "exact": dollars(cost),
        "budget": None if budget is None else short_dollars(budget),
        "left": None if left is None else short_dollars(abs(left)),
        "over": left is not None and left < 0,
        "used": None if used is None else f"{min(used, 100):.2f}%",
        "used_text": "" if used is None else f"{used:.1f}%",
        "unknown": result.without_payment,
        "next": _next(result),
    }


def cut(result: Result) -> Json | None:
    """Return what to say when the budget ends before the line: who waits, and the threshold that fits."""
    budget = result.rules.budget
    waiting = sum(
        result.reasons.get(reason, 0) for reason in (Reason.OVER_BUDGET, Reason.TIE_BREAK)
    )
    over = budget is not None and result.cost > budget
    if budget is None or not (waiting or over):
        return None
    fits = None
    for step in cost_curve(result):
        if step.cost > budget:
            break
        fits = step.threshold
    return {"waiting": waiting, "line": result.rules.line, "fits": fits, "over": over}


def ties(result: Result) -> Json:
    """Return how many have exactly the score of the line, and among whom the tie-break decided."""
    at_line = int((result.adjusted == result.rules.line).sum())
    places = ties_at_cut(result)
    chosen = int(result.is_in[result.order[places]].sum()) if len(places) else 0
    score = int(result.adjusted[result.order[places[0]]]) if len(places) else None
    return {
        "at_line": at_line,
        "line": result.rules.line,
        "score": score,
        "chosen": chosen,
        "lost": len(places) - chosen,
    }


def near_rows(result: Result, hidden: Collection[int]) -> tuple[list[Json], int]:
    """Return who is within three points of the line, with what would tip each, and how many there are.

    Where there are many, those closest to the line are shown, in rank order.
    """
    places = near_line(result, WITHIN)
    shown = places
    if len(places) > NEAR_SHOWN:
        distance = np.abs(result.adjusted[result.order[places]] - result.rules.line)
        nearest = np.argsort(distance, kind="stable")[:NEAR_SHOWN]
        shown = np.sort(places[nearest])
    more = _dollars_missing(result)
    return [
        {**row_of(verdict, hidden), "tip": _tip(verdict, result, more)}
        for verdict in result.verdicts_at(shown)
    ], len(places)


def rows_in(result: Result, hidden: Collection[int], places: Iterable[int]) -> list[Json]:
    """Return the rows at these places of the rank (from 0)."""
    return [row_of(verdict, hidden) for verdict in result.verdicts_at(places)]


def places_of(result: Result, outcome: str) -> np.ndarray:
    """Return the places in the rank (from 0) of everybody with an outcome; of all when it is empty."""
    if outcome == Outcome.SELECTED:
        return np.flatnonzero(result.is_in[result.order])
    waiting = (Reason.NEAR, Reason.OVER_BUDGET, Reason.TIE_BREAK)
    waits = np.isin(result.codes, [CODE[reason] for reason in waiting])[result.order]
    if outcome == Outcome.WAITLISTED:
        return np.flatnonzero(waits)
    if outcome == Outcome.NOT_SELECTED:
        return np.flatnonzero(~waits & ~result.is_in[result.order])
    return np.arange(len(result.pool))


def row_of(verdict: Verdict, hidden: Collection[int]) -> Json:
    """Return one application as a row; of one closed to the person nothing but its rank."""
    one = verdict.candidate
    if one.pk in hidden:
        return {"hidden": True, "rank": verdict.rank}
    return {
        "hidden": False,
        "rank": verdict.rank,
        "url": reverse("selection:application", args=[one.pk]),
        "reference": one.reference,
        "practice": one.practice,
        "plan": one.facts.mcp,
        "county": one.facts.county,
        "members": one.facts.members,
        "mcp_score": one.mcp_score,
        "points": verdict.points,
        "adjusted": verdict.adjusted,
        "payment": _("not known") if one.payment is None else dollars(one.payment),
        "outcome": Outcome(verdict.outcome).label,
        "reason": Reason(verdict.reason).label,
        "tone": TONES[verdict.outcome],
    }


def _next(result: Result) -> Json | None:
    """Return what one point less means; nothing where the budget already ends before the line."""
    step = next_point(result)
    if step is None or cut(result) is not None:
        return None
    budget = result.rules.budget
    fits = budget is None or result.cost + step.cost <= budget
    return {
        "threshold": step.threshold,
        "more": step.selected,
        "cost": short_dollars(step.cost),
        "fits": fits,
    }


def _tip(verdict: Verdict, result: Result, more: dict[int, int]) -> str:
    """Say what would change the outcome of an application near the line."""
    reason, line = verdict.reason, result.rules.line
    if reason == Reason.NOT_RECOMMENDED:
        return _("In when everybody can be selected")
    if reason in (Reason.PINNED_IN, Reason.PINNED_OUT):
        return _("Set by hand")
    if reason in (Reason.OVER_BUDGET, Reason.TIE_BREAK):
        text = _("In with %(more)s more budget")
        return text % {"more": dollars(dollars_of(more.get(verdict.rank, 0)))}
    if reason == Reason.AT_OR_ABOVE:
        n = verdict.adjusted - line + 1
        text = ngettext(
            "Out if the threshold rises by %(n)s point",
            "Out if the threshold rises by %(n)s points",
            n,
        )
        return text % {"n": n}
    n = line - verdict.adjusted
    text = ngettext("In with %(n)s point more", "In with %(n)s points more", n)
    return text % {"n": n}


def _dollars_missing(result: Result) -> dict[int, int]:
    """Return by rank how many cents the budget lacks for each that waits for it, all before it paid."""
    budget = result.rules.budget
    if budget is None:
        return {}
    waits = np.isin(result.codes, [CODE[Reason.OVER_BUDGET], CODE[Reason.TIE_BREAK]])[result.order]
    places = np.flatnonzero(waits)
    paid = int(result.pool.cents[result.is_in].sum())
    sums = paid + np.cumsum(result.pool.cents[result.order[places]]) - int(budget * 100)
    return {int(place) + 1: int(cents) for place, cents in zip(places, sums, strict=True)}
