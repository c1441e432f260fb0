"""Declaring conflicts of interest, and clearing them.

A hard one closes the application to the person in the same transaction; a soft one warns the lead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Membership, User
from applications.domain.locking import lock
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck
from applications.rules import has_declared
from core.exceptions import DomainError, WrongState
from programs.schema.rules import ConflictRule
from scoring import conflicts, emails
from scoring.domain.conflict_effects import Effects, close
from scoring.enums import Ending
from scoring.models import Assignment

NO_NOTES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Standing:
    """What one rule says of one person and one application, from each source.

    Without a row a declared rule is pending, and the portal found nothing by one of its own.
    """

    rule: ConflictRule
    outcome: ConflictOutcome
    checks: tuple[ConflictCheck, ...]


@transaction.atomic
def declare(
    application: Application,
    *,
    answers: Mapping[str, bool],
    notes: Mapping[str, str] = NO_NOTES,
    by: Membership,
) -> Effects:
    """Keep the person's own answers by rule key (True: there is a conflict) and what follows.

    Every rule that is declared needs an answer; a yes to a soft one needs a note. A lead's new conflict
    is told to the other leads; with a review that ended, by the email about it. Raises DomainError when
    one is missing, WrongState when a hard conflict would be taken back.
    """
    locked = lock(application)
    asked = conflicts.declared(locked.cycle.localized.scoring.conflict_rules)
    _require_answers(asked, answers, notes)
    stored = {
        row.rule: row
        for row in ConflictCheck.objects.filter(
            application=locked, person=by.user_id, source=ConflictSource.SELF
        )
    }
    checks = [
        _check(locked, by.user, rule, ConflictSource.SELF, by=by, failed=answers[rule.key])
        for rule in asked
    ]
    for check in checks:
        check.note = notes.get(check.rule, "").strip() if _failed(check) else ""
        if (old := stored.get(check.rule)) and old.hard and _failed(old) and not _failed(check):
            message = _("You declared a conflict here before. A lead can clear it, with a reason.")
            raise WrongState(message)
    new = [check for check in checks if _is_new(check, stored.get(check.rule))]
    _store(new)
    effects = _consequences(locked, checks, person=by.user_id, by=by)
    if by.role == Role.MCP_LEAD and any(map(_failed, new)) and not effects.ended:
        closed = any(check.hard and _failed(check) for check in checks)
        emails.own_conflict(locked, by, closed=closed, at=new[0].stated_at)
    return effects


@transaction.atomic
def declare_for(
    application: Application, *, person: Membership, rule: str, reason: str, by: Membership
) -> Effects:
    """Keep a conflict that the lead knows of, apart from what the person declared.

    `rule` is the key of a declared rule. Raises DomainError for a person of another plan, for the
    lead's own person, for a rule that the program does not have, and without a reason.
    """
    if person.organisation_id != by.organisation_id:
        raise DomainError(_("This person does not review for this plan."))
    if person.user_id == by.user_id:
        raise DomainError(_("This is you. Declare your own conflict in your own name."))
    if not reason.strip():
        raise DomainError(_("Write why this is a conflict of interest."))
    locked = lock(application)
    asked = conflicts.declared(locked.cycle.definition.scoring.conflict_rules)
    chosen = {one.key: one for one in asked}.get(rule)
    if chosen is None:
        raise DomainError(_("This program has no such rule. Reload the page and choose again."))
    check = _check(locked, person.user, chosen, ConflictSource.LEAD, by=by, failed=True)
    check.note = reason.strip()
    _store([check])
    return _consequences(locked, [check], person=person.user_id, by=by)


@transaction.atomic
def clear(check: ConflictCheck, *, reason: str, by: Membership) -> ConflictCheck:
    """Turn a failed check into a passed one. What was said stays in the note, above the reason.

    The application is open to the person again; ended reviews and void sheets stay so. Raises
    WrongState when it is cleared already, DomainError without a reason, for one's own conflict, and
    for a person of another organisation.
    """
    if not reason.strip():
        raise DomainError(_("Write why this is no conflict of interest."))
    lock(check.application)
    stored = ConflictCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if not _failed(stored):
        raise WrongState(_("This conflict is cleared already. Nothing was changed."))
    if stored.person_id == by.user_id:
        raise DomainError(_("This is your own conflict. Ask another lead to clear it."))
    if not stored.person.memberships.filter(organisation=by.organisation_id).exists():
        raise DomainError(_("This person does not review for this plan."))
    stored.outcome = ConflictOutcome.PASSED
    stored.note = f"{stored.note}\n{reason.strip()}".strip()
    stored.stated_by, stored.stated_at = by.label, timezone.now()
    stored.save(update_fields=["outcome", "note", "stated_by", "stated_at"])
    return stored


def needs_declaration(assignment: Assignment) -> bool:
    """Tell whether the reviewer still has to answer before the application opens (at most 1 query)."""
    return not has_declared(assignment.reviewer, assignment.application)


def undeclared(assignments: Iterable[Assignment]) -> set[int]:
    """Return the ids of the assignments for which `needs_declaration` holds (1 query).

    They come with application and cycle, and with the reviewer.
    """
    asking = [
        one
        for one in assignments
        if conflicts.declared(one.application.cycle.definition.scoring.conflict_rules)
    ]
    answered = set(
        ConflictCheck.objects.filter(
            application__in={one.application_id for one in asking},
            person__in={one.reviewer.user_id for one in asking},
            source=ConflictSource.SELF,
        )
        .exclude(outcome=ConflictOutcome.PENDING)
        .values_list("application", "person")
    )
    return {one.pk for one in asking if (one.application_id, one.reviewer.user_id) not in answered}


def standings(application: Application, checks: Iterable[ConflictCheck]) -> list[Standing]:
    """Return each rule of the program with its outcome; `checks` are those of one person."""
    rows = list(checks)
    found = []
    for rule in application.cycle.localized.scoring.conflict_rules:
        mine = tuple(row for row in rows if row.rule == rule.key)
        found.append(Standing(rule, _outcome(rule, mine), mine))
    return found


def why_closed(sheet: int, *, by: Membership) -> str:
    """Return why the reviewer's own sheet (id) takes no more saves, or "" when it is none or stands.

    For a save that finds no visible sheet, so that who typed reads why (1 query).
    """
    own = Assignment.objects.filter(sheet=sheet, reviewer=by, ended_at__isnull=False)
    kind = own.values_list("ended_kind", flat=True).first()
    return "" if kind is None else refusal(kind)


def refusal(ended_kind: str) -> str:
    """Return the sentence for a save on a sheet whose assignment has ended in this way."""
    if ended_kind == Ending.CONFLICT:
        return _(
            "A conflict of interest was declared, so this application is closed to you. "
            "Nothing was stored. What you typed is still here to copy."
        )
    return _("This review was taken back. Nothing was stored.")


def _require_answers(
    asked: tuple[ConflictRule, ...], answers: Mapping[str, bool], notes: Mapping[str, str]
) -> None:
    if answers.keys() - {rule.key for rule in asked}:
        raise DomainError(_("The questions have changed. Reload the page and answer again."))
    if missing := [rule.label for rule in asked if rule.key not in answers]:
        message = _("Answer each question. Still open: %(labels)s.")
        raise DomainError(message % {"labels": "; ".join(missing)})
    for rule in asked:
        if answers[rule.key] and not rule.hard and not notes.get(rule.key, "").strip():
            message = _("Write in a few words what it is: %(label)s.")
            raise DomainError(message % {"label": rule.label})


def _check(
    application: Application,
    person: User,
    rule: ConflictRule,
    source: ConflictSource,
    *,
    by: Membership,
    failed: bool,
) -> ConflictCheck:
    return ConflictCheck(
        application=application,
        person=person,
        rule=rule.key,
        source=source,
        hard=rule.hard,
        outcome=ConflictOutcome.FAILED if failed else ConflictOutcome.PASSED,
        stated_by=by.label,
        stated_at=timezone.now(),
    )


def _failed(check: ConflictCheck) -> bool:
    return check.outcome == ConflictOutcome.FAILED


def _is_new(check: ConflictCheck, stored: ConflictCheck | None) -> bool:
    """The same answer again is no change; so who cleared a conflict stays named."""
    if stored is None or stored.outcome != check.outcome:
        return True
    return _failed(check) and stored.note != check.note


def _store(checks: Iterable[ConflictCheck]) -> None:
    ConflictCheck.objects.bulk_create(
        checks,
        update_conflicts=True,
        unique_fields=["application", "person", "rule", "source"],
        update_fields=["hard", "outcome", "note", "stated_by", "stated_at"],
    )


def _consequences(
    application: Application, checks: Iterable[ConflictCheck], *, person: int, by: Membership
) -> Effects:
    if any(check.hard and _failed(check) for check in checks):
        return close(application, person, by=by)
    return Effects()


def _outcome(rule: ConflictRule, checks: tuple[ConflictCheck, ...]) -> ConflictOutcome:
    if any(map(_failed, checks)):
        return ConflictOutcome.FAILED
    own = [row for row in checks if row.source == ConflictSource.SELF]
    return (
        ConflictOutcome.PENDING if rule.kind == "declared" and not own else ConflictOutcome.PASSED
    )
