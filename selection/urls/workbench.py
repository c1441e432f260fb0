"""Addresses of the workbench: scenarios, solving, comparing."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
