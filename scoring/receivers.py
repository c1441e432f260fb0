"""What the plan's side does when something happens below it: it looks for conflicts of interest."""

from collections.abc import Sequence
from typing import Any

from allauth.account.signals import email_changed
from django.dispatch import receiver

from accounts.models import Membership, User
from accounts.signals import hat_given
from applications.models import Application
from applications.signals import submitted
from scoring.domain import conflict_watch


@receiver(hat_given, dispatch_uid="conflicts_of_a_new_hat")
def look_at_hat(hat: Membership, **_signal: Any) -> None:
    """Look at the person in the new role."""
    conflict_watch.after_joining(hat)


@receiver(email_changed, dispatch_uid="conflicts_of_a_new_address")
def look_at_address(user: User, **_signal: Any) -> None:
    """Look at the person with the new address."""
    conflict_watch.after_new_address(user)


@receiver(submitted, dispatch_uid="conflicts_of_an_application")
def look_at_applications(
    applications: Sequence[Application], by: Membership, **_signal: Any
) -> None:
    """Look at who leads the plan and who reviews already."""
    conflict_watch.after_submission(applications, by=by)
