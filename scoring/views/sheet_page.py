"""What the score page shows, whoever reads it."""

from dataclasses import dataclass
from html import escape
from typing import Any

from django.forms.boundfield import BoundField
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from accounts.enums import Role
from applications.enums import Status
from applications.resubmission import Reading, reading_of
from applications.rules import has_declared
from core.views import HatView
from programs.schema import Criterion, ProgramDefinition, Rubric, RubricSection
from scoring.domain import reading as reading_domain
from scoring.forms.sheets import COMMENT, NOTE, POINTS, SheetForm, field_name
from scoring.passages import listed, read_blocks
from scoring.queries import sheets_visible_to
from scoring.queries.pages import (
    OtherSheet,
    highlights_of,
    others_beside,
    versions_of,
)
from scoring.queries.sheets import contents_of
from scoring.views.reading_pane import pane


@dataclass(frozen=True)
class Row:
    """A criterion with its fields. `given`: it has points; `needs_comment`: these need a reason."""

    criterion: Criterion
    points: BoundField
    comment: BoundField
    note: BoundField | None
    given: bool
    needs_comment: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing here."""
        return self.given and not self.needs_comment


class SheetPage(HatView):
    """Application and rubric side by side. Subclasses say what one may do with them."""

    template_name = "scoring/sheet.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return sheets_visible_to(self.request.hat)

    @property
    def is_own(self) -> bool:
        """Whether the hat is the sheet's reviewer."""
        return self.object.assignment.reviewer_id == self.request.hat.pk

    @property
    def rubric(self) -> Rubric:
        """The rubric of the application's program."""
        return self.object.assignment.application.cycle.definition.rubric

    @cached_property
    def reading(self) -> Reading:
        """The last submission, with what changed since this reviewer read one."""
        assignment = self.object.assignment
        read = assignment.read_submission if self.is_own else 0
        return reading_of(assignment.application, read=read)

    def form(self, data=None, only=None) -> SheetForm:
        """Return the sheet as a form; one with `only` some fields is for saving and needs no values."""
        if only is not None:
            return SheetForm(self.rubric, {}, {}, data, only, notes={})
        stored = contents_of(self.object, notes=self.is_own)
        notes = stored.notes if self.is_own else None
        return SheetForm(self.rubric, stored.points, stored.comments, data, notes=notes)

    def render(self, status: int = 200, **extra: Any) -> HttpResponse:
        """Return the page; who has not declared conflicts of interest is asked first."""
        unread = self.is_own and not self.object.is_submitted
        asked = unread or self.request.hat.role == Role.MCP_REVIEWER
        if asked and not has_declared(self.request.hat, self.object.assignment.application):
            return HttpResponseRedirect(self._declare_url())
        return super().render(status=status, **extra)

    def _declare_url(self) -> str:
        """Return where the conflicts are declared: for the own review, or for all that wait."""
        if not self.is_own:
            return reverse("scoring:declare_new")
        sheet = reverse("scoring:sheet", args=[self.object.pk])
        return f"{reverse('scoring:declare', args=[self.object.pk])}?next={sheet}"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the content to read, the criteria with their fields, and whether one may write."""
        application = self.object.assignment.application
        self.request.cycle = application.cycle
        form = extra.pop("form", None) or self.form()
        sections = with_fields(self.rubric, form, application.cycle.definition)
        rows = [row for _section, group in sections for row in group]
        context = {
            "application": application,
            "cycle": application.cycle,
            "reviewer": self.object.assignment.reviewer,
            "is_own": self.is_own,
            "form": form,
            "sections": sections,
            "versions": hidden(form.versions(extra.pop("known", None))),
            "writable": self._writable(application),
            "back_url": self._back(application),
            "unscored": [row for row in rows if not row.given],
            "silent": [row for row in rows if row.needs_comment],
            "done": sum(row.given for row in rows),
            "criteria": len(rows),
            "rubric_total": self.rubric.total,
            "comment_at": application.cycle.definition.scoring.comment_required_at,
            "conflicts": [],
            "others": (others := self._others(application)),
            "side_by_side": beside(rows, others),
            "earlier": self._has("was_reopened") and list(versions_of(self.object)),
        }
        return super().get_context(**context | self._content() | extra)

    def _content(self) -> dict[str, Any]:
        """The application with highlights, and what changed since it was read last."""
        reading, assignment = self.reading, self.object.assignment
        marks = highlights_of(self.object) if self.is_own and self._has("is_marked") else []
        unread = self.is_own and 0 < assignment.read_submission < reading.number
        if self.is_own and not assignment.read_submission:
            reading_domain.opened(assignment, reading.number)
        blocks = read_blocks(reading.blocks, marks, reading.changes if unread else ())
        return {
            "reading": reading,
            "blocks": blocks,
            "pane": pane(blocks),
            "entries": [e for block in reading.blocks for e in block.entries if e.answer],
            "highlights": listed(reading.blocks, marks),
            "unread": unread,
            "highlight_error": "",
            "highlight_typed": {"entry": "", "quote": "", "note": ""},
        }

    def _has(self, name: str) -> bool:
        """Tell whether the sheet has such rows: it may, unless it was read with the answer."""
        return getattr(self.object, name, True)

    def _others(self, application) -> list:
        says = application.cycle.definition.scoring.others_sheets
        if not self.is_own or says == "never":
            return []
        if says == "after_own" and not self.object.is_submitted:
            return []
        return others_beside(self.object, self.request.hat)

    def _back(self, application) -> str:
        """Return where this hat came from: its own reviews, the plan's application, or the queue."""
        hat = self.request.hat
        if self.is_own or hat.role == Role.MCP_REVIEWER:
            return reverse("scoring:mine")
        staff = hat.role in Role.see_all
        name = "selection:application" if staff else "scoring:application"
        return reverse(name, args=[application.pk])

    def _writable(self, application) -> bool:
        return (
            self.is_own and not self.object.is_submitted and application.status == Status.IN_REVIEW
        )


def hidden(versions: list[tuple[str, int]]) -> SafeString:
    """Return the hidden inputs that say on which versions the page is based."""
    inputs = (f'<input type="hidden" name="{escape(n)}" value="{v:d}">' for n, v in versions)
    return SafeString("".join(inputs))


def with_fields(
    rubric: Rubric, form: SheetForm, definition: ProgramDefinition
) -> list[tuple[RubricSection, list[Row]]]:
    """Return the rubric's sections with the fields of each criterion."""
    required = definition.scoring.comment_required_at
    return [(one, [_row(c, form, required) for c in one.criteria]) for one in rubric.sections]


def _row(criterion: Criterion, form: SheetForm, required) -> Row:
    points = form[field_name(POINTS, criterion.code)]
    comment = form[field_name(COMMENT, criterion.code)]
    name = field_name(NOTE, criterion.code)
    value = str(points.value() if points.value() is not None else "")
    silent = value in map(str, required) and not str(comment.value() or "").strip()
    note = form[name] if name in form.fields else None
    return Row(criterion, points, comment, note, bool(value), silent)


def beside(rows: list[Row], others: list[OtherSheet]) -> list[dict[str, Any]]:
    """Return each criterion with one's own points and (name, points, comment) of the other sheets."""
    return [
        {
            "criterion": row.criterion,
            "mine": _shown(row.points.value()),
            "theirs": [
                (
                    other.sheet.assignment.reviewer.user.full_name,
                    _shown(other.points.get(row.criterion.code)),
                    other.comments.get(row.criterion.code, ""),
                )
                for other in others
            ],
        }
        for row in rows
        if others
    ]


def _shown(points: object) -> str:
    return "–" if points in (None, "") else str(points)
