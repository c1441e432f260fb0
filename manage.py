#!/usr/bin/env python
"""Django's command line for the portal; uses the development settings unless told otherwise."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eptportal.settings.dev")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
