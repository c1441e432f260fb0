"""The decision letter: for the people of the practice after the release, and for staff."""

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from accounts.enums import Role
from applications.queries import applications_visible_to
from applications.views.pdf import pdf_file
from core.views import HatView
from selection.domain.letters import Letter, letter_of
from selection.pdf.letter import letter_pdf
from selection.presenting.later import later_lines
from selection.queries.reconsiderations import latest_of, may_ask


class LetterView(HatView):
    """The letter to read, with the file to keep. Before the release there is no such page."""

    permission_required = "selection.read_letter"
    template_name = "selection/decisions/letter.html"

    def get_queryset(self):
        """Return the decided applications that the hat may see."""
        visible = applications_visible_to(self.request.hat)
        return visible.filter(decisions__in_force=True)

    @cached_property
    def letter(self) -> Letter:
        """The letter. Raises Http404 when there is no released decision."""
        found = letter_of(self.object)
        if found is None:
            raise Http404
        return found

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the letter, what changed since, and whether the practice can ask to decide anew."""
        is_practice = self.request.hat.role in Role.of_practice
        self.request.cycle = self.object.cycle
        decision = self.letter.decision
        context = {
            "letter": self.letter,
            "is_practice": is_practice,
            "later": later_lines(decision),
            "asked": latest_of(self.object),
            "can_ask": is_practice and may_ask(self.object, decision),
        }
        return super().get_context(**context | extra)


class LetterPdfView(LetterView):
    """The letter as a PDF file."""

    def get(self, request, *args, **kwargs):
        """Return the file."""
        name = f"{self.object.reference}-decision.pdf"
        return pdf_file(letter_pdf(self.letter, later_lines(self.letter.decision)), name)
