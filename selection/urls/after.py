"""Addresses of offers and reconsiderations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
