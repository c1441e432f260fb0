"""`manage.py demo_people`: who can sign in to the demo, and with what password."""

from django.core.management.base import BaseCommand

from accounts.demo import DEMO_PASSWORD, demo_people


class Command(BaseCommand):
    """Prints the demo sign-ins as a table."""

    help = "Print the demo sign-ins."

    def handle(self, *args, **options):
        """Write one line per person."""
        people = demo_people()
        if not people:
            self.stdout.write("There are no demo people here.")
            return
        width = max(len(person["email"]) for person in people)
        for person in people:
            line = f"  {person['email']:<{width}}  {person['label']}, {person['organisation']}"
            self.stdout.write(line)
        self.stdout.write(f"  password for all: {DEMO_PASSWORD}")
