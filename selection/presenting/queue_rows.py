"""The rows of the queue as HTML. No queries.

Fifty rows have hundreds of cells: as templates, they were a fifth of the page's time.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.models import Application
from selection.presenting.queue import Column, Labels

PICK = (
    '<td class="pick-cell"><div class="usa-checkbox">'
    '<input class="usa-checkbox__input" type="checkbox" name="pick" value="{pk}" id="pick-{pk}">'
    '<label class="usa-checkbox__label" for="pick-{pk}">'
    '<span class="usa-sr-only">{reference}, {name}</span></label></div></td>'
)
REFERENCE = '<td data-label="{label}"><span><a class="nowrap" href="{url}">{reference}</a>{flags}</span></td>'


def table_rows(
    rows: Iterable[Application],
    columns: Sequence[Column],
    labels: Labels,
    *,
    query: str,
    may_pick: bool,
) -> list[SafeString]:
    """Return a table row of each application; it leads to its page within the view `query`."""
    within = escape("?" + urlencode({"view": query})) if query else ""
    before, after = reverse("selection:application", args=[0]).split("0")  # not resolved 50 times
    first = (PICK if may_pick else "") + REFERENCE
    label = escape(_("Reference"))
    parts = [(column, column.attributes) for column in columns]
    found = []
    for row in rows:
        head = first.format(
            pk=row.pk,
            reference=escape(row.reference),
            name=escape(row.practice.name),
            label=label,
            url=f"{before}{row.pk}{after}{within}",
            flags=_flags(row),
        )
        cells = "".join([_cell(html, column, row, labels) for column, html in parts])
        found.append(mark_safe(f"<tr>{head}{cells}</tr>"))  # noqa: S308 - every text is escaped
    return found


def _flags(row: Application) -> str:
    labels: Sequence[str] = row.flag_labels  # type: ignore[attr-defined]
    return "".join([f' <small class="queue-flag">{escape(label)}</small>' for label in labels])


def _cell(attributes: str, column: Column, row: Application, labels: Labels) -> str:
    """Return one cell: hundreds of them are on a page, so they have no template each."""
    text, small = column.show(row, labels)
    if column.key == "status":
        badge = _badge(text, row.tone, get_language())
        who = f'<small class="queue-who">{escape(small)}</small>' if small else ""
        return f"<td{attributes}><span>{badge}{who}</span></td>"
    if small:
        text, small = escape(text), escape(small)
        return f'<td{attributes}><span class="two-lines">{text}<small>{small}</small></span></td>'
    return f"<td{attributes}>{escape(text)}</td>"


@lru_cache(maxsize=256)
def _badge(label: str, tone: str, _language: str | None) -> str:
    return render_to_string("selection/queue/state.html", {"label": label, "tone": tone}).strip()
