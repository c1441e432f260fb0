"""The practice itself: made once, then its profile is saved field by field, each under its version."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from applications.domain.locking import require_writable
from applications.enums import Status
from applications.identifiers import encrypt, tin_digest
from applications.models import Application, LateAccess, Practice
from applications.times import cycle_for
from core.exceptions import DomainError
from core.fields import weigh
from core.versioned import Saved

ROWS_AT_MOST = 200


class FieldRefused(DomainError):
    """One value can't be stored; `field` (of row `row`, when there is one) is to be mended."""

    def __init__(self, message: str, field: str, row: int | None = None) -> None:
        super().__init__(message)
        self.field, self.row = field, row


@transaction.atomic
def create(*, user: User, name: str) -> Membership:
    """Make a practice with `user` as its owner and return the new hat."""
    slug = f"{slugify(name)[:60] or 'practice'}-{uuid4().hex[:8]}"
    organisation = Organisation.objects.create(kind=OrganisationKind.PRACTICE, name=name, slug=slug)
    Practice.objects.create(organisation=organisation)
    return Membership.objects.create(user=user, organisation=organisation, role=Role.PRACTICE_OWNER)


@transaction.atomic
def save_profile(
    practice: Practice,
    *,
    changes: Mapping[str, Any],
    bases: Mapping[str, int],
    by: Membership,
) -> Saved:
    """Store `changes` (field → value) that were based on versions `bases`; the rest stays.

    Fields are those of the profile, "name" (the organisation's) and "tin" (nine digits; an empty one
    keeps what is stored). A field that a colleague changed since is not written; it comes back among
    the conflicts, a TIN only masked. Raises FieldRefused when the NPI is another practice's or when
    another application in a cycle of ours has the TIN; WrongState when the section is locked.
    """
    stored = lock_practice(practice)
    require_correctable(stored, "practice")
    wanted = {name: value for name, value in changes.items() if name != "tin" or value}
    if "tin" in wanted:
        wanted["tin"] = tin_digest(changes["tin"])
    present = {name: _present(stored, name) for name in wanted}
    saved = weigh(
        present,
        stored.versions,
        wanted,
        bases,
        by=by.user.full_name,
        show=lambda name, value: stored.masked_tin if name == "tin" else value,
    )
    if saved.changed:
        _write(stored, {name: changes[name] for name in saved.changed}, by)
    return saved


def lock_practice(practice: Practice) -> Practice:
    """Return the practice as stored now, locked until the transaction ends: guards all its rows.

    `held` on it says whether an application may keep its facts from changing.
    """
    return (
        Practice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .annotate(held=Exists(_held(OuterRef("pk"))))
        .get(pk=practice.pk)
    )


def require_correctable(practice: Practice, kind: str) -> None:
    """Raise WrongState when the practice's application keeps its section of `kind` from changing.

    A returned one does, where it asks for no change; and a draft after closing, while the practice's
    pages are about its cycle. What the practice is may change at any time otherwise: a submission has
    its own copy. `practice` comes from `lock_practice`.
    """
    if not getattr(practice, "held", True):
        return
    for application in _held(practice.pk).select_related("cycle", "practice"):
        if application.status == Status.RETURNED:
            sections = application.cycle.definition.sections
            require_writable(application, next(s.key for s in sections if s.kind == kind))
        elif cycle_for(practice.organisation) == application.cycle:
            require_writable(application)


def _held(practice: int | OuterRef) -> QuerySet[Application]:
    """Return what may be corrected, and drafts of closed cycles without late access."""
    now = timezone.now()
    late = LateAccess.objects.filter(practice=OuterRef("practice"), cycle=OuterRef("cycle"))
    over = Q(late_until=None) | Q(late_until__lt=now)
    return (
        Application.objects.filter(practice=practice)
        .annotate(late_until=Subquery(late.order_by("-pk").values("until")[:1]))
        .filter(
            Q(status=Status.RETURNED, cycle__scoring_due_at__gte=now)
            | Q(over, status=Status.DRAFT, cycle__closes_at__lt=now)
        )
    )


def raise_version(practice: Practice, by: Membership) -> None:
    """Note that rows were added or removed, and by whom."""
    practice.version += 1
    practice.updated_by = by.user.full_name
    practice.save(update_fields=["version", "updated_by", "updated_at"])


def _present(practice: Practice, name: str) -> Any:
    if name == "name":
        return practice.organisation.name
    return practice.tin_digest if name == "tin" else getattr(practice, name)


def _write(practice: Practice, values: Mapping[str, Any], by: Membership) -> None:
    columns = ["versions", "version", "updated_by", "updated_at"]
    for name, value in values.items():
        if name == "name":
            Organisation.objects.filter(pk=practice.pk).update(name=value)
        elif name == "tin":
            columns += _set_tin(practice, value)
        else:
            setattr(practice, name, value)
            columns.append(name)
    practice.version += 1
    practice.updated_by = by.user.full_name
    if "npi" not in values:
        practice.save(update_fields=columns)
        return
    try:
        with transaction.atomic():
            practice.save(update_fields=columns)
    except IntegrityError as error:
        message = _("Another practice here has this NPI. Check the number, or ask for help.")
        raise FieldRefused(message, "npi") from error


def _set_tin(practice: Practice, digits: str) -> list[str]:
    practice.tin_encrypted = encrypt(digits)
    practice.tin_last4 = digits[-4:]
    practice.tin_digest = tin_digest(digits)
    open_ones = Application.objects.filter(
        practice=practice.pk,
        status__in=Status.editable,
        cycle__scoring_due_at__gte=timezone.now(),
    )
    try:
        with transaction.atomic():
            open_ones.update(tin_digest=practice.tin_digest)
    except IntegrityError as error:
        message = _(
            "Another application in this cycle has this TIN. A TIN can be in one application. "
            "Check the number, or ask who else in your organization applies."
        )
        raise FieldRefused(message, "tin") from error
    return ["tin_encrypted", "tin_last4", "tin_digest"]
