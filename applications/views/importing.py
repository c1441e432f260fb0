"""The lead's import of applications that came on paper: upload, look, confirm."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.domain.importing import (
    BAD,
    CHANGED,
    NEW,
    UNCHANGED,
    Judged,
    Outcome,
    Refused,
    judge,
    store_counted,
)
from applications.forms.importing import ImportForm
from applications.importing import limits
from applications.importing.checking import check_rows
from applications.importing.columns import template, to_csv
from applications.importing.keeping import Kept, forget, keep, kept_file
from applications.importing.paper import Paper
from applications.importing.parsing import MOST_ROWS_OF_A_PAGE, FileProblem, Sheet, read
from core.exceptions import DomainError
from core.views import HatView
from programs.choosing import choose_cycle, to_score

SHOWN = 200
LONGEST_NAME = 120


class PlanImportView(HatView):
    """What the pages of an import share: the plan's cycle, and the kept file."""

    permission_required = "applications.import_applications"
    template_name = "applications/import.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    @cached_property
    def kept(self) -> Kept | None:
        """The uploaded file that waits for its confirmation."""
        if self.cycle is None:
            return None
        return kept_file(self.request.session, hat=self.request.hat, cycle=self.cycle)

    def dispatch(self, request, *args, **kwargs):
        """Let a kept file go that is not looked at any more, and say why."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except limits.TooMany as error:
            forget(request.session)
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("applications:import"))

    def read(self, data: bytes, all_tins: bool = False) -> tuple[Sheet, list[Paper], Outcome]:
        """Read, check and judge a file. Raises FileProblem when it can't be read at all.

        Raises limits.TooMany when this lead has asked about too many TINs today.
        """
        hat = self.request.hat
        limits.require_room(hat)
        sheet = read(data, self.cycle.definition, most=MOST_ROWS_OF_A_PAGE)
        papers = check_rows(sheet.rows, cycle=self.cycle, plan=hat.organisation)
        outcome = judge(papers, cycle=self.cycle, plan=hat.organisation, all_tins=all_tins)
        limits.count_tins(hat, outcome.tins)
        return sheet, papers, outcome

    def read_kept(self) -> tuple[Sheet, list[Paper], Outcome]:
        """Return the kept file as it is judged now."""
        return self.read(self.kept.data, self.kept.all_tins)


class ImportView(PlanImportView):
    """Choose a file; the answer is the preview."""

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the form."""
        return super().get_context(**{"cycle": self.cycle, "form": ImportForm()} | extra)

    def post(self, request, *args, **kwargs):
        """Keep the file and go to its preview, or say what is wrong with it."""
        form = ImportForm(request.POST, request.FILES)
        if self.cycle is None or not form.is_valid():
            return self.render(form=form, status=422)
        given = form.cleaned_data["file"]
        try:
            data = given.read()
            limits.count_file(request.hat)
            _sheet, _papers, outcome = self.read(data)
        except FileProblem as error:
            form.add_error("file", str(error))
            return self.render(form=form, status=422)
        kept = Kept(data, given.name[:LONGEST_NAME], outcome.counts[NEW])
        keep(request.session, kept, hat=request.hat, cycle=self.cycle)
        return HttpResponseRedirect(reverse("applications:import_preview"))


