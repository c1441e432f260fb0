"""Keeps full-text search in step when applications come in and when an organisation is renamed."""

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Membership, Organisation
from applications.models import Application
from applications.signals import submitted
from selection.domain import searching


@receiver(submitted, dispatch_uid="search_entries_of_applications")
def find_applications(applications: Sequence[Application], by: Membership, **_signal: Any) -> None:
    """Note what was just signed."""
    searching.refresh(application.pk for application in applications)


@receiver(post_save, sender=Organisation, dispatch_uid="search_entries_of_an_organisation")
def find_by_name(instance: Organisation, created: bool, **_signal: Any) -> None:
    """Note the new name."""
    if not created:
        searching.refresh_named_by(instance.pk)
