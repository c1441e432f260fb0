"""Celery tasks of the people's side. They hold no rules and may run any number of times."""

from importlib import import_module

from celery import shared_task
from django.conf import settings


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Delete every expired session, and with them the import files that nobody confirmed."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
