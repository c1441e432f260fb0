"""Answers of the solver in words and rows. No queries, no markup."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from selection.engine import Pool, Result, Rules, Share, judge_pool
from selection.engine.measuring import next_point
from selection.engine.solving import (
    Infeasible,
    Nearest,
    Solution,
    Stopped,
    least_cost,
    lifted_by,
    lowest_threshold,
    with_points,
)
from selection.presenting import dollars
from selection.presenting.vocabulary import Vocabulary

NOTHING = "–"
Json = dict[str, Any]


def lowest_answer(pool: Pool, rules: Rules) -> Json:
    """Return the lowest threshold within the budget as figures, or why there is none.

    `rules` of the answer are those to use, None without an answer.
    """
    if rules.budget is None:
        return _no(_("Enter a budget: without one, every threshold fits."))
    threshold = lowest_threshold(pool, rules)
    if threshold is None:
        return _no(_nobody(rules, least_cost(pool, rules)))
    found = replace(rules, threshold=threshold)
    result = judge_pool(pool, found)
    return {
        "rules": found,
        "changes_nothing": found == rules,
        "figures": [
            _threshold_figure(rules, threshold),
            *_count_and_cost(result),
        ],
        "next": _one_point_less(result),
        "sentence": "",
    }


def points_answer(
    pool: Pool, rules: Rules, found: Solution | Infeasible | Stopped, vocabulary: Vocabulary
) -> Json:
    """Return the smallest points that keep the targets as figures and rows, or what stands in the way."""
    if isinstance(found, Stopped):
        return _no(stopped_sentence(found.below, found.tried)) | {"stopped": True}
    if isinstance(found, Infeasible):
        return _no(_("No points from 0 to 100 keep every share.")) | {
            "hints": _hints(rules, found, vocabulary)
        }
    lifted = lifted_by(rules.targets)
    solved = replace(with_points(rules, lifted, found.points), threshold=found.threshold)
    result = judge_pool(pool, replace(solved, budget=None))
    return {
        "rules": solved,
        "changes_nothing": same(solved, rules),
        "figures": [_threshold_figure(rules, found.threshold), *_count_and_cost(result, rules)],
        "rows": target_rows(rules, found.points, found.shares, vocabulary),
        "over": _over(pool, solved, result),
        "tried": tried_sentence(found),
        "sentence": "",
    }


def target_rows(
    rules: Rules, points: Sequence[int], shares: Sequence[float], vocabulary: Vocabulary
) -> list[Json]:
    """Return a row for each target: what was asked, what is reached, points before and after."""
    lifted = dict(zip(lifted_by(rules.targets), points, strict=True))
    rows = []
    for target, share in zip(rules.targets, shares, strict=True):
        before = points_now(rules, target)
        after = lifted.get(target, before)
        rows.append(
            {
                "label": vocabulary.label(target.attribute, target.value),
                "asked": asked_words(target),
                "share": percent_words(share),
                "before": before,
                "after": after,
                "changed": before != after,
            }
        )
    return rows


def points_now(rules: Rules, target: Share) -> int:
    """Return the points that the rules give to the value of a target."""
    key = (target.attribute, target.value)
    return sum(rule.points for rule in rules.points if (rule.attribute, rule.value) == key)


def same(one: Rules, other: Rules) -> bool:
    """Return whether two sets of rules decide the same: points of 0 and their order have no say."""
    return _deciding(one) == _deciding(other)


def asked_words(target: Share) -> str:
    """Return what a target asks for, such as "at least 40%"."""
    least, most = (
        None if share is None else percent_words(float(share))
        for share in (target.minimum, target.maximum)
    )
    if least is not None and most is not None:
        return _("%(least)s to %(most)s") % {"least": least, "most": most}
    if least is not None:
        return _("at least %(share)s") % {"share": least}
    return _("at most %(share)s") % {"share": most} if most is not None else NOTHING


def percent_words(share: float) -> str:
    """Return a share from 0 to 1 as percent with at most two decimals, such as "40.76%"."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def tenth_words(share: float) -> str:
    """Return a share from 0 to 1 as percent with one decimal, such as "40.8%": for columns of numbers."""
    return f"{100 * share:.1f}%"


def stopped_sentence(below: int, tried: int) -> str:
    """Say up to where a search that was ended has looked."""
    text = _(
        "No answer is found yet. %(n)s combinations are tried, among them all whose points add up to less "
        "than %(below)s, and none of those keeps every share."
    )
    return text % {"n": f"{tried:,}", "below": below}


