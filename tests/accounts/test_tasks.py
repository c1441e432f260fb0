"""Expired sessions are deleted on their own; the others stay."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import tasks

pytestmark = pytest.mark.django_db


def test_expired_sessions_are_deleted_and_the_others_stay():
    kept, gone = SessionStore(), SessionStore()
    for store, seconds in ((kept, 60), (gone, -60)):
        store["file"] = "x"
        store.set_expiry(timezone.now() + timedelta(seconds=seconds))
        store.save()
    for _again in range(2):
        tasks.clear_sessions()
        assert list(Session.objects.values_list("pk", flat=True)) == [kept.session_key]


def test_it_is_scheduled_as_often_as_an_import_file_is_kept():
    job = settings.CELERY_BEAT_SCHEDULE["clear-sessions"]
    assert (job["task"], job["schedule"]) == (tasks.clear_sessions.name, 3600.0)
