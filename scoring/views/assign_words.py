"""What the pages of an assignment say: figures, rows of a preview, and what was done."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.domain.giving import GIVE, HELD, REFUSED, Verdict

SHOWN = 200


def say_given(request, verdicts: Iterable[Verdict]) -> None:
    """Put what was done into the messages of the next page."""
    verdicts = list(verdicts)
    given = count(verdicts, GIVE)
    text = ngettext(
        "%(n)d review is given. The reviewer has been told by email.",
        "%(n)d reviews are given. Each reviewer has been told in one email.",
        given,
    )
    messages.success(request, text % {"n": given})
    refused = [one for one in verdicts if one.kind == REFUSED]
    if refused:
        text = ngettext(
            "%(n)d was not given: %(first)s", "%(n)d were not given: %(first)s", len(refused)
        )
        first = "; ".join(f"{one.application.reference}: {one.reason}" for one in refused[:5])
        messages.warning(request, text % {"n": len(refused), "first": first})


def shown_rows(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return the first rows of a preview: refused ones first, then warnings, then the rest."""
    order = sorted(verdicts, key=lambda one: (one.kind != REFUSED, not one.warning))
    return [
        {"verdict": one, "badge": badge_of(one.kind), "why": one.reason or one.warning}
        for one in order[:SHOWN]
    ]


def badge_of(kind: str) -> dict[str, Any]:
    """Return word and tone of what a pair comes to."""
    label, tone = {
        GIVE: (_("Will be given"), "success"),
        HELD: (_("No change"), "neutral"),
        REFUSED: (_("Not given"), "error"),
    }[kind]
    return {"label": label, "tone": tone}


def figures_of(verdicts: Iterable[Any], blank: int | None = None) -> list[dict[str, str]]:
    """Return the key figures of a preview; `verdicts` have a `kind`."""
    rows = list(verdicts)
    figures = [
        figure(_("Will be given"), count(rows, GIVE)),
        figure(_("Not given"), count(rows, REFUSED)),
        figure(_("No change"), count(rows, HELD)),
    ]
    if blank:
        figures.append(figure(_("Without a reviewer"), blank, _("left out")))
    return figures


def figure(label: str, value: int, note: str = "", href: str = "") -> dict[str, str]:
    """Return one key figure."""
    return {"label": label, "value": f"{value:,}", "note": note, "href": href}


def count(rows: Iterable[Any], kind: str) -> int:
    """Return how many rows are of this kind."""
    return sum(one.kind == kind for one in rows)