def tried_sentence(found: Solution) -> str:
    """Say why nothing smaller would do."""
    text = ngettext(
        "%(n)s combination was tried, the smallest sums first. This is the first that keeps every share.",
        "%(n)s combinations were tried, the smallest sums first. This is the first that keeps every share.",
        found.tried,
    )
    return text % {"n": f"{found.tried:,}"}


def nearest_words(label: str, asked: str, share: float, *, others_kept: bool, how: str = "") -> str:
    """Say how near one gets to a share that can't be kept."""
    facts = {"what": label, "asked": asked, "share": percent_words(share)}
    if others_kept:
        text = _("%(what)s (%(asked)s): with everything else kept, %(share)s is the nearest.")
    else:
        text = _("%(what)s (%(asked)s): even alone, %(share)s is the nearest.")
    return f"{text % facts} {how}".strip()


def _hints(rules: Rules, found: Infeasible, vocabulary: Vocabulary) -> list[str]:
    if found.needed is not None:
        return [_nobody(rules, found.needed)]
    if found.nearest:
        return [_nearest(rules, one, vocabulary) for one in found.nearest]
    if not found.tried or not any(target.minimum for target in rules.targets):
        return []
    return [
        _("Each share can be reached alone, but not together with the others. Lower two of them.")
    ]


def _nearest(rules: Rules, one: Nearest, vocabulary: Vocabulary) -> str:
    lifted = lifted_by(rules.targets)
    points = ", ".join(
        f"{vocabulary.label(target.attribute, target.value)} +{number}"
        for target, number in zip(lifted, one.points, strict=True)
    )
    how = _("That takes %(points)s at threshold %(threshold)s.") if points else ""
    return nearest_words(
        vocabulary.label(one.target.attribute, one.target.value),
        asked_words(one.target),
        one.share,
        others_kept=one.others_kept,
        how=how % {"points": points, "threshold": one.threshold} if how else "",
    )


def _nobody(rules: Rules, least: Decimal | None) -> str:
    if least is None or rules.budget is None:
        return _("Nobody can be selected: no application handed over is recommended or put in.")
    text = _("The budget of %(budget)s pays for nobody. Raise it to %(least)s or more.")
    return text % {"budget": dollars(rules.budget), "least": dollars(least)}


def _over(pool: Pool, solved: Rules, endless: Result) -> Json | None:
    """Return what the budget would make of an answer at a fixed threshold that costs more than it."""
    if solved.budget is None or endless.cost <= solved.budget:
        return None
    cut = judge_pool(pool, solved)
    return {
        "more": dollars(endless.cost - solved.budget),
        "selected": int(cut.is_in.sum()),
        "waiting": int(endless.is_in.sum()) - int(cut.is_in.sum()),
    }


def _threshold_figure(rules: Rules, threshold: int) -> Json:
    if threshold == rules.threshold:
        return _figure(_("Threshold"), str(threshold), _("as it is now"))
    return _figure(_("Threshold"), str(threshold), _("now %(n)s") % {"n": rules.threshold})


def _count_and_cost(result: Result, rules: Rules | None = None) -> list[Json]:
    budget = (rules or result.rules).budget
    count = int(result.is_in.sum())
    of = _("of %(n)s handed over") % {"n": f"{len(result.pool):,}"}
    found = [_figure(_("Selected"), f"{count:,}", of)]
    if budget is None:
        return [*found, _figure(_("Cost"), dollars(result.cost), _("no budget set"))]
    left = budget - result.cost
    text = _("%(left)s left of %(budget)s") if left >= 0 else _("%(left)s over %(budget)s")
    note = text % {"left": dollars(abs(left)), "budget": dollars(budget)}
    return [*found, _figure(_("Cost"), dollars(result.cost), note)]


def _one_point_less(result: Result) -> str:
    step, budget = next_point(result), result.rules.budget
    if step is None or budget is None:
        return ""
    text = ngettext(
        "One point lower would add %(n)s practice and go over the budget by %(over)s.",
        "One point lower would add %(n)s practices and go over the budget by %(over)s.",
        step.selected,
    )
    return text % {"n": f"{step.selected:,}", "over": dollars(result.cost + step.cost - budget)}


def _deciding(rules: Rules) -> Any:
    points: Mapping[tuple[str, str], int] = {
        (rule.attribute, rule.value): rule.points for rule in rules.points if rule.points
    }
    return points, replace(rules, points=())


def _figure(label: str, value: str, note: str) -> Json:
    return {"label": label, "value": value, "note": note, "href": ""}


def _no(sentence: str) -> Json:
    return {"rules": None, "sentence": sentence, "figures": [], "hints": [], "stopped": False}
