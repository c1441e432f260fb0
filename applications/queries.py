"""Reads of applications. What a hat may see is a queryset; everything starts from it."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from accounts.enums import Role
from accounts.models import Membership, Organisation
from applications.enums import RECONSIDERATION, ConflictOutcome, ConflictSource, Scan
from applications.models import (
    Answer,
    Application,
    ApplicationTransition,
    Attachment,
    ConflictCheck,
    CorrectionNote,
    HeldText,
    LateAccess,
    MemberCount,
    Practice,
    Submission,
)
from programs.models import Cycle

ASKS = {"scoring": {"conflict_rules": [{"kind": "declared"}]}}  # held by a program's definition


def applications_visible_to(hat: Membership | None) -> QuerySet[Application]:
    """Return the applications that `hat` may see: the queryset face of `view_application`.

    Whoever is not of the practice never sees one that is closed to the person by a conflict of
    interest. `open_to` on each row is the id of the person for whom that was asked, so that the rule
    need not ask again.
    """
    everything = Application.objects.select_related("practice", "designated_mcp", "cycle")
    if hat is None or not hat.is_active:
        return everything.none()
    if hat.role in Role.of_practice:
        return everything.filter(practice=hat.organisation_id)
    closed = hard_conflicts().filter(application=OuterRef("pk"), person=hat.user_id)
    everything = everything.filter(~Exists(closed)).annotate(open_to=Value(hat.user_id))
    with_plan = Q(designated_mcp=hat.organisation_id, submitted_at__isnull=False)
    if hat.role == Role.MCP_LEAD:
        return everything.filter(with_plan)
    if hat.role == Role.MCP_REVIEWER:
        mine = Q(assignments__reviewer=hat, assignments__ended_at=None)
        return everything.filter(with_plan & mine)
    if hat.role in Role.see_all:
        return everything.filter(submitted_at__isnull=False)
    return everything.none()


def applications_readable_by(hat: Membership | None) -> QuerySet[Application]:
    """Return the applications that `hat` may open: the queryset face of `read_application`.

    A reviewer sees in a list what is assigned, and opens it after the questions about conflicts of
    interest are answered, when the program asks any.
    """
    found = applications_visible_to(hat)
    if hat is None or hat.role != Role.MCP_REVIEWER:
        return found
    answered = ConflictCheck.objects.filter(
        application=OuterRef("pk"), person=hat.user_id, source=ConflictSource.SELF
    ).exclude(outcome=ConflictOutcome.PENDING)
    return found.filter(~Q(cycle__version__definition__contains=ASKS) | Exists(answered))


def hard_conflicts() -> QuerySet[ConflictCheck]:
    """Return every check that closes an application to a person."""
    return ConflictCheck.objects.filter(hard=True, outcome=ConflictOutcome.FAILED)


def conflict_checks(
    application: Application, organisation: Organisation
) -> QuerySet[ConflictCheck]:
    """Return what is known of the people who work or worked in `organisation`, by name."""
    people = Membership.objects.filter(user=OuterRef("person"), organisation=organisation)
    return (
        ConflictCheck.objects.filter(Exists(people), application=application)
        .select_related("person", "application")
        .order_by("person__full_name", "person", "pk")
    )


def by_score(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Order by adjusted score, highest first, unscored last, then by id: the queue's index order."""
    return applications.order_by(F("adjusted_score").desc(nulls_last=True), "pk")


def current_application(practice: Organisation, cycle: Cycle) -> Application | None:
    """Return the practice's application in `cycle` that was not withdrawn, else the last one."""
    mine = with_notes(Application.objects.filter(practice=practice, cycle=cycle))
    return (
        mine.select_related("practice", "designated_mcp", "cycle")
        .order_by(F("withdrawn_at").desc(nulls_first=True), "-pk")
        .first()
    )


def applications_elsewhere(practice: Organisation, cycle: Cycle | None) -> list[Application]:
    """Return what the practice submitted to other cycles than `cycle`, the latest cycle first (1 query)."""
    submitted = Application.objects.filter(practice=practice, submitted_at__isnull=False)
    others = submitted.exclude(cycle=cycle) if cycle else submitted
    return list(others.select_related("cycle").order_by("-cycle__closes_at", "-pk"))


def practices() -> QuerySet[Practice]:
    """Return the profiles with their sites and member counts (3 queries)."""
    counts = Prefetch("member_counts", MemberCount.objects.select_related("plan"))
    return Practice.objects.select_related("organisation").prefetch_related("sites", counts)


def answers_of(application: Application) -> dict[str, Answer]:
    """Return the stored answers by question key."""
    return {answer.key: answer for answer in Answer.objects.filter(application=application)}


