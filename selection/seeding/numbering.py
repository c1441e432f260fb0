"""Running numbers of synthetic practices, beside those that exist already."""

from accounts.models import User
from selection.seeding.practices import OWNERS_DOMAIN


def first_practice_number() -> int:
    """Return the number of the next synthetic practice: 1 where there is none yet."""
    return User.objects.filter(email__endswith=f"@{OWNERS_DOMAIN}").count() + 1
