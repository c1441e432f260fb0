"""Looks for conflicts of interest of DHCS staff when people, addresses or applications are new."""

from collections.abc import Sequence
from typing import Any

from allauth.account.signals import email_changed
from django.dispatch import receiver

from accounts.models import Membership, User
from accounts.signals import hat_given
from applications.models import Application
from applications.signals import submitted
from selection.domain import staff_watch


@receiver(hat_given, dispatch_uid="staff_conflicts_of_a_new_hat")
def look_at_hat(hat: Membership, **_signal: Any) -> None:
    """Look at the person in the new role."""
    staff_watch.after_joining(hat)


@receiver(email_changed, dispatch_uid="staff_conflicts_of_a_new_address")
def look_at_address(user: User, **_signal: Any) -> None:
    """Look at the person with the new address."""
    staff_watch.after_new_address(user)


@receiver(submitted, dispatch_uid="staff_conflicts_of_an_application")
def look_at_applications(applications: Sequence[Application], **_signal: Any) -> None:
    """Take it from who had claimed it and has a conflict now."""
    staff_watch.after_submission(applications)
