"""What apps above may want to know of people; they are told inside the transaction of the act."""

from django.dispatch import Signal

hat_given = Signal()
"""A person got a role in an organisation, or got it back: `hat` is the Membership, sender its class."""
