"""What keeps a cycle from being decided, in words and links. No queries, no markup."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import Application
from programs.choosing import in_cycle
from programs.models import Cycle
from selection.filters import Asked

FEW = 5


def queue_url(cycle: Cycle, statuses: Sequence[str]) -> str:
    """Return the address of the queue with the applications of the cycle that stand there."""
    return (
        f"{in_cycle('selection:queue', cycle)}&{Asked(chosen={'status': tuple(statuses)}).query()}"
    )


def workbench_note(
    cycle: Cycle, statuses: Sequence[str], total: int, counted: int
) -> dict[str, str] | None:
    """Return who is still with a plan, with a link, and whether the figures count them; None for nobody."""
    if not total:
        return None
    who = ngettext(
        "%(n)s application is still with its plan",
        "%(n)s applications are still with their plans",
        total,
    )
    if not counted:
        what = ngettext("The figures leave it out.", "The figures leave them out.", total)
    elif counted == total:
        what = ngettext(
            "DHCS sent it back, and the figures count it with its last recommendation.",
            "DHCS sent them back, and the figures count them with their last recommendations.",
            total,
        )
    else:
        what = ngettext(
            "The figures count %(n)s that DHCS sent back, with its last recommendation, and leave the "
            "others out.",
            "The figures count %(n)s that DHCS sent back, with their last recommendations, and leave the "
            "others out.",
            counted,
        ) % {"n": f"{counted:,}"}
    return {"who": who % {"n": f"{total:,}"}, "url": queue_url(cycle, statuses), "what": what}


def in_the_way(
    cycle: Cycle, statuses: Sequence[str], total: int, seen: Iterable[Application]
) -> dict[str, Any]:
    """Return the link to all of them, each by name when they are few, and how many have no name here."""
    rows = list(seen) if total <= FEW else []
    return {
        "url": queue_url(cycle, statuses),
        "link": ngettext("See it in the queue", "See them in the queue", total),
        "rows": [
            {
                "pk": row.pk,
                "reference": row.reference,
                "practice": row.practice.name,
                "plan": row.designated_mcp.name if row.designated_mcp else _("no plan"),
                "status": row.get_status_display(),
            }
            for row in rows
        ],
        "hidden": total - len(rows) if total <= FEW else 0,
    }
