"""What a reviewer keeps of an application: the submission read last, private notes, highlights."""

from applications.models import Submission
from scoring.models import Assignment, CriterionNote, Highlight, ScoreSheet


def opened(assignment: Assignment, number: int) -> None:
    """Keep that the reviewer opened submission `number`, the first that this reviewer sees."""
    _keep(assignment, number, read_submission=0)


def mark_read(assignment: Assignment) -> int:
    """Keep that the reviewer has read the last submission; return its number. Never goes back."""
    last = Submission.objects.filter(application=assignment.application_id).latest("number").number
    _keep(assignment, last, read_submission__lt=last)
    return last


def copy_private(old: ScoreSheet, new: ScoreSheet) -> None:
    """Carry private notes and standing highlights over to the same reviewer's fresh sheet."""
    notes, marks = old.notes.all(), old.highlights.filter(removed_at=None)
    CriterionNote.objects.bulk_create(
        CriterionNote(sheet=new, code=one.code, text=one.text, updated_by=one.updated_by)
        for one in notes
    )
    Highlight.objects.bulk_create(
        Highlight(
            sheet=new,
            entry=one.entry,
            start=one.start,
            end=one.end,
            quote=one.quote,
            note=one.note,
            updated_by=one.updated_by,
        )
        for one in marks
    )


def _keep(assignment: Assignment, number: int, **was: int) -> None:
    Assignment.objects.filter(pk=assignment.pk, **was).update(read_submission=number)
