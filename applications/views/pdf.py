"""The application and its receipt as PDF files to keep or to print."""

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from accounts.enums import Role
from applications.dossier import Dossier
from applications.models import Application, Submission
from applications.pdf.documents import application_pdf, receipt_pdf
from applications.queries import applications_readable_by, last_submission
from applications.reading import read_content, read_document
from core.views import HatView


class PdfView(HatView):
    """A PDF about one application for everybody who may read it."""

    permission_required = "applications.read_application"

    def get_queryset(self):
        """Return what the hat may open."""
        return applications_readable_by(self.request.hat)


class ApplicationPdfView(PdfView):
    """The whole application: what was signed last, or the draft as it is now.

    While the practice may write, its own people get the draft; `?signed` asks for what was signed.
    """

    def get(self, request, *args, **kwargs):
        """Return the file."""
        application = self.object
        writes = request.hat.role in Role.of_practice and application.is_editable
        if writes and not (application.submitted_at and "signed" in request.GET):
            return pdf_file(self.draft(), f"{application.reference}-draft.pdf")
        signed = signed_or_404(application)
        blocks = read_document(signed.content, application.cycle.localized)
        content = application_pdf(application, blocks, submission=signed)
        return pdf_file(content, f"{application.reference}.pdf")

    def draft(self) -> bytes:
        """Return the present content, marked as a draft."""
        dossier = Dossier.load(self.object)
        blocks = read_content(dossier.content, self.object.cycle.localized, {})
        return application_pdf(self.object, blocks)


class ReceiptPdfView(PdfView):
    """The receipt of what was signed last."""

    def get(self, request, *args, **kwargs):
        """Return the file."""
        signed = signed_or_404(self.object)
        signed.application = self.object
        return pdf_file(receipt_pdf(signed), f"{self.object.reference}-receipt.pdf")


def signed_or_404(application: Application) -> Submission:
    """Return what was signed last. Raises Http404 when nothing was."""
    signed = last_submission(application)
    if signed is None:
        raise Http404
    return signed


def pdf_file(content: bytes, name: str) -> HttpResponse:
    """Return `content` as a file to save, which no cache may keep."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Cache-Control": "private, no-store",
        },
    )