class ImportPreviewView(PlanImportView):
    """What would happen to each row of the kept file; nothing is stored until the button."""

    template_name = "applications/import_preview.html"

    def get(self, request, *args, **kwargs):
        """Show the preview; without a file there is only the first page."""
        if self.kept is None:
            return HttpResponseRedirect(reverse("applications:import"))
        return self.preview()

    def post(self, request, *args, **kwargs):
        """Import what was shown: judge the file again, and refuse when that is not what was shown."""
        if self.kept is None:
            messages.error(request, _("The file is no longer here. Choose it again."))
            return HttpResponseRedirect(reverse("applications:import"))
        _sheet, papers, outcome = self.read_kept()
        if outcome.counts[NEW] != self.kept.promised:
            return self.renew(outcome)
        try:
            done = store_counted(
                papers,
                cycle=self.cycle,
                plan=request.hat.organisation,
                by=request.hat,
                partial="partial" in request.POST,
            )
        except limits.TooMany:
            raise
        except Refused as error:
            self.hold(error.outcome, all_tins=True)
            return self.preview(refusal=str(error), status=409)
        except DomainError as error:
            return self.preview(refusal=str(error), status=409)
        forget(request.session)
        stored = len(done.references)
        text = ngettext("%(n)d application imported.", "%(n)d applications imported.", stored)
        messages.success(request, text % {"n": stored})
        return HttpResponseRedirect(reverse("scoring:applications"))

    def renew(self, outcome: Outcome):
        """Show the preview again because something else was stored since."""
        self.hold(outcome, all_tins=self.kept.all_tins)
        refusal = _("Something changed since you opened this page. Look again, then import.")
        return self.preview(refusal=refusal, status=409)

    def hold(self, outcome: Outcome, *, all_tins: bool) -> None:
        """Keep the file with what its page shows now."""
        kept = Kept(self.kept.data, self.kept.name, outcome.counts[NEW], all_tins)
        keep(self.request.session, kept, hat=self.request.hat, cycle=self.cycle)
        self.kept = kept

    def preview(self, status: int = 200, **extra: Any):
        """Return the page with every refused row and the first of the others."""
        sheet, _papers, outcome = self.read_kept()
        counts, refused = outcome.counts, outcome.refused
        others = [row for row in outcome.rows if row.state in (NEW, UNCHANGED)]
        context = {
            "refusal": "",
            "cycle": self.cycle,
            "name": self.kept.name,
            "notes": sheet.notes,
            "figures": _figures(counts),
            "new": counts[NEW],
            "refused": len(refused),
            "rows": [_shown(row) for row in refused[:SHOWN] + others[:SHOWN]],
            "hidden": max(0, len(refused) - SHOWN) + max(0, len(others) - SHOWN),
        }
        return self.render(status=status, **context | extra)


class ImportProblemsView(PlanImportView):
    """The refused rows of the kept file as CSV, to mend and try again."""

    def get(self, request, *args, **kwargs):
        """Return line, paper and reason, one line a reason."""
        if self.kept is None:
            return HttpResponseRedirect(reverse("applications:import"))
        _sheet, _papers, outcome = self.read_kept()
        rows = [
            (row.paper.line, row.paper.paper_id, row.paper.name, reason)
            for row in outcome.refused
            for reason in row.reasons
        ]
        return _download(
            to_csv([("line", "paper_id", "practice_name", "reason"), *rows]), "problems.csv"
        )


class ImportTemplateView(PlanImportView):
    """The header and one example row as CSV."""

    def get(self, request, *args, **kwargs):
        """Return the template for the plan's cycle."""
        if self.cycle is None:
            return HttpResponseRedirect(reverse("applications:import"))
        return _download(template(self.cycle, request.hat.organisation), "template.csv")


def _download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _figures(counts) -> list[dict[str, str]]:
    figures = [
        {"label": _("To import"), "value": f"{counts[NEW]:,}"},
        {"label": _("Imported before"), "value": f"{counts[UNCHANGED]:,}"},
        {"label": _("Can’t be imported"), "value": f"{counts[BAD] + counts[CHANGED]:,}"},
    ]
    return [figure | {"note": "", "href": ""} for figure in figures]


def _shown(row: Judged) -> dict[str, Any]:
    labels = {
        NEW: (_("New"), "success"),
        UNCHANGED: (_("Imported before"), "neutral"),
        CHANGED: (_("Changed"), "error"),
        BAD: (_("Can’t be imported"), "error"),
    }
    label, tone = labels[row.state]
    return {"paper": row.paper, "label": label, "tone": tone, "reasons": row.reasons}
