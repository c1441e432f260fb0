"""Documents of an application: the list, adding, replacing, removing, and the one way to download."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import storage
from applications.documents import SECTION, kinds_of
from applications.domain import attachments
from applications.domain.locking import lock_on
from applications.enums import Scan
from applications.filetypes import FileRefused
from applications.forms.documents import AddFileForm, FileForm, RemoveForm
from applications.models import Application, Attachment
from applications.presenting_files import earlier_rows, room_left, rows_by_kind
from applications.queries import attachments_of, attachments_visible_to, current_application
from applications.times import cycle_for
from applications.views.base import OwnApplicationView, PracticeView
from core.exceptions import DomainError
from core.views import ActionView, HatView
from programs.models import Cycle

BLOCK = 64 * 1024
REMOVE_EFFECTS = (
    gettext_lazy("The file is not part of your application any more, and nobody scores it."),
    gettext_lazy("It stays in the list of earlier files, so that you can look it up."),
)


class ListedDocuments:
    """The list of an application's files and the form to add one."""

    template_name = "applications/documents.html"
    application: Application | None
    cycle: Cycle

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the files by kind, the earlier ones, how much room is left, and the form."""
        context: dict[str, Any] = {"application": self.application, "groups": [], "locked": None}
        if self.application is not None:
            kinds = kinds_of(self.cycle.localized)
            files = attachments_of(self.application)
            context |= {
                "groups": rows_by_kind(files, kinds),
                "earlier": earlier_rows(files),
                "room": room_left(files),
                "locked": lock_on(self.application, SECTION),
                "is_sample": any(kind.is_sample for kind in kinds),
                "form": AddFileForm(kinds),
            }
        return super().get_context(**context | extra)  # type: ignore[misc]


class CurrentDocumentsView(ListedDocuments, PracticeView):
    """`/documents/`: the files of the application in the current cycle."""


class DocumentsView(ListedDocuments, OwnApplicationView):
    """The files of one application of the practice, and where a new one is sent to."""

    def post(self, request, *args, **kwargs):
        """Add a file, or show the page again with the reason why not."""
        form = AddFileForm(kinds_of(self.cycle.localized), request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        sent = form.cleaned_data["file"]
        try:
            new = attachments.add(
                self.object,
                kind=form.cleaned_data["kind"],
                file=sent,
                name=sent.name,
                by=request.hat,
            )
        except DomainError as error:
            return self.render(form=form, status=refuse(form, error))
        messages.success(request, added_message(new))
        return HttpResponseRedirect(list_url(self.object))


class OwnFileView(ActionView):
    """An act on one file in force of the practice's own applications."""

    permission_required = "applications.edit_file"

    def get_queryset(self):
        """Return what the hat may see."""
        return attachments_visible_to(self.request.hat)

    @cached_property
    def locked(self):
        """Why the file can't be changed now, or None."""
        return lock_on(self.object.application, SECTION)

    def get(self, request, *args, **kwargs):
        """Show the form; a file that was replaced or removed already is only told about."""
        if self.object.ended_at is not None or self.locked:
            messages.info(request, _("“%(name)s” can't be changed now.") % {"name": self.object})
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self):
        """Return to the list."""
        return list_url(self.object.application)


class ReplaceView(OwnFileView):
    """Put a newer file in the place of one."""

    template_name = "applications/replace_file.html"
    form_class = FileForm

    def post(self, request, *args, **kwargs):
        """Replace, or show the page again with the reason why not."""
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        sent = form.cleaned_data["file"]
        try:
            new = attachments.replace(self.object, file=sent, name=sent.name, by=request.hat)
        except DomainError as error:
            return self.render(form=form, status=refuse(form, error))
        messages.success(request, added_message(new))
        return HttpResponseRedirect(self.get_success_url())


class RemoveView(OwnFileView):
    """Take a file out of the application."""

    template_name = "applications/remove_file.html"
    form_class = RemoveForm

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the act does."""
        return super().get_context(effects=REMOVE_EFFECTS, **extra)

    def perform(self, form) -> Attachment:
        """Remove."""
        gone = attachments.remove(self.object, by=self.request.hat)
        messages.success(self.request, _("“%(name)s” is removed.") % {"name": gone.name})
        return gone


class FileView(HatView):
    """Download one file. Nothing else serves the folder or the bucket that the files are in."""

    permission_required = "applications.view_file"
    template_name = "applications/file_unavailable.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return attachments_visible_to(self.request.hat)

    def get(self, request, *args, **kwargs) -> HttpResponse | FileResponse:
        """Send the bytes as a download; a file without its virus check, or with a virus, is not sent."""
        file: Attachment = self.object
        if file.scan not in Scan.downloadable:
            return self.render(status=409)
        try:
            stored = storage.open_stored(file.storage_name)
        except FileNotFoundError:
            return self.render(status=410)
        response = FileResponse(
            stored, as_attachment=True, filename=file.name, content_type=file.content_type
        )
        response.block_size = BLOCK
        response["Content-Length"] = file.size
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def refuse(form, error: DomainError) -> int:
    """Put the reason where it belongs and return the status of the page: 422 by the file, else 409."""
    by_the_file = isinstance(error, FileRefused)
    form.add_error("file" if by_the_file else None, str(error))
    return 422 if by_the_file else 409


def added_message(file: Attachment) -> str:
    """Return what to say about a new file."""
    if file.scan == Scan.PENDING:
        message = _("“%(name)s” is added. The virus check takes about a minute.")
    else:
        message = _("“%(name)s” is added.")
    return message % {"name": file.name}


def list_url(application: Application) -> str:
    """Return the list that shows the application's files: the place, or the page of an older one."""
    cycle = cycle_for(application.practice)
    if cycle and current_application(application.practice, cycle) == application:
        return reverse("applications:documents")
    return reverse("applications:application_documents", args=[application.pk])
