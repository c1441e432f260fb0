"""How far each reviewer of a plan is: counts, usual time, and last activity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Q,
    QuerySet,
)
from django.db.models.functions import Greatest

from accounts.models import Organisation
from applications.models import Application
from scoring.models import Assignment, CriterionScore
from scoring.queries.work import WITH_REVIEWERS

DAY = timedelta(days=1)


class Median(Aggregate):
    """The median of an expression, interpolated; PostgreSQL computes it."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Median"


@dataclass(frozen=True)
class Progress:
    """A reviewer's standing reviews among some applications.

    `started` counts the done ones too; `took` is the median from assignment to submission; `active` the
    last time (UTC) that a sheet was begun or submitted.
    """

    assigned: int = 0
    started: int = 0
    done: int = 0
    took: timedelta | None = None
    active: datetime | None = None

    @property
    def left(self) -> int:
        """Reviews that are not submitted yet."""
        return self.assigned - self.done

    @property
    def days(self) -> float | None:
        """The median from assignment to submission in days."""
        return None if self.took is None else self.took / DAY


NOTHING = Progress()


def progress_of(plan: Organisation, applications: QuerySet[Application]) -> dict[int, Progress]:
    """Return the progress by hat id of who has a standing review of `applications` (1 query)."""
    rows = (
        _standing(plan, applications)
        .values("reviewer")
        .annotate(
            assigned=Count("pk"),
            started=Count("pk", filter=Q(sheet__started_at__isnull=False)),
            done=Count("pk", filter=Q(sheet__submitted_at__isnull=False)),
            took=Median(_taken(), output_field=DurationField()),
            active=Max(_last_mark()),
        )
    )
    columns = ("assigned", "started", "done", "took", "active")
    found = rows.order_by().values_list("reviewer", *columns)
    return {hat: Progress(*numbers) for hat, *numbers in found}


def last_changes(plan: Organisation, applications: QuerySet[Application]) -> Mapping[int, datetime]:
    """Return when points of an open sheet were changed last (UTC), by hat id (1 query).

    On a submitted sheet the submission is the last change, which `progress_of` knows.
    """
    open_ones = _standing(plan, applications).filter(sheet__submitted_at=None)
    rows = (
        CriterionScore.objects.filter(sheet__assignment__in=open_ones.values("pk"))
        .order_by()
        .values_list("sheet__assignment__reviewer")
        .annotate(at=Max("updated_at"))
    )
    return dict(rows)


def _standing(plan: Organisation, applications: QuerySet[Application]) -> QuerySet[Assignment]:
    """A sheet that stayed open when the application moved on is no work any more."""
    counts = Q(sheet__submitted_at__isnull=False) | Q(application__status__in=WITH_REVIEWERS)
    return Assignment.objects.filter(
        counts,
        reviewer__organisation=plan,
        ended_at=None,
        application__in=applications.order_by().values("pk"),
    )


def _taken() -> ExpressionWrapper:
    taken = F("sheet__submitted_at") - F("assigned_at")
    return ExpressionWrapper(taken, output_field=DurationField())


def _last_mark() -> Greatest:
    marks = F("sheet__started_at"), F("sheet__submitted_at")
    return Greatest(*marks, output_field=DateTimeField())
