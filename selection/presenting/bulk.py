"""Acts on many applications in words. No queries, no markup."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.times import clock, short
from selection.domain.bulk import UNDO_WITHIN, can_undo
from selection.models import BulkAct

TITLES = {
    "flag": _("Put a flag on"),
    "unflag": _("Take a flag off"),
    "claim": _("Claim"),
    "release": _("Release claims"),
    "send_back": _("Send back to the plans"),
}


def what_happens(kind: str, number: int, values: Mapping[str, Any]) -> list[str]:
    """Return what the act does, in sentences."""
    told = {
        "flag": [
            ngettext(
                "%(n)d application gets the flag “%(label)s”.",
                "%(n)d applications get the flag “%(label)s”.",
                number,
            ),
            _t("Only DHCS sees flags."),
        ],
        "unflag": [
            ngettext(
                "The flag “%(label)s” comes off %(n)d application.",
                "The flag “%(label)s” comes off %(n)d applications.",
                number,
            )
        ],
        "claim": [
            ngettext(
                "%(person_name)s has %(n)d application. “Claim next” gives it to nobody else.",
                "%(person_name)s has %(n)d applications. “Claim next” gives them to nobody else.",
                number,
            )
        ],
        "release": [
            ngettext(
                "%(n)d claim ends. Anybody can claim the application.",
                "%(n)d claims end. Anybody can claim the applications.",
                number,
            )
        ],
        "send_back": [
            ngettext(
                "%(n)d application goes back to its plan, 60 seconds after you confirm.",
                "%(n)d applications go back to their plans, 60 seconds after you confirm.",
                number,
            ),
            _t("Every lead of each plan gets an email with your note."),
            _t("Decisions wait until the plans hand them over again."),
        ],
    }[kind]
    facts = {**values, "n": number}
    undo = _t("You can undo it before that.") if kind == "send_back" else _undo_words()
    return [sentence % facts for sentence in told] + [undo]


def act_words(act: BulkAct) -> str:
    """Return what was done to how many, such as "Flag “tribal”: 12 applications"."""
    number = len(act.effects)
    many = ngettext("%(n)d application", "%(n)d applications", number) % {"n": number}
    about = act.values.get("label") or act.values.get("person_name") or ""
    title = str(TITLES.get(act.kind, act.kind))
    return f"{title} “{about}”: {many}" if about else f"{title}: {many}"


def state_words(act: BulkAct, now: datetime) -> str:
    """Return where the act stands at `now` (UTC)."""
    if act.undone_at is not None:
        return _t("Undone %(time)s.") % {"time": short(act.undone_at)}
    if act.carried_out_at is None and act.pending_until is not None:
        if now < act.pending_until:
            seconds = max(int((act.pending_until - now) / timedelta(seconds=1)), 1)
            return _t("Waits %(n)d seconds. You can undo it until then.") % {"n": seconds}
        return _t("Is being carried out.")
    if can_undo(act, now):
        return _t("Done. You can undo it until %(time)s.") % {
            "time": clock(act.done_at + UNDO_WITHIN)
        }
    return _t("Done.")


def after_words(act: BulkAct, effect: Mapping[str, Any]) -> str:
    """Return how the act left one application: nothing changed where it was undone or left alone."""
    if effect.get("outcome"):
        return _t("As before")
    if act.undone_at is not None and effect.get("outcome") != "":
        return _t("As before: this was undone")
    return effect["after"]


def _undo_words() -> str:
    return _t("You can undo it for %(n)d minutes.") % {"n": UNDO_WITHIN.seconds // 60}
