"""`manage.py add_person`: let a person of a plan, of DHCS or of the program office in."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.text import slugify

from accounts.domain import people
from accounts.enums import Role
from accounts.models import Organisation
from core.exceptions import DomainError


class Command(BaseCommand):
    """Adds one person; they set their password by “Forgot your password?” on the sign-in page."""

    help = "Give a person a role in an organization."

    def add_arguments(self, parser):
        """Take the address, the name, the role and the organisation."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="full name")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--organisation", required=True, help="its slug")
        parser.add_argument(
            "--new-organisation", default="", metavar="NAME", help="make it, with this name"
        )

    def handle(self, *args, **options):
        """Add the person, or say in one line why not."""
        try:
            validate_email(options["email"])
            hat = people.add(
                email=options["email"],
                full_name=options["name"],
                role=options["role"],
                organisation=self._organisation(options),
            )
        except ValidationError:
            raise CommandError(f"{options['email']} is not an email address.") from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{hat.label} can sign in; the password is set by “Forgot your password?”."
        )

    def _organisation(self, options) -> Organisation:
        found = Organisation.objects.filter(slug=options["organisation"]).first()
        if found is None and not options["new_organisation"]:
            raise DomainError(
                f"There is no organization {options['organisation']}. --new-organisation makes it."
            )
        return found or Organisation.objects.create(
            kind=people.KINDS[options["role"]],
            name=options["new_organisation"],
            slug=slugify(options["organisation"]),
        )
