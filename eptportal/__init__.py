"""The composition root: settings, URLs, the Celery app. It imports the apps; no app imports it."""

from eptportal.celery import app as celery_app

__all__ = ["celery_app"]
