"""Django's makemessages, which also knows the short names that our modules give to gettext."""

from django.core.management.commands import makemessages

NAMES = ("_t", "_l", "_lazy")


class Command(makemessages.Command):
    """Collects the texts for translators into locale/."""

    xgettext_options = [
        *makemessages.Command.xgettext_options,
        *(f"--keyword={name}" for name in NAMES),
    ]
