"""The history of a scenario in words: what each save changed. No queries, no markup."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from selection.engine import Pin, Rules
from selection.presenting import dollars
from selection.presenting.vocabulary import Vocabulary, tie_break_words

NOTHING = "–"


def changes(
    versions: Sequence[Any], vocabulary: Vocabulary, closed: Collection[str]
) -> list[dict[str, Any]]:
    """Return what each version changed of the one before; `versions` come newest first.

    The last one given is only compared with when it is not the first of all.
    """
    found = []
    for index, now in enumerate(versions):
        before = versions[index + 1] if index + 1 < len(versions) else None
        if before is None and now.pgh_label != "insert":
            break
        lines = [_("Stored as “%(name)s”") % {"name": now.name}]
        if before is not None:
            lines = _columns(before, now) + rule_changes(
                Rules.from_json(before.rules), Rules.from_json(now.rules), vocabulary, closed
            )
        found.append({"at": now.pgh_created_at, "by": now.updated_by, "lines": lines})
    return found


def rule_changes(
    before: Rules, after: Rules, vocabulary: Vocabulary, closed: Collection[str]
) -> list[str]:
    """Return one line for each part of the rules that differs.

    Of pins on references that a conflict of interest has `closed` to the reader: only that they differ.
    """
    old, new = (_said(rules.without_pins(closed), vocabulary) for rules in (before, after))
    text = _("%(what)s: %(old)s → %(new)s")
    lines = [
        text % {"what": what, "old": old.get(what, NOTHING), "new": new.get(what, NOTHING)}
        for what in dict.fromkeys([*old, *new])
        if old.get(what) != new.get(what)
    ]
    if _pins_on(closed, before) != _pins_on(closed, after):
        lines.append(hidden_pins())
    return lines


def rules_in_words(
    rules: Rules, vocabulary: Vocabulary, closed: Collection[str]
) -> list[tuple[str, str]]:
    """Return every part of the rules with its value, as rows of facts; of `closed` references no pin."""
    rows = list(_said(rules.without_pins(closed), vocabulary).items())
    if _pins_on(closed, rules):
        hidden = _("Put in or left out by hand"), _("hidden from you by a conflict of interest")
        rows.append(hidden)
    return rows


def hidden_pins() -> str:
    """Return the line that stands for pins on applications closed to the reader."""
    return _("Put in or left out by hand: hidden from you by a conflict of interest")


def _pins_on(references: Collection[str], rules: Rules) -> set[Pin]:
    return {pin for pin in rules.pins if pin.reference in references}


def _columns(before: Any, now: Any) -> list[str]:
    lines = []
    if before.name != now.name:
        lines.append(_("Name: “%(old)s” → “%(new)s”") % {"old": before.name, "new": now.name})
    if before.note != now.note:
        lines.append(_("Note changed"))
    if before.is_shared != now.is_shared:
        lines.append(_("Shared with DHCS") if now.is_shared else _("Made private"))
    if before.archived_at != now.archived_at:
        lines.append(_("Archived") if now.archived_at else _("Put back"))
    return lines


def _said(rules: Rules, vocabulary: Vocabulary) -> dict[str, str]:
    said = {
        _("Points for %(what)s") % {"what": vocabulary.label(rule.attribute, rule.value)}: str(
            rule.points
        )
        for rule in rules.points
    }
    at = _("%(n)s, and exactly that is in") if rules.inclusive else _("above %(n)s")
    said[_("Threshold")] = at % {"n": rules.threshold}
    said[_("Budget")] = _("none") if rules.budget is None else dollars(rules.budget)
    said[_("Who can be selected")] = (
        _("only who the plan recommended") if rules.only_recommended else _("everybody")
    )
    said[_("Waitlist")] = _("to %(n)s points below the line") % {"n": rules.waitlist_margin}
    words = tie_break_words()
    keys = [words[key].lower() for key in rules.order if key in words]
    said[_("Equal scores")] = ", ".join([*keys, _("then by reference")])
    for target in rules.targets:
        label = vocabulary.label(target.attribute, target.value)
        said[_("Target for %(what)s") % {"what": label}] = _target(target)
    for pin in rules.pins:
        side = _("put in: %(why)s") if pin.selected else _("left out: %(why)s")
        said[pin.reference] = side % {"why": pin.reason}
    return said


def _target(target: Any) -> str:
    parts = []
    if target.minimum is not None:
        parts.append(_("at least %(share)s%%") % {"share": _percent(target.minimum)})
    if target.maximum is not None:
        parts.append(_("at most %(share)s%%") % {"share": _percent(target.maximum)})
    return ", ".join(parts)


def _percent(share: Any) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".")