def held_texts(application: Application) -> QuerySet[HeldText]:
    """Return what colleagues wrote that a newer version kept out, of who still works there."""
    here = Membership.objects.filter(
        user=OuterRef("person"), organisation=application.practice_id, is_active=True
    )
    held = HeldText.objects.filter(Exists(here), application=application)
    return held.select_related("person")


def practice_in(application: Application) -> Practice:
    """Return the application's practice as in `practices`, with `held_read`: whose text is held."""
    held = held_texts(application).order_by("pk")
    one = JSONObject(key="key", person="person_id", name="person__full_name")
    rows = practices().annotate(held_read=ArraySubquery(held.values(one=one)))
    return rows.get(pk=application.practice_id)


def last_submission(application: Application) -> Submission | None:
    """Return what was signed last, or None before the first submission."""
    return Submission.objects.filter(application=application).order_by("-number").first()


def steps_of(application: Application) -> QuerySet[ApplicationTransition]:
    """Return every step of the application, oldest first."""
    return ApplicationTransition.objects.filter(application=application).order_by("pk")


def last_step(application: Application) -> ApplicationTransition:
    """Return the last step that was taken. Raises DoesNotExist for a draft that never moved."""
    return ApplicationTransition.objects.filter(application=application).latest("pk")


def correction_notes(application: Application) -> dict[str, str]:
    """Return what the last return asks for, by section key; empty when it named no section.

    Costs no query for an application that was read `with_notes`.
    """
    known = getattr(application, "notes_read", None)
    if known is not None:
        return {row["section"]: row["text"] for row in known}
    return dict(_notes_of(application.pk).values_list("section", "text"))


def with_notes(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Read what the last return asks for along with each application, for `correction_notes`."""
    note = JSONObject(section="section", text="text")
    rows = _notes_of(OuterRef(OuterRef("pk")))
    return applications.annotate(notes_read=ArraySubquery(rows.values(one=note)))


def _notes_of(application: Any) -> QuerySet[CorrectionNote]:
    last = ApplicationTransition.objects.filter(application=application, name="return")
    return CorrectionNote.objects.filter(
        transition__in=last.order_by("-pk").values("pk")[:1]
    ).order_by("pk")


def late_accesses(application: Application) -> QuerySet[LateAccess]:
    """Return every late access that the practice had in the application's cycle, oldest first."""
    found = LateAccess.objects.filter(practice=application.practice_id, cycle=application.cycle_id)
    return found.order_by("pk")


def late_until(practice: Organisation, cycle: Cycle) -> datetime | None:
    """Return until when (UTC) the practice may write after the closing time, or None."""
    rows = LateAccess.objects.filter(practice=practice, cycle=cycle).order_by("-pk")
    return rows.values_list("until", flat=True).first()


def attachments_in_force(application: Application) -> list[Attachment]:
    """Return the files of the application that were neither replaced nor removed, oldest first.

    What came with a request to decide anew is no part of the application: see `later_files`.
    """
    files = Attachment.objects.filter(application=application, ended_at=None)
    return list(files.exclude(kind=RECONSIDERATION).order_by("pk"))


def later_files(application: Application, since: datetime | None = None) -> list[Attachment]:
    """Return the files in force that came with requests to decide anew, from `since` (UTC) on."""
    files = Attachment.objects.filter(application=application, ended_at=None, kind=RECONSIDERATION)
    return list((files.filter(created_at__gte=since) if since else files).order_by("pk"))


def attachments_of(application: Application) -> list[Attachment]:
    """Return every file the application ever had, oldest first; see `attachments_in_force`."""
    return list(
        Attachment.objects.filter(application=application)
        .exclude(kind=RECONSIDERATION)
        .select_related("replaced_by")
        .order_by("pk")
    )


def attachments_to_scan() -> QuerySet[Attachment]:
    """Return the files that wait for the virus check, oldest first."""
    return Attachment.objects.filter(scan=Scan.PENDING).order_by("pk")


def attachments_visible_to(hat: Membership | None) -> QuerySet[Attachment]:
    """Return the files that `hat` may see: the queryset face of `view_file`.

    A practice sees every file of its own. Others see what was signed: the files that were in force
    when an application they may open was submitted, also when they were replaced since.
    """
    files = Attachment.objects.select_related(
        "application__practice", "application__designated_mcp", "application__cycle"
    ).filter(application__in=applications_readable_by(hat).values("pk"))
    if hat is not None and hat.role in Role.of_practice:
        return files
    files = files.exclude(kind=RECONSIDERATION)
    signed = Submission.objects.filter(
        application=OuterRef("application"), created_at__gte=OuterRef("created_at")
    )
    while_it_was_there = signed.filter(created_at__lte=OuterRef("ended_at"))
    return files.filter(Q(Exists(signed), ended_at=None) | Exists(while_it_was_there))
