"""Many submitted sheets at once, stored as the use-cases leave them."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from accounts.models import Membership
from applications.enums import Status
from applications.models import Application
from scoring.enums import Purpose
from scoring.models import Assignment, CriterionScore, ScoreSheet
from tests.scoring.building import a_reviewer, submitted


def graded(
    lead: Membership, rows: Sequence[Mapping[Membership, int]], **kwargs
) -> list[Application]:
    """Return one application in review for each row: the total that each reviewer gave."""
    found = []
    for row in rows:
        application = submitted(lead, status=Status.IN_REVIEW, **kwargs)
        found.append(application)
        for reviewer, total in row.items():
            sheet_of(application, reviewer, total)
    return found


def sheet_of(
    application: Application, reviewer: Membership, total: int, purpose: str = Purpose.SCORE
) -> ScoreSheet:
    """Store a submitted sheet whose criteria add up to `total`."""
    assignment = Assignment.objects.create(
        application=application, reviewer=reviewer, purpose=purpose, assigned_by="A lead"
    )
    codes = [criterion.code for criterion in application.cycle.definition.criteria()]
    each, more = divmod(total, len(codes))
    sheet = ScoreSheet.objects.create(
        assignment=assignment,
        total=total,
        given=len(codes),
        submitted_at=timezone.now(),
        submitted_by=reviewer.label,
    )
    CriterionScore.objects.bulk_create(
        CriterionScore(sheet=sheet, code=code, points=each + (n < more), max_points=5,
                       updated_by=reviewer.user.full_name, updated_at=timezone.now(), version=1)
        for n, code in enumerate(codes)
    )  # fmt: skip
    return sheet


def team(lead: Membership, *names: str) -> list[Membership]:
    """Return reviewers of the lead's plan with these names."""
    found = []
    for name in names:
        hat = a_reviewer(lead)
        hat.user.full_name = name
        hat.user.save()
        found.append(hat)
    return found
