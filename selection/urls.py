"""Pages of DHCS."""

from django.urls import path

from selection.views import decisions, queue

app_name = "selection"
urlpatterns = [
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("queue/<int:pk>/", queue.ApplicationView.as_view(), name="application"),
    path("threshold/", decisions.ThresholdView.as_view(), name="threshold"),
    path("threshold/prepare/", decisions.PrepareView.as_view(), name="prepare"),
    path("decisions/", decisions.DecisionsView.as_view(), name="decisions"),
    path("decisions/<int:pk>/release/", decisions.ReleaseView.as_view(), name="release"),
    path("decisions/<int:pk>/discard/", decisions.DiscardView.as_view(), name="discard"),
]
