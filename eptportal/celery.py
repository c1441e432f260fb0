"""The Celery application. Tasks live in each app's `tasks.py`; the schedule is in the settings.

Without DJANGO_SETTINGS_MODULE it takes the production settings, which name what is missing.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eptportal.settings.production")

app = Celery("eptportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
