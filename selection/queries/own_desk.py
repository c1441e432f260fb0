"""How one person sees the queue: columns, named views, claims, acts on many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.queries import people_with_role
from applications.queries import applications_visible_to
from programs.models import Cycle
from selection.models import BulkAct, Claim, DeskSettings, Mention, SavedView
from selection.queries.notes import unseen_count

MOST_TABS = 12
MOST_CLAIMS = 200
WORKING = (Role.DHCS_ANALYST, Role.DHCS_APPROVER)


@dataclass(frozen=True)
class Desk:
    """The columns that a person chose (none: the usual ones) and the views that make their tabs.

    `unseen` counts the notes that mention the person and were not seen yet.
    """

    columns: Sequence[str] = ()
    views: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    unseen: int = 0


def desk_of(hat: Membership) -> Desk:
    """Return how the person sees the queue (1 query; 1 more while a mention waits to be seen)."""
    views = SavedView.objects.filter(Q(owner=OuterRef("pk")) | Q(is_shared=True))
    one = JSONObject(pk="pk", name="name", query="query")
    settings = DeskSettings.objects.filter(person=OuterRef("pk"))
    row = (
        User.objects.filter(pk=hat.user_id)
        .annotate(
            mentioned=Exists(Mention.objects.filter(person=OuterRef("pk"), seen_at=None)),
            columns=Subquery(settings.values("columns")[:1]),
            tabs=ArraySubquery(views.order_by("name", "pk").values(one=one)[:MOST_TABS]),
        )
        .values("columns", "tabs", "mentioned")
        .first()
    )
    if row is None:
        return Desk()
    unseen = unseen_count(hat) if row["mentioned"] else 0
    return Desk(row["columns"] or (), row["tabs"], unseen)


def views_visible_to(hat: Membership) -> QuerySet[SavedView]:
    """Return the person's own views and the shared ones, by name."""
    mine_or_shared = Q(owner=hat.user_id) | Q(is_shared=True)
    return SavedView.objects.filter(mine_or_shared).select_related("owner").order_by("name", "pk")


def own_views(hat: Membership) -> QuerySet[SavedView]:
    """Return the views that the person may change."""
    return SavedView.objects.filter(owner=hat.user_id)


def colleagues(hat: Membership) -> list[Membership]:
    """Return who works the queue, each person once, by name (1 query)."""
    hats = people_with_role(hat.organisation, *WORKING)
    return list({one.user_id: one for one in hats}.values())


def open_claims(hat: Membership) -> QuerySet[Claim]:
    """Return what the person works on and may see, the oldest first."""
    return _claims(hat).filter(ended_at=None).order_by("claimed_at", "pk")


def ended_claims(hat: Membership) -> QuerySet[Claim]:
    """Return what the person finished or gave back, the latest first."""
    return _claims(hat).filter(ended_at__isnull=False).order_by("-ended_at", "-pk")


def claims_visible_to(hat: Membership) -> QuerySet[Claim]:
    """Return the claims on applications that the person may see."""
    seen = applications_visible_to(hat).values("pk")
    return Claim.objects.filter(application__in=seen).select_related("application", "person")


def bulk_acts(cycle: Cycle) -> QuerySet[BulkAct]:
    """Return the acts on many applications of the cycle, the latest first."""
    return BulkAct.objects.filter(cycle=cycle).select_related("done_by").order_by("-pk")


def bulk_acts_visible_to(hat: Membership) -> QuerySet[BulkAct]:
    """Return every act on many applications for who sees all, none for anybody else."""
    acts = BulkAct.objects.select_related("cycle", "done_by")
    return acts if hat.is_active and hat.role in Role.see_all else acts.none()


def _claims(hat: Membership) -> QuerySet[Claim]:
    return (
        claims_visible_to(hat)
        .filter(person=hat.user_id)
        .select_related("application__practice", "application__cycle")
    )
