"""Hats and the first page of people without one."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("hats/<int:pk>/", views.switch, name="switch"),
    path("welcome/", views.WelcomeView.as_view(), name="welcome"),
    path("start/", views.no_organisation, name="no_organisation"),
]
