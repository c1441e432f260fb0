"""What is different now in an application that a proposal rests on, in words. No queries, no markup."""

from typing import Any

from django.utils.translation import gettext as _

from applications.enums import Status
from selection.engine import Candidate
from selection.presenting import dollars
from selection.presenting.vocabulary import Vocabulary

Facts = list[tuple[str, str]]


def what_changed(
    before: Candidate | None, now: Candidate | None, status: str, vocabulary: Vocabulary
) -> str:
    """Return which facts differ, each as it was and as it is, and where the application stands now.

    `before` is None for one that the proposal does not have, `now` for one there is no choosing any more.
    """
    parts = []
    if before is None:
        parts.append(_("handed over after this was proposed"))
    elif now is not None:
        was, present = _facts(before, vocabulary), _facts(now, vocabulary)
        parts += [
            _("%(what)s was %(before)s, is %(now)s") % {"what": what, "before": old, "now": new}
            for (what, old), (_what, new) in zip(was, present, strict=True)
            if old != new
        ]
    if status not in Status.handed_over:
        parts.append(_("now: %(state)s") % {"state": Status(status).label})
    return "; ".join(parts) or _("taken back and handed over again with the same facts")


def _facts(one: Candidate, vocabulary: Vocabulary) -> Facts:
    facts, said = one.facts, vocabulary.attributes
    named = vocabulary.labels_of("practice_type")
    types = ", ".join(sorted(named.get(one, one) for one in facts.practice_types))
    return [
        (_("MCP score"), str(one.mcp_score)),
        (_("Recommended"), _yes(one.recommended)),
        (said["population"], vocabulary.label("population", facts.population) or "–"),
        (said["practice_type"], types or "–"),
        (said["tribal"], _yes(facts.tribal)),
        (_("Assigned members"), f"{facts.members:,}"),
        (said["hpi_quartile"], str(facts.hpi_quartile or _("not rated"))),
        (said["county"], facts.county or "–"),
        (said["mcp"], facts.mcp or "–"),
        (_("Potential payment"), "–" if one.payment is None else dollars(one.payment)),
    ]


def _yes(value: Any) -> str:
    return _("yes") if value else _("no")
