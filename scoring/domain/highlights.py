"""A reviewer's private highlights: passages marked in the application, with a note."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.reading import Entry
from core.exceptions import DomainError, WrongState
from scoring.domain.conflicts import refusal
from scoring.models import Assignment, Highlight, ScoreSheet
from scoring.passages import find_all, plain

MOST = 300  # on one sheet
LONGEST_NOTE = 10_000


@transaction.atomic
def add(
    sheet: ScoreSheet,
    *,
    entry: Entry | None,
    quote: str,
    start: int | None,
    note: str,
    by: Membership,
) -> Highlight:
    """Mark `quote` in the answer of `entry`: where it is nearest to character `start`, else first.

    The same passage again changes only its note, when one is given. Raises DomainError when the answer
    does not hold the words or there are too many highlights, WrongState when the review has ended.
    """
    _require_standing(sheet)
    words = plain(quote).strip("\n")
    text = plain(entry.answer) if entry else ""
    if entry is None or not text:
        raise DomainError(_("Choose an answer of the application that has a text."))
    if not words.strip():
        raise DomainError(_("Select or copy the words that you want to mark."))
    places = find_all(text, words)
    if not places:
        raise DomainError(
            _(
                "The answer does not hold these words. Copy them from the answer, exactly as they are."
            )
        )
    at = min(places, key=lambda place: abs(place - (start or 0)))
    same = {"entry": entry.key, "start": at, "end": at + len(words), "removed_at": None}
    standing = Highlight.objects.filter(sheet=sheet, removed_at=None)
    if old := standing.filter(**same).first():
        return change_note(old, note=note, by=by) if note.strip() else old
    if standing.count() >= MOST:
        message = _("A sheet holds up to %(most)d highlights. Remove one first.")
        raise DomainError(message % {"most": MOST})
    return Highlight.objects.create(
        sheet=sheet, quote=words, note=note.strip(), updated_by=by.user.full_name, **same
    )


@transaction.atomic
def change_note(
    highlight: Highlight, *, note: str, by: Membership, base: int | None = None
) -> Highlight:
    """Replace the note. `base` is the version that was read; None overwrites.

    Raises WrongState when the review has ended or another tab changed the note meanwhile.
    """
    _require_standing(highlight.sheet)
    locked = Highlight.objects.select_for_update(of=("self",), no_key=True).get(pk=highlight.pk)
    if locked.note == note.strip():
        return locked
    if base is not None and base != locked.version:
        message = _("You changed this note elsewhere to “%(note)s”. Save again to replace it.")
        raise WrongState(message % {"note": locked.note})
    locked.note, locked.version = note.strip(), locked.version + 1
    locked.updated_by = by.user.full_name
    locked.save(update_fields=["note", "version", "updated_by", "updated_at"])
    return locked


@transaction.atomic
def remove(highlight: Highlight, *, by: Membership) -> Highlight:
    """Take a highlight away; the row stays. A second call changes nothing."""
    _require_standing(highlight.sheet)
    locked = Highlight.objects.select_for_update(of=("self",), no_key=True).get(pk=highlight.pk)
    if locked.removed_at is None:
        locked.removed_at, locked.version = timezone.now(), locked.version + 1
        locked.updated_by = by.user.full_name
        locked.save(update_fields=["removed_at", "version", "updated_by", "updated_at"])
    return locked


def _require_standing(sheet: ScoreSheet) -> None:
    """Lock the review, so that one that ends now takes no more highlights."""
    assignment = Assignment.objects.select_for_update(of=("self",), no_key=True).get(
        pk=sheet.assignment_id
    )
    if assignment.ended_at is not None:
        raise WrongState(refusal(assignment.ended_kind))
