"""The figures on fairness as texts and as positions in pictures (percent strings)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.components import bin_bars, percent
from programs.schema import Criterion
from scoring.fairness import Agreement, Refused, Report, Same, Standing
from scoring.statistics import ENOUGH_SCORES, Estimate, Severity

LOWEST = -0.2  # the left end of the scale of agreement; the right end is 1
GOOD, FAIR = 0.8, 0.667  # K. Krippendorff, "Content Analysis", 3rd ed. 2013, § 11.4
SHOWN_RATERS = 40
MINUS = "−"


def figures(report: Report) -> list[dict[str, Any]]:
    """Return the page's key figures."""
    alpha = report.total.alpha if report.total else Refused()
    difference = report.total.difference if report.total else None
    return [
        {"label": _("Submitted sheets"), "value": f"{report.sheets:,}"},
        {"label": _("Applications"), "value": f"{report.applications:,}"},
        {
            "label": _("Scored by two or more"),
            "value": f"{report.twice:,}",
            "note": _("Only these show whether reviewers agree"),
        },
        {
            "label": _("Agreement on the total"),
            "value": "–" if isinstance(alpha, Refused) else two(alpha.value),
            "note": "" if isinstance(alpha, Refused) else reading(alpha)["label"],
        },
        {
            "label": _("Typical difference"),
            "value": "–" if difference is None else _("%(n)s points") % {"n": one(difference)},
            "note": _("Between two sheets on one application"),
        },
    ]


def agreement_rows(
    report: Report, criteria: Sequence[Criterion], rubric_total: int
) -> list[dict[str, Any]]:
    """Return a row for the total and one for each criterion."""
    titles = {criterion.code: criterion.title for criterion in criteria}
    most = {criterion.code: criterion.max_points for criterion in criteria}
    rows = [report.total, *report.criteria] if report.total else []
    return [
        {
            "code": row.code,
            "title": titles.get(row.code) or _("Total"),
            "most": most.get(row.code, rubric_total),
            "alpha": _estimate(row.alpha),
            "icc": _estimate(row.icc),
            "difference": "–" if row.difference is None else two(row.difference),
        }
        for row in rows
    ]


def refusal(refused: Estimate | Refused | None) -> str:
    """Return why there is no agreement figure, in one sentence; empty when there is one."""
    if not isinstance(refused, Refused):
        return ""
    if not refused.needed:
        return _("Every score is the same, so agreement can't be told from chance.")
    return ngettext(
        "This needs at least %(needed)d applications with two sheets. There is %(found)d.",
        "This needs at least %(needed)d applications with two sheets. There are %(found)d.",
        refused.found,
    ) % {"needed": refused.needed, "found": refused.found}


def too_few_raters(found: list[Severity] | Refused, *, plans: bool = False) -> str:
    """Return why nobody is compared, in one sentence; empty when somebody is."""
    if not isinstance(found, Refused):
        return ""
    if plans:
        return _(
            "This needs at least 2 plans with %(each)d scored applications each. So far %(n)d has them."
        ) % {"each": ENOUGH_SCORES, "n": found.found}
    return _(
        "This needs at least 2 reviewers of one plan with %(each)d submitted sheets each. "
        "So far %(n)d has them."
    ) % {"each": ENOUGH_SCORES, "n": found.found}


def multiples(report: Report, criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """Return one small histogram for each criterion, with the counts in words for its description."""
    titles = {criterion.code: criterion.title for criterion in criteria}
    return [
        {
            "code": row.code,
            "title": titles[row.code],
            "counts": row.counts,
            "mean": one(_mean(row)) if sum(row.counts) else "–",
            "bars": bin_bars(
                [{"label": str(n), "count": c, "selected": True} for n, c in enumerate(row.counts)]
            ),
            "words": ", ".join(
                _("%(points)d points: %(count)d") % {"points": n, "count": count}
                for n, count in enumerate(row.counts)
            ),
        }
        for row in report.criteria
    ]


def severity_rows(
    found: list[Severity] | Refused, names: Mapping[Any, str], notes: Mapping[Any, str]
) -> list[dict[str, Any]]:
    """Return raters with their figures and bars, the strictest first; at most 40, the most extreme."""
    if isinstance(found, Refused) or not found:
        return []
    shown = sorted(found, key=lambda rater: -abs(rater.adjusted))[:SHOWN_RATERS]
    reach = max(abs(rater.raw) for rater in found) or 1
    return [
        {
            "name": names.get(rater.rater, ""),
            "note": notes.get(rater.rater, ""),
            "scores": rater.scores,
            "raw": signed(rater.raw),
            "adjusted": signed(rater.adjusted),
            "x": percent(50 + min(rater.raw, 0) / reach * 48),
            "width": percent(abs(rater.raw) / reach * 48),
            "at": percent(50 + rater.adjusted / reach * 48),
        }
        for rater in sorted(shown, key=lambda rater: rater.adjusted)
    ]


def same_rows(found: Sequence[Same], names: Mapping[int, str], criteria: int) -> list[str]:
    """Return one sentence for each reviewer who gives the same points everywhere."""
    sentences = []
    for row in found:
        facts = {"name": names.get(row.reviewer, ""), "n": row.sheets, "codes": row.criteria}
        if row.total:
            text = _("%(name)s gave all %(n)d applications the same total.")
        else:
            text = _("%(name)s gave all %(n)d applications the same points on %(codes)d of %(all)d "
                     "criteria.")  # fmt: skip
        sentences.append(text % {**facts, "all": criteria})
    return sentences


def by_change(standings: Sequence[Standing]) -> list[Standing]:
    """Return the applications that the adjustment would move most, first."""
    return sorted(standings, key=lambda row: (-abs(row.change), row.rank, row.application))


def change_text(change: int) -> str:
    """Return places gained or lost: "+3", "−12", or "0"."""
    return f"+{change}" if change > 0 else f"{MINUS}{-change}" if change else "0"


def reading(estimate: Estimate) -> dict[str, str]:
    """Return what an agreement means: a word and its tone."""
    if estimate.value >= GOOD:
        return {"label": _("Good"), "tone": "success"}
    if estimate.value >= FAIR:
        return {"label": _("Fair"), "tone": "info"}
    return {"label": _("Low"), "tone": "warning"}


def one(value: float) -> str:
    """Return a number with one decimal place."""
    return f"{value:.1f}".replace("-", MINUS)


def two(value: float) -> str:
    """Return a number with two decimal places."""
    return f"{value:.2f}".replace("-", MINUS)


def signed(value: float) -> str:
    """Return a difference with its sign and one decimal place; 0.0 has none."""
    text = one(round(value, 1) + 0.0)
    return text if text.startswith(MINUS) or text == "0.0" else f"+{text}"


def _estimate(found: Estimate | Refused) -> dict[str, Any] | None:
    if isinstance(found, Refused):
        return None
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    return {
        "text": two(found.value),
        "interval": "" if found.low is None else _("%(low)s to %(high)s")
        % {"low": two(low), "high": two(high)},
        "units": found.units,
        "reading": reading(found),
        "low": percent(_at(low)),
        "width": percent(max(_at(high) - _at(low), 0)),
        "at": percent(_at(found.value)),
    }  # fmt: skip


def _at(value: float) -> float:
    return min(max((value - LOWEST) / (1 - LOWEST), 0), 1) * 100


def _mean(row: Agreement) -> float:
    return sum(n * count for n, count in enumerate(row.counts)) / sum(row.counts)
