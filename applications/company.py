"""Who else is in the application right now, in words. No queries."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership

Here = Sequence[tuple[Membership, str]]


def line(people: Here, section: str, me: Membership) -> str:
    """Return who is in `section` besides me: "2 people here: you, Bo Lee"; nothing when alone."""
    others = [hat.user.full_name for hat, key in people if key == section and hat.pk != me.pk]
    if not others:
        return ""
    count = len(others) + 1
    words = ngettext("%(n)d person here: %(names)s", "%(n)d people here: %(names)s", count)
    return words % {"n": count, "names": ", ".join([_("you"), *others])}


def by_section(people: Here, me: Membership) -> dict[str, str]:
    """Return the names of the others by key of the section that they have open."""
    names: dict[str, list[str]] = {}
    for hat, key in people:
        if hat.pk != me.pk:
            names.setdefault(key, []).append(hat.user.full_name)
    return {key: _("%(names)s now") % {"names": ", ".join(found)} for key, found in names.items()}
