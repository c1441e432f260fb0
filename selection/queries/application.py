"""What the page of one application reads, in few statements."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application, Attachment, LateAccess, Submission
from applications.queries import applications_visible_to, hard_conflicts
from scoring.models import Adjudication, CriterionScore, ScoreSheet, SheetVersion
from selection.models import Claim, Decision, Flag, LaterAct, Offer, Reconsideration

HERE = {"application": OuterRef("pk")}
LATELY = 300  # flags that labels to choose from are taken of


def applications_for_page(hat: Membership) -> QuerySet[Application]:
    """Return what `hat` may see, each with what hangs on it as lists of plain objects.

    `colleagues_read` (who else of DHCS and audit can be told of a note), `labels_read` (flags used
    lately), `desk_flags` (also those taken off), `desk_claims` (open ones), `late_rows`, `files_read`
    (what was signed once, also when replaced since), `decisions_read` (released ones, the one in force
    first), `acts_read`, `offers_read`, `reconsiderations_read`, `settled_read` (settled differences of
    sheets). Times are texts as in JSON.
    """
    return applications_visible_to(hat).annotate(**_desk(hat), **_dealings(), **_outcomes())


def _desk(hat: Membership) -> dict[str, ArraySubquery]:
    return {
        "colleagues_read": _rows(
            _colleagues(hat), pk="pk", person="user_id", name="user__full_name", role="role"
        ),
        "labels_read": ArraySubquery(_labels().values("label")),
        "desk_flags": _rows(
            Flag.objects.filter(**HERE).order_by("pk"),
            pk="pk",
            label="label",
            by="raised_by__full_name",
            at="raised_at",
            cleared_by="cleared_by__full_name",
            cleared_at="cleared_at",
        ),
        "desk_claims": _rows(
            Claim.objects.filter(**HERE, ended_at=None),
            pk="pk",
            person="person_id",
            name="person__full_name",
            at="claimed_at",
        ),
    }


def _dealings() -> dict[str, ArraySubquery]:
    late = LateAccess.objects.filter(practice=OuterRef("practice"), cycle=OuterRef("cycle"))
    settled = Adjudication.objects.filter(**HERE, settled_at__isnull=False)
    return {
        "late_rows": _rows(
            late.order_by("pk"), until="until", at="created_at", by="granted_by", reason="reason"
        ),
        "files_read": _files(),
        "settled_read": _rows(
            settled.order_by("pk"),
            way="way",
            points="points",
            total="total",
            by="settled_by",
            at="settled_at",
        ),
    }


def _outcomes() -> dict[str, ArraySubquery]:
    released = Decision.objects.filter(**HERE, proposal__released_at__isnull=False)
    return {
        "decisions_read": _rows(
            released.order_by("-in_force", "-pk"),
            pk="pk",
            outcome="outcome",
            reason="reason",
            adjusted="adjusted_score",
            threshold="threshold",
            rank="rank",
            in_force="in_force",
            proposal="proposal_id",
            released_at="proposal__released_at",
        ),
        "acts_read": _rows(
            LaterAct.objects.filter(**HERE).order_by("pk"),
            outcome="outcome",
            reason="reason",
            at="at",
        ),
        "offers_read": _rows(
            Offer.objects.filter(**HERE).order_by("pk"),
            status="status",
            answer_by="answer_by",
            answered_at="answered_at",
            reason="reason",
        ),
        "reconsiderations_read": _rows(
            Reconsideration.objects.filter(**HERE).order_by("pk"), pk="pk", at="requested_at"
        ),
    }


def sheets_ever(application: Application) -> list[ScoreSheet]:
    """Return every sheet that was submitted, in order of assignment, standing, ended or void (1 query).

    `given_points` are objects with code and points; `was_reopened` tells of earlier versions.
    """
    points = CriterionScore.objects.filter(sheet=OuterRef("pk")).order_by("pk")
    return list(
        ScoreSheet.objects.filter(assignment__application=application, submitted_at__isnull=False)
        .select_related("assignment__reviewer__user", "assignment__reviewer__organisation")
        .annotate(
            given_points=_rows(points, code="code", points="points"),
            was_reopened=Exists(SheetVersion.objects.filter(sheet=OuterRef("pk"))),
        )
        .order_by("assignment_id")
    )


def _colleagues(hat: Membership) -> QuerySet[Membership]:
    closed = hard_conflicts().filter(
        application=OuterRef(OuterRef("pk")), person=OuterRef("user_id")
    )
    return (
        Membership.objects.filter(
            ~Exists(closed),
            organisation=hat.organisation_id,
            role__in=Role.see_all,
            is_active=True,
            user__is_active=True,
        )
        .exclude(user=hat.user_id)
        .order_by("user__full_name", "pk")
    )


def _labels() -> QuerySet[Flag]:
    lately = Flag.objects.order_by("-pk").values("pk")[:LATELY]
    return Flag.objects.filter(pk__in=lately).order_by("label").distinct()


def _files() -> ArraySubquery:
    """The files that were in force at a submission: what others than the practice may see."""
    signed = Submission.objects.filter(
        application=OuterRef("application"), created_at__gte=OuterRef("created_at")
    )
    while_there = signed.filter(created_at__lte=OuterRef("ended_at"))
    files = Attachment.objects.filter(application=OuterRef("pk"))
    seen = files.filter(Exists(signed), ended_at=None) | files.filter(Exists(while_there))
    return _rows(
        seen.order_by("pk"),
        pk="pk",
        kind="kind",
        name="name",
        size="size",
        scan="scan",
        by="uploaded_by",
        at="created_at",
        ended_at="ended_at",
        ended_by="ended_by",
        replaced_by="replaced_by__name",
    )


def _rows(rows: QuerySet[Any], **columns: str) -> ArraySubquery:
    one = JSONObject(**{name: F(column) for name, column in columns.items()})
    return ArraySubquery(rows.values(one=one))
