"""Addresses of the queue and of one application in it."""

from django.urls import path

from selection.views import queue

urlpatterns = [
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("queue/<int:pk>/", queue.ApplicationView.as_view(), name="application"),
]
