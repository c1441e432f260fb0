"""Reads of the list of a plan's applications: search, filters, and the choices they offer."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.models import Application
from scoring.models import Assignment


def matching(applications: QuerySet[Application], text: str) -> QuerySet[Application]:
    """Keep those with `text` in the practice's name or the reference, whatever the case."""
    if not (text := text.strip()):
        return applications
    return applications.filter(Q(practice__name__icontains=text) | Q(reference__icontains=text))


def reviewed_by(applications: QuerySet[Application], hat: int | None) -> QuerySet[Application]:
    """Keep those with a standing review by the hat with this id; None: by nobody."""
    standing = Assignment.objects.filter(application=OuterRef("pk"), ended_at=None)
    if hat is None:
        return applications.filter(~Exists(standing))
    return applications.filter(Exists(standing.filter(reviewer=hat)))


def counties_in(applications: QuerySet[Application]) -> list[str]:
    """Return the counties of the applications, by name."""
    found = applications.exclude(county="").order_by("county").values_list("county", flat=True)
    return list(found.distinct())
