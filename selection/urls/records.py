"""Addresses of decision records, and the public pages of a cohort."""

from django.urls import URLPattern, path

from selection.views import cohorts, records

urlpatterns: list[URLPattern] = [
    path("records/", records.RecordsView.as_view(), name="records"),
    path("records/<int:pk>/", records.RecordView.as_view(), name="record"),
    path("records/<int:pk>/record.json", records.RecordFileView.as_view(), name="record_file"),
    path(
        "records/<int:pk>/public.json",
        records.PublicRecordFileView.as_view(),
        name="record_public",
    ),
    path("cohorts/", cohorts.cohorts, name="cohorts"),
    path("cohorts/verifier.py", cohorts.verifier_file, name="verifier"),
    path("cohorts/<slug:cycle>/", cohorts.cohort, name="cohort"),
    path("cohorts/<slug:cycle>/record.json", cohorts.cohort_record, name="cohort_record"),
    path("cohorts/<slug:cycle>/selected.csv", cohorts.cohort_csv, name="cohort_csv"),
    path(
        "cohorts/<slug:cycle>/records/<int:sequence>.json",
        cohorts.cohort_records,
        name="cohort_records",
    ),
]
