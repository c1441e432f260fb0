"""Reads of requests to decide anew: who may read them, who may answer one, and what is open."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Organisation
from accounts.queries import people_with_role
from applications.enums import RECONSIDERATION, Status
from applications.models import Application, Attachment
from applications.queries import applications_visible_to
from programs.models import Cycle
from scoring.models import Assignment
from selection.deadlines import reconsider_by
from selection.models import Decision, Reconsideration
from selection.queries.conflicts import open_to

ASKABLE = (Status.WAITLISTED, Status.NOT_SELECTED)
RELATED = (
    "application__practice",
    "application__designated_mcp",
    "application__cycle",
    "decision__proposal",
    "requested_by",
    "assigned_to",
    "decided_by",
    "record",
)
OPEN = Q(decided_at=None, taken_back_at=None)
IN_STEP = Q(decision__in_force=True, application__status__in=ASKABLE)


def reconsiderations_visible_to(hat: Membership | None) -> QuerySet[Reconsideration]:
    """Return the requests that `hat` may read: for DHCS and auditors those on what they may see.

    Practices read their own on the page of their application.
    """
    rows = Reconsideration.objects.select_related(*RELATED)
    if hat is None or not hat.is_active or hat.role not in Role.see_all:
        return rows.none()
    return rows.filter(application__in=applications_visible_to(hat).values("pk"))


def running_of(applications: Iterable[int]) -> dict[int, Reconsideration]:
    """Return the request that waits for its answer, by the application's id (1 query)."""
    rows = Reconsideration.objects.filter(OPEN, application__in=applications)
    return {row.application_id: row for row in rows.order_by("pk")}


def listed(rows: QuerySet[Reconsideration], cycle: Cycle | None) -> QuerySet[Reconsideration]:
    """Return the requests of a cycle: those that wait first, the longest waiting on top, then the rest."""
    found = rows.filter(application__cycle=cycle)
    return found.order_by(
        F("decided_at").asc(nulls_first=True),
        F("taken_back_at").asc(nulls_first=True),
        "requested_at",
        "pk",
    )


def waiting_for(hat: Membership, cycle: Cycle | None) -> QuerySet[Reconsideration]:
    """Return the requests that this person has to answer."""
    rows = reconsiderations_visible_to(hat).filter(OPEN, IN_STEP, assigned_to=hat.user_id)
    return rows.filter(application__cycle=cycle)


def latest_of(application: Application) -> Reconsideration | None:
    """Return the last request on the decision in force, or the last of all; None when nobody asked."""
    rows = Reconsideration.objects.select_related(*RELATED).filter(application=application)
    return rows.order_by("-decision__in_force", "-pk").first()


def standing_on(decision: Decision) -> Reconsideration | None:
    """Return the request on a decision that was not taken back, or None."""
    return Reconsideration.objects.filter(decision=decision, taken_back_at=None).first()


def askable_until(application: Application, decision: Decision) -> datetime | None:
    """Return until when (UTC) the practice may ask to decide anew; None where there is nothing to ask."""
    released = decision.proposal.released_at
    if released is None or application.status not in ASKABLE:
        return None
    return reconsider_by(application.cycle, released)


def may_ask(application: Application, decision: Decision | None) -> bool:
    """Tell whether the practice may ask now: in time, not selected, and not asked before (≤ 1 query)."""
    until = askable_until(application, decision) if decision else None
    return bool(until and decision and timezone.now() <= until and standing_on(decision) is None)


def is_overtaken(row: Reconsideration) -> bool:
    """Tell whether an open request has lost its object: a newer decision, or the practice has a place."""
    is_open = row.decided_at is None and row.taken_back_at is None
    moved = not row.decision.in_force or row.application.status not in ASKABLE
    return is_open and moved


def took_part(application: Application, decision: Decision) -> set[int]:
    """Return the ids of the persons who may not answer: whoever made the decision or scored.

    That is who proposed, approved, released, who was ever assigned to the application as a reviewer, and
    who works for the practice or its plan (3 queries).
    """
    proposal = decision.proposal
    people = {proposal.proposed_by_id, proposal.approved_by_id, proposal.released_by_id}
    reviewers = Assignment.objects.filter(application=application)
    people |= set(reviewers.values_list("reviewer__user", flat=True))
    sides = (application.practice_id, application.designated_mcp_id)
    theirs = Membership.objects.filter(organisation__in=[pk for pk in sides if pk])
    people |= set(theirs.values_list("user", flat=True))
    return {person for person in people if person is not None}


def readers_for(row: Reconsideration, organisation: Organisation) -> list[Membership]:
    """Return who may answer a request, by name, each person once: analysts and approvers of DHCS."""
    hats = people_with_role(organisation, Role.DHCS_ANALYST, Role.DHCS_APPROVER)
    barred = took_part(row.application, row.decision)
    return list(_once(open_to(row.application, (hat for hat in hats if hat.user_id not in barred))))


def files_of(row: Reconsideration) -> list[Attachment]:
    """Return the files in force that came with a request, oldest first (1 query)."""
    files = Attachment.objects.filter(
        application=row.application_id,
        kind=RECONSIDERATION,
        ended_at=None,
        created_at__gte=row.requested_at,
    )
    return list(files.order_by("pk"))


def files_visible_to(hat: Membership | None) -> QuerySet[Attachment]:
    """Return the files of requests that DHCS and auditors may download; those taken out are not."""
    rows = reconsiderations_visible_to(hat).values("application")
    files = Attachment.objects.select_related("application__practice", "application__cycle")
    return files.filter(kind=RECONSIDERATION, ended_at=None, application__in=rows)


def _once(hats: Iterable[Membership]) -> Iterable[Membership]:
    seen: set[int] = set()
    for hat in hats:
        if hat.user_id not in seen:
            seen.add(hat.user_id)
            yield hat
