"""From the check before sign-up into the practice and its application, never over what was typed."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from applications.domain import answers as answering
from applications.domain import designation
from applications.domain.locking import lock, require_writable
from applications.eligibility import dated_answers
from applications.enums import Status
from applications.models import Application, CarriedCheck, MemberCount, Practice
from core.fields import version_of
from programs.models import Cycle
from programs.queries import plans_in_county

SPECIALTIES, MEMBERS, PLAN = "specialties", "members", "plan"


def may_apply(person: User) -> bool:
    """Tell whether the person works in a practice, or nowhere yet."""
    roles = Membership.objects.filter(user=person, is_active=True).values_list("role", flat=True)
    here = set(roles)
    return not here or bool(here & set(Role.of_practice))


def keep(answers: Mapping[str, Any], *, person: User) -> None:
    """Keep the answers of the check with the account; the latest count."""
    CarriedCheck.objects.update_or_create(person=person, defaults={"answers": dict(answers)})


def kept(person: User) -> dict[str, Any] | None:
    """Return the answers that wait with the account, or None."""
    return CarriedCheck.objects.filter(person=person).values_list("answers", flat=True).first()


def forget(person: User) -> None:
    """Drop the answers that wait with the account."""
    CarriedCheck.objects.filter(person=person).delete()


@transaction.atomic
def carry_over(
    *,
    practice: Organisation,
    cycle: Cycle,
    application: Application | None,
    answers: Mapping[str, Any],
    by: Membership,
) -> list[str]:
    """Fill in what is still empty and return what was filled: parts of the practice, question keys.

    `answers` are those of `applications.eligibility`. Specialties and members go to the practice; the
    plan (when it serves the county) and the days go to a draft. Twice changes nothing the second time.
    Raises WrongState when the draft can't be written any more; then nothing is filled.
    """
    stored = (
        Practice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .get(pk=practice.pk)
    )
    draft = None
    if application is not None and application.status == Status.DRAFT:
        draft = lock(application)
        require_writable(draft)
    plan = _plan(answers)
    filled = _fill_specialties(stored, cycle, answers) + _fill_members(stored, plan, answers, by)
    if filled:
        _raise_version(stored, by, filled)
    if draft is not None:
        filled += _fill_application(draft, stored, plan, answers, by)
    return filled


def _plan(answers: Mapping[str, Any]) -> Organisation | None:
    slug, county = answers.get("plan"), answers.get("county")
    return plans_in_county(county).filter(slug=slug).first() if slug and county else None


def _fill_specialties(practice: Practice, cycle: Cycle, answers: Mapping[str, Any]) -> list[str]:
    known = {choice.value for choice in cycle.definition.specialties}
    given = sorted(known & set(answers.get("specialties") or ()))
    if practice.specialties or not given:
        return []
    practice.specialties = given
    return [SPECIALTIES]


def _fill_members(
    practice: Practice, plan: Organisation | None, answers: Mapping[str, Any], by: Membership
) -> list[str]:
    members = answers.get("members") or 0
    if members < 1 or MemberCount.objects.filter(practice=practice).exists():
        return []
    row = MemberCount(practice=practice, plan=plan, members=members)
    row.versions = {name: _first_version(by) for name in ("members", *(["plan"] if plan else []))}
    row.save()
    return [MEMBERS]


def _raise_version(practice: Practice, by: Membership, filled: list[str]) -> None:
    if SPECIALTIES in filled:
        before = practice.versions.get(SPECIALTIES, [0])[0]
        practice.versions[SPECIALTIES] = _first_version(by, before + 1)
    practice.version += 1
    practice.updated_by = by.user.full_name
    practice.save()


def _first_version(by: Membership, number: int = 1) -> list[Any]:
    return [number, by.user.full_name, timezone.now().isoformat()]


def _fill_application(
    application: Application,
    practice: Practice,
    plan: Organisation | None,
    answers: Mapping[str, Any],
    by: Membership,
) -> list[str]:
    filled = []
    if plan is not None and application.designated_mcp_id is None:
        known = designation.versions_of(application, practice.versions)
        base = version_of(known, designation.FIELD)
        designation.name_plan(
            practice=application.practice, cycle=application.cycle, plan=plan, base=base, by=by
        )
        filled.append(PLAN)
    days = dated_answers(application.cycle.definition, answers)
    if days:
        filled += answering.save(application, values=days, bases={}, by=by).changed
    return filled
