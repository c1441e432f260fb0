"""Notes of DHCS staff, and who is mentioned in them. Nobody outside DHCS and audit reads any."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to, hard_conflicts
from selection.models import Flag, Mention, StaffNote

PAGE = 20


@dataclass(frozen=True)
class NotePage:
    """Notes, the newest first. `earlier` is the id to go on from, or None."""

    rows: list[Any]
    earlier: int | None


def notes_visible_to(hat: Membership | None) -> QuerySet[StaffNote]:
    """Return the notes that are not removed on applications that `hat` may see as DHCS or audit."""
    notes = StaffNote.objects.select_related("author", "application").filter(removed_at=None)
    if hat is None or hat.role not in Role.see_all:
        return notes.none()
    return notes.filter(application__in=applications_visible_to(hat).values("pk"))


def flags_visible_to(hat: Membership | None) -> QuerySet[Flag]:
    """Return the flags on applications that `hat` may see as DHCS or audit."""
    flags = Flag.objects.select_related("application")
    if hat is None or hat.role not in Role.see_all:
        return flags.none()
    return flags.filter(application__in=applications_visible_to(hat).values("pk"))


def notes_of(application: Application, before: int | None = None) -> NotePage:
    """Return one page of the notes, each with `people`: who is mentioned, by name (1 query).

    Whether the reader may see the application was asked before.
    """
    people = Mention.objects.filter(note=OuterRef("pk")).order_by("person__full_name", "person")
    one = JSONObject(person="person_id", name="person__full_name", seen_at="seen_at")
    notes = (
        StaffNote.objects.filter(application=application, removed_at=None)
        .select_related("author")
        .annotate(people=ArraySubquery(people.values(one=one)))
        .order_by("-pk")
    )
    found = list((notes.filter(pk__lt=before) if before else notes)[: PAGE + 1])
    more = len(found) > PAGE
    return NotePage(found[:PAGE], found[PAGE - 1].pk if more else None)


def mentions_of(hat: Membership) -> QuerySet[Mention]:
    """Return where the person is mentioned in notes that stand and may be read, the newest first."""
    if hat.role not in Role.see_all:
        return Mention.objects.none()
    closed = hard_conflicts().filter(application=OuterRef("note__application"), person=hat.user_id)
    return (
        Mention.objects.filter(~Exists(closed), person=hat.user_id, note__removed_at=None)
        .select_related("note__author", "note__application__practice")
        .order_by("-pk")
    )


def unseen_count(hat: Membership) -> int:
    """Return how many mentions the person has not seen (1 query)."""
    return mentions_of(hat).filter(seen_at=None).order_by().count()
