"""Pages of the practice."""

from django.urls import path

from applications.models import MemberCount, Site
from applications.views import (
    check,
    documents,
    export,
    history,
    home,
    importing,
    late_access,
    messages,
    paste,
    pdf,
    practice,
    presence,
    rows,
    sections,
    signing,
    status,
)

app_name = "applications"
urlpatterns = [
    path("apply/check/", check.check, name="check"),
    path("plan/import/", importing.ImportView.as_view(), name="import"),
    path("plan/import/preview/", importing.ImportPreviewView.as_view(), name="import_preview"),
    path(
        "plan/import/problems.csv", importing.ImportProblemsView.as_view(), name="import_problems"
    ),
    path(
        "plan/import/template.csv", importing.ImportTemplateView.as_view(), name="import_template"
    ),
    path("practice/new/", home.new_practice, name="new_practice"),
    path("home/", home.HomeView.as_view(), name="home"),
    path("application/", home.ApplicationView.as_view(), name="application"),
    path("application/start/", home.StartView.as_view(), name="start"),
    path("status/", status.StatusView.as_view(), name="status"),
    path("messages/", messages.MessagesView.as_view(), name="messages"),
    path("late-access/", late_access.LateAccessView.as_view(), name="late_access"),
    path("practice/", practice.SummaryView.as_view(), name="practice"),
    path("practice/profile/", practice.ProfileView.as_view(), name="profile"),
    path("practice/sites/", rows.SitesView.as_view(), name="sites"),
    path("practice/sites/paste/", paste.PasteSitesView.as_view(), name="paste_sites"),
    path(
        "practice/sites/<int:pk>/remove/",
        rows.RemoveRowView.as_view(model=Site, url_name="sites"),
        name="remove_site",
    ),
    path("practice/members/", rows.MembersView.as_view(), name="members"),
    path("practice/members/paste/", paste.PasteMembersView.as_view(), name="paste_members"),
    path(
        "practice/members/<int:pk>/remove/",
        rows.RemoveRowView.as_view(model=MemberCount, url_name="members"),
        name="remove_member",
    ),
    path("application/<int:pk>/review/", signing.ReviewView.as_view(), name="review"),
    path("application/<int:pk>/ready/", signing.AskToSignView.as_view(), name="ask_to_sign"),
    path("application/<int:pk>/submit/", signing.SubmitView.as_view(), name="submit"),
    path("application/<int:pk>/receipt/", signing.ReceiptView.as_view(), name="receipt"),
    path("application/<int:pk>/withdraw/", signing.WithdrawView.as_view(), name="withdraw"),
    path("application/<int:pk>/history/", history.HistoryView.as_view(), name="history"),
    path(
        "application/<int:pk>/application.pdf",
        pdf.ApplicationPdfView.as_view(),
        name="application_pdf",
    ),
    path("application/<int:pk>/receipt.pdf", pdf.ReceiptPdfView.as_view(), name="receipt_pdf"),
    path("application/<int:pk>/draft.json", export.DraftJsonView.as_view(), name="draft_json"),
    path("documents/", documents.CurrentDocumentsView.as_view(), name="documents"),
    path("documents/<int:pk>/replace/", documents.ReplaceView.as_view(), name="replace_file"),
    path("documents/<int:pk>/remove/", documents.RemoveView.as_view(), name="remove_file"),
    path("application/files/<int:pk>/", documents.FileView.as_view(), name="file"),
    path(
        "application/<int:pk>/documents/",
        documents.DocumentsView.as_view(),
        name="application_documents",
    ),
    path(
        "application/<int:pk>/<slug:key>/presence/",
        presence.PresenceView.as_view(),
        name="presence",
    ),
    path("application/<int:pk>/<slug:key>/", sections.SectionView.as_view(), name="section"),
]
