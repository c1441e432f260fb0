"""Public addresses of programs; the home page is routed by the project."""

from django.urls import path

from programs import views

app_name = "programs"
urlpatterns = [
    path("estimate/", views.estimate, name="estimate"),
    path("cycles/<slug:slug>/", views.cycle_page, name="cycle"),
]
