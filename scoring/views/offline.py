"""Scoring without a connection: take forms along, choose the filled-in file, look, store."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.filetypes import XLSX
from applications.importing.keeping import Kept, forget, keep, kept_file
from core.times import PACIFIC
from core.views import HatView
from programs.choosing import choose_cycle, to_score
from scoring.domain import offline
from scoring.domain.calibration import must_calibrate, must_sentence
from scoring.forms.offline import OfflineForm
from scoring.offline.form import MOST_TABS
from scoring.offline.judging import Change, JudgedTab, judge
from scoring.offline.reading import read
from scoring.offline.writing import workbook_for
from scoring.queries.offline import sheets_to_fill
from scoring.workbooks import WorkbookProblem

LONGEST_NAME = 120
MOST_CONFLICTS = 500  # choices that one page asks for; the rest stays as it is online
SLOT = "score_form"
MINE, ONLINE = "mine", "online"


class OfflineView(HatView):
    """Which sheets to take along, and where the filled-in file goes."""

    permission_required = "scoring.view_reviews"
    template_name = "scoring/offline.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the sheets that can be taken along, and the form for the file."""
        cycle = choose_cycle(self.request, to_score)
        mine = sheets_to_fill(self.request.hat).filter(assignment__application__cycle=cycle)
        must = must_calibrate(self.request.hat, cycle) if cycle else None
        total = mine.count() if cycle and not must else 0
        context = {
            "cycle": cycle,
            "must_practise": must_sentence() if must else "",
            "sheets": mine[:MOST_TABS] if total else [],
            "criteria": len(cycle.definition.criteria()) if cycle else 0,
            "total": total,
            "most": MOST_TABS,
            "form": OfflineForm(),
            "problem": "",
        }
        return super().get_context(**context | extra)

    def post(self, request, *args, **kwargs):
        """Keep the file and go to its preview, or say what is wrong with it."""
        form = OfflineForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        given = form.cleaned_data["file"]
        data = given.read()
        try:
            read(data)
        except WorkbookProblem as error:
            form.add_error("file", str(error))
            return self.render(form=form, status=422)
        kept = Kept(data, given.name[:LONGEST_NAME])
        keep(request.session, kept, hat=request.hat, cycle=None, slot=SLOT)
        return HttpResponseRedirect(reverse("scoring:offline_preview"))


class OfflineFormView(OfflineView):
    """The workbook for the sheets named by `sheet`, or for all that are open in the cycle."""

    def get(self, request, *args, **kwargs):
        """Return the workbook, or the page again when nothing that can be scored was named."""
        cycle = choose_cycle(request, to_score)
        asked = [
            text for text in request.GET.getlist("sheet") if text.isdecimal() and len(text) < 18
        ]
        mine = sheets_to_fill(request.hat)
        if asked:
            sheets = list(mine.filter(pk__in=asked)[: MOST_TABS + 1])
        elif "all" in request.GET:
            sheets = list(mine.filter(assignment__application__cycle=cycle)[: MOST_TABS + 1])
        else:
            messages.error(request, _("Choose at least one application."))
            return HttpResponseRedirect(reverse("scoring:offline"))
        if len(sheets) > MOST_TABS:
            message = _("A form holds at most %(most)d applications. Choose fewer.")
            return self.render(problem=message % {"most": MOST_TABS}, status=422)
        cycles = {sheet.assignment.application.cycle for sheet in sheets}
        if any(must_calibrate(request.hat, one) for one in cycles):
            return self.render(problem=must_sentence(), status=409)
        if not sheets:
            message = _("Nothing that you chose can be scored now. Look at the list again.")
            return self.render(problem=message, status=409)
        only = sheets[0].assignment.application.reference if len(sheets) == 1 else _("scores")
        day = f"{timezone.now().astimezone(PACIFIC):%Y-%m-%d}"
        return HttpResponse(
            workbook_for(sheets, hat=request.hat),
            content_type=XLSX.media,
            headers={
                "Content-Disposition": content_disposition_header(
                    as_attachment=True, filename=f"{only}-{day}.xlsx"
                ),
                "Cache-Control": "private, no-store",
            },
        )


