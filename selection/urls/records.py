"""Addresses of decision records, public pages and reports."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
