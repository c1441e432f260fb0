"""Reads for exports: which sheets a hat may take with it, and what becomes of a large one."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Membership
from applications.queries import hard_conflicts
from programs.models import Cycle
from scoring.enums import SettledBy
from scoring.models import (
    Adjudication,
    CriterionComment,
    CriterionScore,
    ExportJob,
    ScoreSheet,
    SheetVersion,
)
from scoring.queries.sheets import sheets_visible_to

AT_ONCE = 200  # sheets that are read together


def sheets_to_export(hat: Membership, cycle: Cycle) -> QuerySet[ScoreSheet]:
    """Return the sheets of `cycle` that `hat` may see and that were submitted at least once."""
    earlier = SheetVersion.objects.filter(sheet=OuterRef("pk"))
    return (
        sheets_visible_to(hat)
        .filter(assignment__application__cycle=cycle)
        .filter(Q(submitted_at__isnull=False) | Exists(earlier))
    )


def count_rows(hat: Membership, cycle: Cycle) -> int:
    """Return the number of rows of an export, for criteria of versions and of consensus (3 queries)."""
    sheets = sheets_to_export(hat, cycle)
    submitted = sheets.filter(submitted_at__isnull=False).count()
    earlier = SheetVersion.objects.filter(sheet__in=sheets.values("pk")).count()
    applications = sheets.order_by().values("assignment__application")
    agreed = agreements().filter(application__in=applications).values_list("points", flat=True)
    return (submitted + earlier) * len(cycle.definition.criteria()) + sum(map(len, agreed))


def agreements() -> QuerySet[Adjudication]:
    """Return what leads settled by consensus, in order; each says points and reasons by criterion."""
    settled = Adjudication.objects.filter(way=SettledBy.CONSENSUS, settled_at__isnull=False)
    return settled.order_by("pk")


def reviewers_in(hat: Membership, cycle: Cycle) -> list[int]:
    """Return the ids of the reviewers of an export, in order."""
    rows = sheets_to_export(hat, cycle).order_by("assignment__reviewer_id")
    return list(rows.values_list("assignment__reviewer_id", flat=True).distinct())


def read_sheets(hat: Membership, cycle: Cycle) -> Iterator[ScoreSheet]:
    """Yield the sheets with points, comments, earlier versions and `agreed`, some hundred at a time."""
    rows = (
        sheets_to_export(hat, cycle)
        .select_related("assignment__application__designated_mcp")
        .prefetch_related(
            Prefetch("scores", CriterionScore.objects.all()),
            Prefetch("comments", CriterionComment.objects.all()),
            Prefetch("earlier", SheetVersion.objects.order_by("number")),
            Prefetch("assignment__application__adjudications", agreements(), to_attr="agreed"),
        )
        .order_by("assignment__application_id", "pk")
    )
    return rows.iterator(chunk_size=AT_ONCE)


def exports_visible_to(hat: Membership | None) -> QuerySet[ExportJob]:
    """Return the large exports that `hat` asked for; nobody else sees them."""
    if hat is None or not hat.is_active:
        return ExportJob.objects.none()
    return ExportJob.objects.select_related("cycle").filter(made_by=hat)


def was_closed_since(job: ExportJob, since: datetime) -> bool:
    """Tell whether an application of the cycle was closed to the person after `since`."""
    closed = hard_conflicts().filter(person=job.made_by.user_id, application__cycle=job.cycle)
    return closed.filter(stated_at__gte=since).exists()
