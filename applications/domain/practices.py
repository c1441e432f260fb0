"""The practice's own facts: profile, sites, members. Each save names the version it was based on."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from applications.domain.locking import lock, require_writable
from applications.identifiers import encrypt, tin_digest
from applications.models import Application, MemberCount, Practice, Site
from core.exceptions import DomainError
from programs.geography import county_of_zip


class StalePractice(DomainError):
    """Somebody else saved the practice's facts meanwhile; nothing was written."""


@transaction.atomic
def create(*, user: User, name: str) -> Membership:
    """Make a practice with `user` as its owner and return the new hat."""
    slug = f"{slugify(name)[:60] or 'practice'}-{uuid4().hex[:8]}"
    organisation = Organisation.objects.create(kind=OrganisationKind.PRACTICE, name=name, slug=slug)
    Practice.objects.create(organisation=organisation)
    return Membership.objects.create(user=user, organisation=organisation, role=Role.PRACTICE_OWNER)


@transaction.atomic
def save_profile(
    practice: Practice, *, values: Mapping[str, Any], base: int, by: Membership
) -> Practice:
    """Store name, identifiers, types and EHR. `values["tin"]` is nine digits, or "" to keep it.

    Raises StalePractice when the stored version is not `base`; DomainError when another practice has
    the same NPI.
    """
    stored = _lock(practice, base)
    for column in ("dba", "npi", "specialties", "practice_types", "ehr", "website"):
        setattr(stored, column, values[column])
    if values["tin"]:
        stored.tin_encrypted = encrypt(values["tin"])
        stored.tin_last4 = values["tin"][-4:]
        stored.tin_digest = tin_digest(values["tin"])
    Organisation.objects.filter(pk=stored.pk).update(name=values["name"])
    try:
        with transaction.atomic():
            return _raise_version(stored, by)
    except IntegrityError as error:
        message = _("Another practice here has this NPI. Check the number, or ask for help.")
        raise DomainError(message) from error


@transaction.atomic
def save_sites(
    practice: Practice, *, rows: Sequence[Mapping[str, Any]], base: int, by: Membership
) -> Practice:
    """Make the practice's sites equal to `rows`: those with the `id` of one are it, others are new."""
    stored = _lock(practice, base)
    own = Site.objects.filter(practice=stored).in_bulk()
    kept = {row["id"] for row in rows} & own.keys()
    Site.objects.filter(pk__in=own.keys() - kept).delete()
    for row in rows:
        columns = {key: row[key] for key in ("name", "street", "city", "zip_code", "npi")}
        columns["county"] = county_of_zip(row["zip_code"]) or row.get("county", "")
        site = own.get(row["id"]) or Site(practice=stored)
        for column, value in columns.items():
            setattr(site, column, value)
        site.save()
    return _raise_version(stored, by)


@transaction.atomic
def save_members(
    practice: Practice,
    *,
    rows: Sequence[Mapping[str, Any]],
    base: int,
    application: Application | None,
    designated: Organisation | None,
    by: Membership,
) -> Practice:
    """Store the members table and, on an application that can be written, the designated plan."""
    stored = _lock(practice, base)
    MemberCount.objects.filter(practice=stored).exclude(
        plan__in=[row["plan"] for row in rows]
    ).delete()
    for row in rows:
        MemberCount.objects.update_or_create(
            practice=stored,
            plan=row["plan"],
            defaults={"members": row["members"], "as_of": row["as_of"]},
        )
    if application is not None:
        locked = lock(application)
        if locked.designated_mcp != designated:
            _name_plan(locked, designated)
    return _raise_version(stored, by)


def _name_plan(application: Application, plan: Organisation | None) -> None:
    require_writable(application)
    if application.submitted_at:
        raise DomainError(
            _("The plan can't change after submission. Withdraw this application to name another.")
        )
    application.designated_mcp = plan
    application.save(update_fields=["designated_mcp"])


def _lock(practice: Practice, base: int) -> Practice:
    stored = Practice.objects.select_for_update(of=("self",), no_key=True).get(pk=practice.pk)
    if stored.version != base:
        message = _(
            "%(person)s saved this page after you opened it. Both versions are below and nothing was "
            "overwritten. Compare them, then save again to keep yours."
        )
        raise StalePractice(message % {"person": stored.updated_by or _("A colleague")})
    return stored


def _raise_version(practice: Practice, by: Membership) -> Practice:
    practice.version += 1
    practice.updated_by = by.user.full_name
    practice.save()
    return practice
