"""Addresses of the queue: its list, views, claims, acts on many; and of one application in it."""

from django.urls import path

from selection.views import bulk, claims, queue, saved_views
from selection.views.application import ApplicationView

urlpatterns = [
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("queue/facets/", queue.FacetsView.as_view(), name="facets"),
    path("queue/columns/", queue.ColumnsView.as_view(), name="columns"),
    path("queue/views/", saved_views.ViewsView.as_view(), name="views"),
    path("queue/views/<int:pk>/", saved_views.ViewView.as_view(), name="view"),
    path("queue/views/<int:pk>/delete/", saved_views.DeleteViewView.as_view(), name="delete_view"),
    path("queue/claim-next/", claims.ClaimNextView.as_view(), name="claim_next"),
    path("queue/mine/", claims.MyClaimsView.as_view(), name="my_claims"),
    path("queue/claims/<int:pk>/end/", claims.EndClaimView.as_view(), name="end_claim"),
    path("queue/bulk/", bulk.BulkView.as_view(), name="bulk"),
    path("queue/bulk/<int:pk>/", bulk.BulkActView.as_view(), name="bulk_act"),
    path("queue/bulk/<int:pk>/undo/", bulk.UndoBulkView.as_view(), name="undo_bulk"),
    path("queue/<int:pk>/", ApplicationView.as_view(), name="application"),
    path("queue/<int:pk>/claim/", claims.ClaimView.as_view(), name="claim"),
]
