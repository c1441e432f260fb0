"""Giving several applications by hand or from a file: what each pair comes to, then doing it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.locking import lock_hats
from accounts.enums import Role
from accounts.models import Membership, Organisation
from applications.enums import ConflictOutcome
from applications.models import Application, ConflictCheck
from scoring.domain import telling
from scoring.domain.conflict_search import Finding, check_pairs, closed_pairs, search
from scoring.domain.handing import hand_out, locked_applications
from scoring.domain.room import rooms
from scoring.models import Assignment
from scoring.queries import ASSIGNABLE

GIVE, HELD, REFUSED = "give", "held", "refused"
Wanted = tuple[Application, Membership]
Key = tuple[int, int]


@dataclass(frozen=True)
class Verdict:
    """What one pair comes to: it is given, held already, or refused with a `reason`.

    `warning` is what the lead should know of a pair that is given all the same.
    """

    application: Application
    reviewer: Membership
    kind: str
    reason: str = ""
    warning: str = ""


@dataclass(frozen=True)
class _Known:
    """What is known of the pairs of application id and user id, and of each hat's room."""

    held: set[Key]
    had: set[Key]
    closed: set[Key]
    soft: dict[Key, str]


def judge(
    wanted: Sequence[Wanted], *, plan: Organisation, found: Sequence[Finding] | None = None
) -> list[Verdict]:
    """Return what each pair comes to now, in order; writes nothing (a fixed number of queries).

    Applications and hats are the plan's; a person's limit counts the pairs that come before. `found`
    is what the portal has just found of conflicts.
    """
    known = _known(wanted, found)
    free = rooms(plan, {hat.pk: hat for _one, hat in wanted}.values())
    more: Counter[int] = Counter()
    taken: set[Key] = set()
    verdicts = []
    for application, hat in wanted:
        key = (application.pk, hat.user_id)
        kind, reason = _kind(application, key, known, taken)
        if kind == GIVE and not _reviews(hat, application, plan):
            kind, reason = REFUSED, _("Does not review for the plan any more.")
        if kind == GIVE and (full := free[hat.pk].refusal(more[hat.user_id])):
            kind, reason = REFUSED, full
        if kind == GIVE:
            more[hat.user_id] += 1
            taken.add(key)
        warning = _warning(key, known) if kind == GIVE else ""
        verdicts.append(Verdict(application, hat, kind, reason, warning))
    return verdicts


@transaction.atomic
def give(wanted: Sequence[Wanted], *, by: Membership) -> list[Verdict]:
    """Give what can be given, start the reviews, tell each reviewer once; return what each came to.

    Pairs are judged again with hats and applications locked. A second call gives nothing more.
    """
    verdicts = judge_locked([(one.pk, hat.pk) for one, hat in wanted], by=by)
    pairs = [(one.application, one.reviewer) for one in verdicts if one.kind == GIVE]
    if pairs:
        given, resumed = hand_out(pairs, by=by)
        key = f"assignments:{min(one.pk for one in given)}"
        telling.assigned(given, resumed, cycle=pairs[0][0].cycle, key=key)
    return verdicts


def judge_locked(wanted: Sequence[Key], *, by: Membership, named: bool = True) -> list[Verdict]:
    """Lock hats, then applications; store the conflicts the portal finds; judge. In a transaction.

    `wanted` are ids of applications and hats. Applications come with what an email says of them, unless
    they are not to be `named`.
    """
    people = lock_hats(hat for _pk, hat in wanted)
    locked = locked_applications((pk for pk, _hat in wanted), named=named)
    found = search(locked.values(), people.values())
    check_pairs(locked.values(), people.values(), by=by, found=found)
    pairs = [(locked[pk], people[hat]) for pk, hat in wanted]
    return judge(pairs, plan=by.organisation, found=found)


def _kind(application: Application, key: Key, known: _Known, taken: set[Key]) -> tuple[str, str]:
    if key in known.held:
        return HELD, _("Has it already.")
    if key in taken:
        return HELD, _("Is named twice.")
    if application.status not in ASSIGNABLE:
        state = application.staff_status.lower()
        return REFUSED, _("It is “%(state)s”: nobody can get it now.") % {"state": state}
    if key in known.closed:
        return REFUSED, _("Has a conflict of interest.")
    return GIVE, ""


def _reviews(hat: Membership, application: Application, plan: Organisation) -> bool:
    able = hat.is_active and hat.role in Role.of_mcp and hat.organisation_id == plan.pk
    return able and application.designated_mcp_id == plan.pk


def _warning(key: Key, known: _Known) -> str:
    parts = []
    if label := known.soft.get(key):
        parts.append(_("Look at a possible conflict: %(label)s.") % {"label": label.rstrip(".")})
    if key in known.had:
        parts.append(_("Had it before."))
    return " ".join(parts)


def _known(wanted: Sequence[Wanted], found: Sequence[Finding] | None) -> _Known:
    applications = list({one.pk: one for one, _hat in wanted}.values())
    hats = list({hat.pk: hat for _one, hat in wanted}.values())
    person = {hat.pk: hat.user_id for hat in hats}
    rows = Assignment.objects.filter(
        application__in=applications, reviewer__user__in=set(person.values())
    )
    held: set[Key] = set()
    had: set[Key] = set()
    for application, user, ended in rows.values_list("application", "reviewer__user", "ended_at"):
        (had if ended else held).add((application, user))
    found = search(applications, hats) if found is None else found
    shut = closed_pairs(applications, hats, found=found)
    closed = {(pk, person[hat]) for pk, hat in shut}
    return _Known(held, had, closed, _soft(applications, hats, found))


def _soft(
    applications: Sequence[Application], hats: Sequence[Membership], findings: Sequence[Finding]
) -> dict[Key, str]:
    """Return the label of a soft rule that fails, by pair. What a lead cleared is no warning."""
    found = {one.key: one.rule.label for one in findings if not one.rule.hard}
    labels = {
        rule.key: rule.label
        for cycle in {one.cycle for one in applications}
        for rule in cycle.definition.scoring.conflict_rules
    }
    people = {hat.user_id for hat in hats}
    stored = ConflictCheck.objects.filter(application__in=applications, person__in=people)
    rows = stored.filter(hard=False).values_list("application", "person", "rule", "outcome")
    for application, person, rule, outcome in rows:
        if outcome == ConflictOutcome.FAILED:
            found[application, person, rule] = labels.get(rule, rule)
        else:
            found.pop((application, person, rule), None)
    return {(application, person): label for (application, person, _rule), label in found.items()}
