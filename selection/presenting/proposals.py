"""A proposal in words: where it is, its rules, what differs from the published ones, what acts do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.times import long
from selection.engine import Result, Rules
from selection.models import Proposal
from selection.presenting.mixes import labelled_parts
from selection.presenting.vocabulary import Vocabulary, tie_break_words

MIXED = ("population", "practice_type", "tribal", "hpi_quartile")
WAITING, APPROVED, RELEASING, TELLING = "waiting", "approved", "releasing", "telling"
RELEASED, STALE, REJECTED, WITHDRAWN = "released", "stale", "rejected", "withdrawn"
TONES = {
    WAITING: "turn",
    APPROVED: "turn",
    RELEASING: "info",
    TELLING: "info",
    RELEASED: "success",
    STALE: "warning",
    REJECTED: "neutral",
    WITHDRAWN: "neutral",
}


@dataclass(frozen=True)
class State:
    """Where a proposal is: a code for code, words for people, a tone."""

    code: str
    label: str
    tone: str


@dataclass(frozen=True)
class Change:
    """One part of the rules: what it is in the published rules and what it is here."""

    what: str
    published: str
    here: str


def state_of(proposal: Proposal) -> State:
    """Return where the proposal is."""
    code = _code(proposal)
    words = {
        WAITING: _("Waits for approval"),
        APPROVED: _("Approved, waits for release"),
        RELEASING: _("Being released"),
        TELLING: _("Released, practices are being told"),
        RELEASED: _("Released"),
        STALE: _("Out of date"),
        REJECTED: _("Rejected"),
        WITHDRAWN: _("Withdrawn"),
    }
    return State(code, words[code], TONES[code])


def rule_lines(rules: Rules, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Return every rule as a name and what it says, in the order in which they work."""
    lines = [
        (_("Points: %(what)s") % {"what": vocabulary.label(p.attribute, p.value)}, f"+{p.points}")
        for p in rules.points
    ]
    line = _("%(n)d points, and more") if rules.inclusive else _("more than %(n)d points")
    lines.append((_("Threshold"), line % {"n": rules.threshold}))
    whom = _("only who the plan recommended") if rules.only_recommended else _("everybody")
    lines.append((_("Who can be selected"), whom))
    lines.append((_("Budget"), money(rules.budget)))
    margin = ngettext(
        "up to %(n)d point below the line", "up to %(n)d points below the line",
        rules.waitlist_margin,
    )  # fmt: skip
    lines.append((_("Waitlist"), margin % {"n": rules.waitlist_margin}))
    words = {**tie_break_words(), "reference": _("reference")}
    lines.append((_("Order of equal scores"), ", ".join(words[key] for key in rules.order)))
    lines += [_target(target, vocabulary) for target in rules.targets]
    return lines


def pin_rows(rules: Rules, closed: Collection[str]) -> list[dict[str, Any]]:
    """Return each pin with its reason; of one on a `closed` reference only that it is hidden."""
    rows = [
        {
            "hidden": False,
            "reference": pin.reference,
            "selected": pin.selected,
            "reason": pin.reason,
        }
        for pin in rules.without_pins(closed).pins
    ]
    return rows + [{"hidden": True}] * (len(rules.pins) - len(rows))


def changes(published: Rules, here: Rules, vocabulary: Vocabulary) -> list[Change]:
    """Return what differs from the published rules; pins are told apart, each with its reason."""
    before, after = (dict(rule_lines(rules, vocabulary)) for rules in (published, here))
    nothing = _("none")
    names = [*after, *(name for name in before if name not in after)]
    found = [Change(name, before.get(name, nothing), after.get(name, nothing)) for name in names]
    return [one for one in found if one.published != one.here]


def figures(proposal: Proposal | None, result: Result) -> list[dict[str, Any]]:
    """Return the key figures of a proposal, or of a result that is not proposed yet."""
    budget = result.rules.budget
    counts = result.counts
    left = _("no budget") if budget is None else dollars(budget - result.cost)
    of_all = _("of %(n)s") % {"n": f"{len(result.pool):,}"}
    unknown = result.without_payment
    note = _("%(n)s without an amount") % {"n": f"{unknown:,}"} if unknown else ""
    cost = result.cost if proposal is None else proposal.cost
    return [
        _figure(_("Selected"), f"{counts.get('selected', 0):,}", of_all),
        _figure(_("Waitlisted"), f"{counts.get('waitlisted', 0):,}"),
        _figure(_("Not selected"), f"{counts.get('not_selected', 0):,}"),
        _figure(_("Cost"), dollars(cost), note),
        _figure(_("Left of the budget"), left),
    ]


