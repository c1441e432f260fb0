"""Addresses of what staff note, flag, claim and do in bulk."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
