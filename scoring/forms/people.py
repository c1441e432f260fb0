"""How a choice names a person of a plan: role, open reviews, and why nothing can be given now."""

from datetime import date

from django.utils.translation import gettext as _

from core.times import day


def reviewer_label(hat) -> str:
    """Return name, role and open reviews of a person of `reviewers_of`, and why they take no more."""
    label = _("%(name)s, %(role)s (%(n)d open)") % {
        "name": hat.user.full_name,
        "role": hat.get_role_display(),
        "n": hat.open_reviews,
    }
    full = hat.max_open is not None and hat.person_open >= hat.max_open
    why = why_no_more(hat.away_until, hat.max_open if full else None)
    return f"{label}: {why}" if why else label


def why_no_more(away_until: date | None, limit: int | None) -> str:
    """Return why a person takes nothing more, or "": days away, else the `limit` that is reached."""
    if away_until is not None:
        return _("away until %(day)s") % {"day": day(away_until)}
    if limit is not None:
        return _("limit of %(n)d reached") % {"n": limit}
    return ""
