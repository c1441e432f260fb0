"""Pages about the portal itself."""

from django.urls import path

from core.pages import page

app_name = "core"
urlpatterns = [path("about/<slug:slug>/", page, name="page")]
