"""Declarations and checks that tests of conflicts of interest share."""

from django.utils import timezone

from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from scoring.domain import conflicts

DECLARED = ["employment", "family", "financial", "helped", "other"]
NOTE = {"other": "We sang in one choir."}


def answers(*conflict, without=()):
    """Answer every question: yes to the named ones."""
    return {key: key in conflict for key in DECLARED if key not in without}


def declare(application, hat, *conflict):
    """Declare in the person's own name."""
    return conflicts.declare(application, answers=answers(*conflict), notes=NOTE, by=hat)


def check(application, user, *, hard=True, outcome=ConflictOutcome.FAILED, **columns):
    """Store one check without what follows from it."""
    values = {
        "rule": "employment",
        "source": ConflictSource.SELF,
        "stated_by": "Somebody",
        "stated_at": timezone.now(),
    } | columns
    return ConflictCheck.objects.create(
        application=application, person=user, hard=hard, outcome=outcome, **values
    )


def stored(application):
    """Return the checks of an application as (person, rule, source, outcome) in a set."""
    rows = ConflictCheck.objects.filter(application=application)
    return set(rows.values_list("person", "rule", "source", "outcome"))
