"""Words and numbers that many pages of the selection show. No queries, no markup."""

from decimal import Decimal

from django.utils.translation import gettext as _

from programs.schema import ProgramDefinition
from scoring.fairness import Refused
from scoring.statistics import Severity

NOTHING = "–"
LEAST_SHOWN = 0.05  # points; less reads as 0.0
WIDE_APART = 3  # points between plans that can move an application across the line


def dollars(amount: Decimal) -> str:
    """Return whole dollars, such as "$94,200,000"."""
    return f"${amount:,.0f}"


def choice_labels(definition: ProgramDefinition) -> dict[str, str]:
    """Return the labels of populations and practice types by value, and the word for tribal."""
    labels = {c.value: c.label for c in (*definition.populations, *definition.practice_types)}
    return labels | {"yes": _("Tribal health program")}


def severity_note(found: list[Severity] | Refused | None) -> dict[str, str]:
    """Return what to know of plans' severity before a threshold is set; no sentence for None."""
    if found is None:
        return {"sentence": "", "tone": "info"}
    if isinstance(found, Refused) or not found:
        text = _("Too few applications are scored to say whether plans are strict or generous.")
        return {"sentence": text, "tone": "info"}
    strictest, mildest = found[0].adjusted, found[-1].adjusted
    if max(-strictest, mildest) < LEAST_SHOWN:
        text = _(
            "Each application is scored by one plan. No difference between plans can be seen: what lies "
            "between their means is no more than chance can make."
        )
        return {"sentence": text, "tone": "info"}
    text = _(
        "Each application is scored by one plan. The strictest of %(plans)d plans gives %(low).1f "
        "points less than the mean of all plans, the most generous %(high).1f more. Nothing is decided "
        "by these figures."
    )
    facts = {"plans": len(found), "low": max(-strictest, 0), "high": max(mildest, 0)}
    wide = mildest - strictest >= WIDE_APART
    return {"sentence": text % facts, "tone": "warning" if wide else "info"}