class OfflinePreviewView(HatView):
    """What the kept file would change; nothing is stored until the button."""

    permission_required = "scoring.view_reviews"
    template_name = "scoring/offline_preview.html"

    @cached_property
    def kept(self) -> Kept | None:
        """The file that waits for its confirmation."""
        return kept_file(self.request.session, hat=self.request.hat, cycle=None, slot=SLOT)

    def judged(self) -> list[JudgedTab]:
        """Return the kept file as it compares with what is online now."""
        return judge(read(self.kept.data), hat=self.request.hat)

    def get(self, request, *args, **kwargs):
        """Show the preview; without a file there is only the first page."""
        if self.kept is None:
            return HttpResponseRedirect(reverse("scoring:offline"))
        return self.preview(self.judged())

    def post(self, request, *args, **kwargs):
        """Store what was chosen; what could not be stored is shown again with the reason."""
        if self.kept is None:
            messages.error(request, _("The file is no longer here. Choose it again."))
            return HttpResponseRedirect(reverse("scoring:offline"))
        chosen = {int(text) for text in request.POST.getlist("take") if _is_id(text)}
        taken = offline.take(self.judged(), chosen=chosen, mine=_mine(request.POST), by=request.hat)
        if taken.left:
            return self.preview(self.judged(), stored=_stored(taken), left=taken.left, status=409)
        forget(request.session, SLOT)
        messages.success(request, _stored(taken))
        return HttpResponseRedirect(reverse("scoring:mine"))

    def preview(self, tabs: list[JudgedTab], status: int = 200, **extra: Any) -> HttpResponse:
        """Return the page."""
        asked = 0
        rows = []
        touched = sorted((tab for tab in tabs if not tab.is_empty), key=_changes_nothing)
        for tab in touched:
            shown = tab.conflicts[: max(0, MOST_CONFLICTS - asked)]
            asked += len(shown)
            rows.append({"tab": tab, "conflicts": [_choice(one) for one in shown]})
        counts = {
            "changes": sum(len(tab.changes) for tab in tabs),
            "conflicts": sum(len(tab.conflicts) for tab in tabs),
            "faults": sum(len(tab.faults) for tab in tabs),
            "refused": sum(bool(tab.refused) for tab in tabs),
        }
        context = {
            "stored": "",
            "left": [],
            "name": self.kept.name,
            "rows": rows,
            "untouched": [tab for tab in tabs if tab.is_empty],
            "figures": _figures(counts),
            "can_store": counts["changes"] or counts["conflicts"],
            "not_asked": counts["conflicts"] - asked,
        }
        return self.render(status=status, **context | extra)


def _changes_nothing(tab: JudgedTab) -> bool:
    return not (tab.changes or tab.conflicts)


def _choice(one: Change) -> dict[str, Any]:
    return {"change": one, "mine": f"{MINE}:{one.version}", "online": ONLINE}


def _mine(data) -> dict[str, int]:
    """Return the conflicts in which the file wins, each with the version that the person saw."""
    found = {}
    for name in data:
        word, _colon, version = data[name].partition(":")
        if name.startswith("choice:") and word == MINE and _is_id(version):
            found[name] = int(version)
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def _stored(taken: offline.Taken) -> str:
    if not taken.values:
        return _("There was nothing new to store.")
    values = ngettext("%(n)d value", "%(n)d values", taken.values) % {"n": taken.values}
    text = ngettext(
        "%(values)s of %(n)d application stored.",
        "%(values)s of %(n)d applications stored.",
        taken.sheets,
    )
    return text % {"values": values, "n": taken.sheets}


def _figures(counts: dict[str, int]) -> list[dict[str, str]]:
    figures = [
        (_("Changes"), counts["changes"]),
        (_("Changed online too"), counts["conflicts"]),
        (_("Cells to mend"), counts["faults"]),
        (_("Tabs left out"), counts["refused"]),
    ]
    return [{"label": label, "value": f"{n:,}", "note": "", "href": ""} for label, n in figures]
