"""Pages of DHCS, the public pages of a cohort, and what a practice does after its decision."""

from selection.urls import after, decisions, desk, queue, records, workbench

app_name = "selection"
urlpatterns = [
    *queue.urlpatterns,
    *desk.urlpatterns,
    *workbench.urlpatterns,
    *decisions.urlpatterns,
    *records.urlpatterns,
    *after.urlpatterns,
]
