"""Assigning by a CSV file: a template, a preview of every row, then giving the good ones."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.importing.columns import to_csv
from core.csvfiles import FileProblem
from scoring.assignment_file import COLUMNS, Row, rows_of, text_of
from scoring.domain.assignment_files import Judged, give_file, judge_file
from scoring.domain.giving import GIVE, REFUSED
from scoring.forms.assigning import AssignmentFileForm
from scoring.queries.assigning import assignable, needing
from scoring.views.assign_words import SHOWN, badge_of, count, figures_of, say_given
from scoring.views.assigning import AssignPage


class AssignFileView(AssignPage):
    """Choose a file; the answer is the preview; its button gives the good rows.

    The preview carries the text of the file, so that nothing is kept on the server; every row is
    judged again when the button is pressed.
    """

    template_name = "scoring/assign_file.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the form."""
        return super().get_context(**{"form": AssignmentFileForm(), "preview": None} | extra)

    def post(self, request, *args, **kwargs):
        """Show what each row comes to, or give what was shown."""
        if self.cycle is None:
            return self.render(status=422)
        if "text" in request.POST:
            return self._confirmed(request.POST["text"])
        form = AssignmentFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        try:
            text = text_of(form.cleaned_data["file"].read())
            rows, blank = rows_of(text)
        except FileProblem as error:
            form.add_error("file", str(error))
            return self.render(form=form, status=422)
        return self._preview(text, rows, blank)

    def _confirmed(self, text: str):
        """Give the good rows; show them again when they would be others by now."""
        hat = self.request.hat
        try:
            rows, blank = rows_of(text)
        except FileProblem as error:
            messages.error(self.request, str(error))
            return HttpResponseRedirect(reverse("scoring:assign_file"))
        judged = judge_file(rows, cycle=self.cycle, by=hat)
        if str(count(judged, GIVE)) != self.request.POST.get("promised"):
            refusal = _("Something changed since you opened this page. Look again, then give.")
            return self._preview(text, rows, blank, refusal=refusal, status=409)
        done = give_file(rows, cycle=self.cycle, by=hat)
        say_given(self.request, [one.verdict for one in done if one.verdict])
        return HttpResponseRedirect(reverse("scoring:assign_many"))

    def _preview(self, text: str, rows: list[Row], blank: int, refusal: str = "", status=200):
        judged = judge_file(rows, cycle=self.cycle, by=self.request.hat)
        refused = count(judged, REFUSED)
        shown = _first_rows(judged, SHOWN - refused)
        preview = {
            "refusal": refusal,
            "text": text,
            "given": count(judged, GIVE),
            "refused": refused,
            "figures": figures_of(judged, blank),
            "rows": [_shown(one) for one in shown],
            "hidden": len(judged) - len(shown),
        }
        return self.render(preview=preview, status=status)


class AssignTemplateView(AssignPage):
    """The applications that need reviewers as CSV; fill in an email address in each row."""

    def get(self, request, *args, **kwargs):
        """Return the file."""
        rows: list[tuple[str, ...]] = [COLUMNS]
        if self.cycle is not None:
            mine = needing(assignable(request.hat, self.cycle), "lacking", self.each)
            found = mine.order_by("pk").values_list("reference", "practice__name", "county")
            rows += [(reference, name, county, "") for reference, name, county in found]
        response = HttpResponse(to_csv(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="assignment.csv"'
        return response


def _first_rows(judged: list[Judged], most: int) -> list[Judged]:
    """Return every refused row and the first `most` others, in the order of the file."""
    others = [one for one in judged if one.kind != REFUSED][: max(0, most)]
    kept = {id(one) for one in others}
    return [one for one in judged if one.kind == REFUSED or id(one) in kept]


def _shown(one: Judged) -> dict[str, Any]:
    return {"row": one.row, "badge": badge_of(one.kind), "why": one.reason}
