"""Score sheets as files: small ones at once, large ones by a worker and for a day."""

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.enums import Role
from core.exceptions import DomainError
from core.times import PACIFIC
from core.views import HatView
from programs.choosing import choose_cycle, to_decide, to_score
from scoring.domain import exports
from scoring.enums import ExportFormat, JobState
from scoring.exporting.formats import MEDIA, pieces_of
from scoring.exporting.records import records
from scoring.forms.exports import NAMES, ExportForm
from scoring.models import ExportJob
from scoring.queries.exports import count_rows, exports_visible_to

SHOWN = 10
TONES = {JobState.DONE: "success", JobState.FAILED: "error"}


class ExportsView(HatView):
    """What can be exported, in which format, and the large exports of the last day."""

    permission_required = "scoring.export_scores"
    template_name = "scoring/exports.html"

    @cached_property
    def cycle(self):
        """The cycle whose scores are exported."""
        staff = self.request.hat.role in Role.see_all
        return choose_cycle(self.request, to_decide if staff else to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the number of rows, the form, and the exports that are being written or ready."""
        cycle = self.cycle
        jobs = [_shown(job) for job in exports_visible_to(self.request.hat)[:SHOWN]]
        context = {
            "cycle": cycle,
            "rows": count_rows(self.request.hat, cycle) if cycle else 0,
            "at_once": exports.AT_ONCE,
            "form": ExportForm(),
            "jobs": jobs,
            "pending": any(job["pending"] for job in jobs),
            "refusal": "",
        }
        return super().get_context(**context | extra)

    def post(self, request, *args, **kwargs):
        """Send a small export now; order a large one and show how far it is."""
        form = ExportForm(request.POST)
        if self.cycle is None or not form.is_valid():
            return self.render(form=form, status=422)
        kind = ExportFormat(form.cleaned_data["kind"])
        with_names = form.cleaned_data["reviewers"] == NAMES
        if 0 < count_rows(request.hat, self.cycle) <= exports.AT_ONCE:
            rows = records(request.hat, self.cycle, with_names=with_names)
            response = StreamingHttpResponse(pieces_of(kind, rows), content_type=MEDIA[kind])
            return _as_download(response, _name(self.cycle, kind))
        try:
            exports.ask(self.cycle, kind=kind, with_names=with_names, by=request.hat)
        except DomainError as error:
            return self.render(form=form, refusal=str(error), status=409)
        return HttpResponseRedirect(reverse("scoring:exports") + "#export-jobs")


class ExportFileView(ExportsView):
    """The file of a large export, for the hat that asked for it."""

    def get_queryset(self):
        """Return the hat's own exports."""
        return exports_visible_to(self.request.hat)

    def get(self, request, *args, **kwargs) -> HttpResponse | FileResponse:
        """Send the file, or say on the exports' page why it is not there."""
        job: ExportJob = self.object
        try:
            stored = exports.open_file(job)
        except DomainError as error:
            return self.render(refusal=str(error), status=409)
        response = FileResponse(stored, content_type=MEDIA[ExportFormat(job.kind)])
        return _as_download(response, _name(job.cycle, job.kind))

    def post(self, request, *args, **kwargs):
        """Nothing is stored under a file's address (405)."""
        return self.http_method_not_allowed(request, *args, **kwargs)


def _as_download(response, name: str):
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _name(cycle, kind: str) -> str:
    return f"scores-{cycle.slug}-{timezone.now().astimezone(PACIFIC):%Y-%m-%d}.{kind}"


def _shown(job: ExportJob) -> dict[str, Any]:
    progress = _("%(n)s of %(all)s rows written")
    return {
        "job": job,
        "tone": TONES.get(JobState(job.state), "neutral"),
        "pending": job.state in exports.PENDING,
        "is_ready": job.state == JobState.DONE,
        "progress": progress % {"n": f"{job.written:,}", "all": f"{job.rows:,}"},
    }
