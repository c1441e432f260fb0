"""Reads of applications. What a hat may see is a queryset; everything starts from it."""

from datetime import datetime

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, Organisation
from applications.models import (
    Answer,
    Application,
    ApplicationTransition,
    CorrectionNote,
    LateAccess,
    MemberCount,
    Practice,
    Submission,
)
from programs.models import Cycle


def applications_visible_to(hat: Membership | None) -> QuerySet[Application]:
    """Return the applications that `hat` may see: the queryset face of `view_application`."""
    everything = Application.objects.select_related("practice", "designated_mcp", "cycle")
    if hat is None or not hat.is_active:
        return everything.none()
    if hat.role in Role.of_practice:
        return everything.filter(practice=hat.organisation_id)
    with_plan = Q(designated_mcp=hat.organisation_id, submitted_at__isnull=False)
    if hat.role == Role.MCP_LEAD:
        return everything.filter(with_plan)
    if hat.role == Role.MCP_REVIEWER:
        mine = Q(assignments__reviewer=hat, assignments__ended_at=None)
        return everything.filter(with_plan & mine)
    if hat.role in Role.see_all:
        return everything.filter(submitted_at__isnull=False)
    return everything.none()


def by_score(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Order by adjusted score, highest first, unscored last, then by id: the queue's index order."""
    return applications.order_by(F("adjusted_score").desc(nulls_last=True), "pk")


def current_application(practice: Organisation, cycle: Cycle) -> Application | None:
    """Return the practice's application in `cycle` that was not withdrawn, else the last one."""
    mine = Application.objects.filter(practice=practice, cycle=cycle)
    return (
        mine.select_related("practice", "designated_mcp", "cycle")
        .order_by(F("withdrawn_at").desc(nulls_first=True), "-pk")
        .first()
    )


def practices() -> QuerySet[Practice]:
    """Return the profiles with their sites and member counts (3 queries)."""
    counts = Prefetch("member_counts", MemberCount.objects.select_related("plan"))
    return Practice.objects.select_related("organisation").prefetch_related("sites", counts)


def practice_of(organisation: Organisation) -> Practice:
    """Return the profile of `organisation` with its sites and member counts."""
    return practices().get(pk=organisation.pk)


def answers_of(application: Application) -> dict[str, Answer]:
    """Return the stored answers by question key."""
    return {answer.key: answer for answer in Answer.objects.filter(application=application)}


def last_submission(application: Application) -> Submission | None:
    """Return what was signed last, or None before the first submission."""
    return Submission.objects.filter(application=application).order_by("-number").first()


def signed_content(application: Application) -> str:
    """Return the canonical JSON of what was signed last. Raises DoesNotExist for a draft."""
    rows = Submission.objects.filter(application=application).order_by("-number")
    return rows.values_list("content", flat=True)[:1].get()


def steps_of(application: Application) -> QuerySet[ApplicationTransition]:
    """Return every step of the application, oldest first."""
    return ApplicationTransition.objects.filter(application=application).order_by("pk")


def correction_notes(application: Application) -> dict[str, str]:
    """Return what the last return asks for, by section key; empty when it named no section."""
    last = (
        ApplicationTransition.objects.filter(application=application, name="return")
        .order_by("-pk")
        .values("pk")[:1]
    )
    rows = CorrectionNote.objects.filter(transition__in=last).order_by("pk")
    return dict(rows.values_list("section", "text"))


def late_until(practice: Organisation, cycle: Cycle) -> datetime | None:
    """Return until when (UTC) the practice may write after the closing time, or None."""
    rows = LateAccess.objects.filter(practice=practice, cycle=cycle).order_by("-pk")
    return rows.values_list("until", flat=True).first()
