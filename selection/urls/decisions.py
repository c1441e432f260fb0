"""Addresses from a scenario to released decisions."""

from django.urls import path

from selection.views import decisions

urlpatterns = [
    path("threshold/", decisions.ThresholdView.as_view(), name="threshold"),
    path("threshold/prepare/", decisions.PrepareView.as_view(), name="prepare"),
    path("decisions/", decisions.DecisionsView.as_view(), name="decisions"),
    path("decisions/<int:pk>/release/", decisions.ReleaseView.as_view(), name="release"),
    path("decisions/<int:pk>/discard/", decisions.DiscardView.as_view(), name="discard"),
]