def mix_charts(result: Result, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Return one bar chart an attribute: the selected beside the targets and beside everybody."""
    targets = {(t.attribute, t.value): t.minimum for t in result.rules.targets}
    return [
        {
            "caption": vocabulary.attributes[attribute],
            "items": [
                {
                    "label": label,
                    "count": part.selected,
                    "share": 100 * part.share,
                    "target": _percent(targets.get((attribute, part.value))),
                    "note": _("%(share).1f%% of all applicants") % {"share": 100 * part.pool_share},
                }
                for label, part in labelled_parts(result, vocabulary, attribute)
            ],
        }
        for attribute in MIXED
    ]


def under_published(result: Result, here: Result) -> str:
    """Return in one sentence what the published rules would have made of the same applications."""
    if (result.counts, result.cost) == (here.counts, here.cost):
        return _("The published rules lead to the same numbers.")
    message = _("Under the published rules: %(n)s selected for %(cost)s.")
    return message % {
        "n": f"{result.counts.get('selected', 0):,}",
        "cost": dollars(result.cost),
    }


def effects(proposal: Proposal, *, again: bool) -> list[str]:
    """Return what the release does, with numbers. `again`: decisions were released before."""
    lines = [
        (proposal.selected, _("%(n)s practices are selected.")),
        (proposal.waitlisted, _("%(n)s practices go on the waitlist.")),
        (proposal.not_selected, _("%(n)s practices are not selected.")),
    ]
    found = [text % {"n": f"{count:,}"} for count, text in lines]
    found.append(
        _("The selected can earn up to %(cost)s in all.") % {"cost": dollars(proposal.cost)}
    )
    if again:
        found.append(
            _(
                "These decisions take the place of those before. Whose outcome changes gets an email."
            )
        )
    else:
        found.append(_("Every owner of these practices gets one email with the decision and why."))
    found.append(_("The decision record is sealed."))
    found.append(_("The public page appears %(when)s.") % {"when": publication(proposal)})
    found.append(_("This can't be undone."))
    return found


def publication(proposal: Proposal) -> str:
    """Return when the public page appears, in words."""
    return long(proposal.publish_at) if proposal.publish_at else _("at the release")


def timeline(proposal: Proposal) -> list[dict[str, str]]:
    """Return who proposed, approved and released and when, with what is still to come."""
    rows = [_step(_("Proposed"), proposal.proposed_by, proposal.proposed_at)]
    if proposal.approved_at:
        rows.append(_step(_("Approved"), proposal.approved_by, proposal.approved_at))
    for title, person, at in _ends(proposal):
        if at:
            rows.append(_step(title, person, at))
    if proposal.stale_at:
        rows.append(_step(_("Out of date"), None, proposal.stale_at))
    if proposal.is_open:
        if not proposal.approved_at:
            rows.append(_step(_("Approval"), None, None, _("by a second person")))
        rows.append(_step(_("Release"), None, None, _("by an approver who did not propose it")))
    if proposal.released_at:
        when = proposal.announced_at
        rows.append(_step(_("Every practice is told"), None, when))
    return rows


def dollars(amount: Decimal) -> str:
    """Return whole dollars, such as "$94,200,000"."""
    return f"-${-amount:,.0f}" if amount < 0 else f"${amount:,.0f}"


def money(amount: Decimal | None) -> str:
    """Return dollars with their cents, if there are any, or that there is no limit."""
    if amount is None:
        return _("no limit")
    return dollars(amount) if amount == amount.to_integral_value() else f"${amount:,.2f}"


def _code(proposal: Proposal) -> str:
    if proposal.released_at:
        return RELEASED if proposal.announced_at else TELLING
    ends = ((proposal.rejected_at, REJECTED), (proposal.withdrawn_at, WITHDRAWN))
    for at, code in (*ends, (proposal.stale_at, STALE), (proposal.release_asked_at, RELEASING)):
        if at:
            return code
    return APPROVED if proposal.approved_at else WAITING


def _ends(proposal: Proposal) -> Iterable[tuple[str, Any, Any]]:
    return (
        (_("Rejected"), proposal.rejected_by, proposal.rejected_at),
        (_("Withdrawn"), proposal.withdrawn_by, proposal.withdrawn_at),
        (_("Released"), proposal.released_by, proposal.released_at),
    )


def _step(title: str, person: Any, at: Any, note: str = "") -> dict[str, str]:
    return {
        "title": title,
        "when": long(at) if at else "",
        "note": person.full_name if person else note,
        "state": "done" if at else "upcoming",
    }


def _target(target: Any, vocabulary: Vocabulary) -> tuple[str, str]:
    label = vocabulary.label(target.attribute, target.value)
    parts = []
    if target.minimum is not None:
        parts.append(_("at least %(n)s%%") % {"n": f"{_percent(target.minimum):g}"})
    if target.maximum is not None:
        parts.append(_("at most %(n)s%%") % {"n": f"{_percent(target.maximum):g}"})
    return _("Target: %(what)s") % {"what": label}, ", ".join(parts)


def _percent(share: Decimal | None) -> float | None:
    return None if share is None else float(share * 100)


def _figure(label: str, value: str, note: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "href": ""}
