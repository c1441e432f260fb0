"""DHCS's side as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class SelectionConfig(AppConfig):
    """Hears what happens below it."""

    name = "selection"

    def ready(self) -> None:
        """Connect the receivers, once the models are there."""
        import_module("selection.receivers")
