"""Addresses of offers and reconsiderations."""

from django.urls import URLPattern, path

from selection.views import place, reconsideration, reconsiderations, reports, waitlist

PLACE = "place/<int:pk>"
ASKED = "reconsideration/<int:pk>"
DESK = "reconsiderations"

urlpatterns: list[URLPattern] = [
    path(f"{PLACE}/", place.PlaceView.as_view(), name="place"),
    path(f"{PLACE}/accept/", place.AcceptView.as_view(), name="accept_place"),
    path(f"{PLACE}/decline/", place.DeclineView.as_view(), name="decline_place"),
    path(f"{PLACE}/leave/", place.LeaveView.as_view(), name="leave_place"),
    path("waitlist/", waitlist.WaitlistView.as_view(), name="waitlist"),
    path("waitlist/offers/", waitlist.OffersView.as_view(), name="offers"),
    path("waitlist/<int:pk>/confirm/", waitlist.ConfirmView.as_view(), name="confirm_offer"),
    path("waitlist/<int:pk>/pass-over/", waitlist.PassOverView.as_view(), name="pass_over"),
    path("waitlist/<int:pk>/put-back/", waitlist.PutBackView.as_view(), name="put_back"),
    path(f"{ASKED}/", reconsideration.ReconsiderationView.as_view(), name="reconsideration"),
    path(f"{ASKED}/ask/", reconsideration.AskView.as_view(), name="reconsideration_ask"),
    path(f"{ASKED}/files/", reconsideration.AddFilesView.as_view(), name="reconsideration_files"),
    path(
        f"{ASKED}/take-back/", reconsideration.TakeBackView.as_view(), name="reconsideration_undo"
    ),
    path(f"{DESK}/", reconsiderations.ReconsiderationsView.as_view(), name="reconsiderations"),
    path(
        f"{DESK}/<int:pk>/",
        reconsiderations.ReconsiderationDeskView.as_view(),
        name="reconsideration_desk",
    ),
    path(
        f"{DESK}/<int:pk>/assign/",
        reconsiderations.AssignView.as_view(),
        name="reconsideration_assign",
    ),
    path(
        f"{DESK}/<int:pk>/answer/",
        reconsiderations.AnswerView.as_view(),
        name="reconsideration_answer",
    ),
    path(
        f"{DESK}/files/<int:pk>/",
        reconsiderations.ReconsiderationFileView.as_view(),
        name="reconsideration_file",
    ),
    path("reports/", reports.ReportsView.as_view(), name="reports"),
    path("reports/<slug:table>.csv", reports.ReportCsvView.as_view(), name="report_csv"),
    path("reports/report.xlsx", reports.ReportXlsxView.as_view(), name="report_xlsx"),
]
