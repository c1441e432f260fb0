"""Storing a batch of made rows in the order in which they refer to one another."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count

from accounts.models import Membership, Organisation, User
from applications.models import (
    Answer,
    Application,
    ApplicationTransition,
    ConflictCheck,
    MemberCount,
    Practice,
    Site,
    Submission,
)
from programs.models import Cycle
from scoring.models import Assignment, CriterionComment, CriterionScore, ScoreSheet
from selection.seeding import people
from selection.seeding.applications import Filed
from selection.seeding.copying import copy_in, number, relink
from selection.seeding.practices import Made
from selection.seeding.sheets import Scored

TABLES = (
    User, Organisation, Membership, Practice, Site, MemberCount, Application, Answer, Submission,
    ApplicationTransition, Assignment, ScoreSheet, CriterionScore, CriterionComment, ConflictCheck,
)  # fmt: skip


def store_practices(batch: Sequence[Made]) -> Counter[str]:
    """Store practices with owners, sites and member counts; return the numbers of rows."""
    copy_in([made.organisation for made in batch])
    people.store(made.owner for made in batch)
    for made in batch:
        relink(made.practice, "organisation")
        for site in made.sites:
            site.practice = made.practice
        for count in made.counts:
            count.practice = made.practice
    copy_in([made.practice for made in batch])
    sites = copy_in([site for made in batch for site in made.sites])
    copy_in([count for made in batch for count in made.counts])
    return Counter({"Practices": len(batch), "Sites": sites})


def store_filed(batch: Sequence[Filed]) -> Counter[str]:
    """Store applications (which have their ids) with answers, submissions and steps."""
    for filed in batch:
        relink(filed.application, "practice")
    return Counter(
        {
            "Applications": copy_in([filed.application for filed in batch]),
            "Answers": copy_in([row for filed in batch for row in filed.answers.values()]),
            "Submissions": copy_in([filed.submission for filed in batch if filed.submission]),
            "Steps": copy_in([step for filed in batch for step in filed.steps]),
        }
    )


def store_scored(batch: Sequence[Scored]) -> Counter[str]:
    """Store assignments with their sheets, points and comments."""
    number([scored.assignment for scored in batch])
    for scored in batch:
        scored.sheet.assignment_id = scored.assignment.pk
    number([scored.sheet for scored in batch])
    for scored in batch:
        for points in scored.scores:
            points.sheet = scored.sheet
        for comment in scored.comments:
            comment.sheet = scored.sheet
    copy_in([scored.assignment for scored in batch])
    return Counter(
        {
            "Score sheets": copy_in([scored.sheet for scored in batch]),
            "Points": copy_in([row for scored in batch for row in scored.scores]),
            "Comments": copy_in([row for scored in batch for row in scored.comments]),
            "Declarations": copy_in([row for scored in batch for row in scored.checks]),
        }
    )


def statuses_of(cycle: Cycle) -> Counter[str]:
    """Return the number of applications of the cycle in each state."""
    rows = Application.objects.filter(cycle=cycle).order_by()
    return Counter(dict(rows.values_list("status").annotate(n=Count("pk"))))
