"""The portal's own search for conflicts of interest: many applications by many people at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Membership
from applications.domain.locking import lock
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck, Practice
from applications.queries import hard_conflicts
from core.exceptions import DomainError
from programs.schema.rules import ConflictRule
from scoring import conflicts
from scoring.conflicts import Candidate, Pair, Subject
from scoring.domain.conflict_effects import Effects, close
from scoring.models import Assignment

PORTAL = "EPT Portal"  # who stated what was found; a lead who clears it puts a name in its place
BATCH = 1000


class HardConflict(DomainError):
    """A hard conflict of interest keeps the person from the application."""


@dataclass(frozen=True)
class Finding:
    """One rule that fails for one pair of application id and user id."""

    application: int
    person: int
    rule: ConflictRule
    note: str

    @property
    def key(self) -> tuple[int, int, str]:
        """What names the stored check."""
        return self.application, self.person, self.rule.key


def search(applications: Iterable[Application], reviewers: Iterable[Membership]) -> list[Finding]:
    """Return what the portal's rules find, hard and soft; writes nothing (3 queries).

    Applications come with their cycle, reviewers with their user. Whoever has or had a hat in a
    practice works or worked for it: who was removed may have helped to write.
    """
    rows = list(applications)
    subjects, people = _facts(rows, {hat.user_id: hat for hat in reviewers})
    found = []
    for cycle, of_cycle in _by_cycle(rows).items():
        mine = [subjects[row.pk] for row in of_cycle]
        for rule in conflicts.found_by_portal(cycle.definition.scoring.conflict_rules):
            pairs = conflicts.FINDERS[rule.kind](mine, people)
            found += [Finding(*pair, rule, note) for pair, note in pairs.items()]
    return found


@transaction.atomic
def check_pairs(
    applications: Iterable[Application],
    reviewers: Iterable[Membership],
    *,
    by: Membership,
    found: Sequence[Finding] | None = None,
) -> list[Effects]:
    """Store what the portal finds for every pair; return what new hard conflicts did.

    Only failures are rows, and what failed before and does so no more becomes passed; for any other
    pair the portal found nothing. What a lead cleared stays cleared. A hard failure ends the review
    that stands. Costs the same number of queries for one pair and for many while no review ends.
    `found` is what `search` has just returned for them.
    """
    rows, hats = list(applications), list(reviewers)
    found = search(rows, hats) if found is None else found
    known = {_key(row): row for row in _checks_of(rows, hats)}
    failing = {one.key: one for one in found}
    changed = [one for one in found if _differs(one, known.get(one.key))]
    gone = [
        row.pk
        for key, row in known.items()
        if key not in failing and row.outcome == ConflictOutcome.FAILED and row.stated_by == PORTAL
    ]
    hard = [one for one in found if one.rule.hard and not _is_cleared(known.get(one.key))]
    reviewed = _reviewed({(one.application, one.person) for one in hard})
    locked = {row.pk: lock(row) for row in _of(rows, reviewed)}
    _store(changed, gone)
    return [close(locked[pk], person, by=by) for pk, person in sorted(reviewed)]


def closed_pairs(
    applications: Sequence[Application],
    reviewers: Sequence[Membership],
    *,
    found: Sequence[Finding] | None = None,
) -> set[Pair]:
    """Return (application id, hat id) of every pair that a hard conflict forbids; writes nothing.

    What is stored, from whomever, and what the portal finds now (5 queries; 2 with `found`, what
    `search` has just returned for them).
    """
    found = search(applications, reviewers) if found is None else found
    people = {hat.user_id for hat in reviewers}
    stored = hard_conflicts().filter(application__in=applications, person__in=people)
    closed = set(stored.values_list("application", "person"))
    cleared = {_key(row) for row in _checks_of(applications, reviewers) if _is_cleared(row)}
    closed |= {
        (one.application, one.person) for one in found if one.rule.hard and one.key not in cleared
    }
    hats = defaultdict(list)
    for hat in reviewers:
        hats[hat.user_id].append(hat.pk)
    return {(pk, hat) for pk, person in closed for hat in hats[person]}


def admit(application: Application, reviewer: Membership, *, by: Membership) -> None:
    """Check the pair before an assignment. Raises HardConflict when a hard conflict forbids it.

    What is found is stored and seen by the lead; around a refusal that takes `findings_kept`. To be
    called with the application locked.
    """
    check_pairs([application], [reviewer], by=by)
    if hard_conflicts().filter(application=application, person=reviewer.user_id).exists():
        message = _("%(person)s has a conflict of interest with this application. Choose another.")
        raise HardConflict(message % {"person": reviewer.user.full_name})


@contextmanager
def findings_kept(
    application: Application, reviewer: Membership, *, by: Membership
) -> Iterator[None]:
    """Run the block in a transaction; when a hard conflict undoes it, store what the portal found."""
    try:
        with transaction.atomic():
            yield
    except HardConflict:
        check_pairs([application], [reviewer], by=by)
        raise


def _facts(
    applications: list[Application], hats: dict[int, Membership]
) -> tuple[dict[int, Subject], list[Candidate]]:
    practices = {row.practice_id for row in applications}
    domains, worked = defaultdict(set), defaultdict(set)
    emails = Membership.objects.filter(organisation__in=practices)
    for practice, email in emails.values_list("organisation", "user__email"):
        domains[practice].add(conflicts.domain_of(email))
    own = Membership.objects.filter(user__in=hats, organisation__kind=OrganisationKind.PRACTICE)
    for person, practice in own.values_list("user", "organisation"):
        worked[person].add(practice)
    with_tin = Practice.objects.filter(pk__in=practices.union(*worked.values()))
    tins = dict(with_tin.values_list("pk", "tin_digest"))
    subjects = {
        row.pk: Subject(
            row.pk,
            row.practice_id,
            frozenset({row.tin_digest, tins.get(row.practice_id, "")}),
            frozenset(domains[row.practice_id]),
        )
        for row in applications
    }
    people = [
        Candidate(
            person,
            conflicts.domain_of(hat.user.email),
            frozenset(worked[person]),
            frozenset(tins.get(practice, "") for practice in worked[person]),
        )
        for person, hat in hats.items()
    ]
    return subjects, people


def _by_cycle(applications: list[Application]) -> dict:
    grouped = defaultdict(list)
    for row in applications:
        grouped[row.cycle].append(row)
    return grouped


def _checks_of(
    applications: Iterable[Application], reviewers: Iterable[Membership]
) -> QuerySet[ConflictCheck]:
    return ConflictCheck.objects.filter(
        application__in=[row.pk for row in applications],
        person__in={hat.user_id for hat in reviewers},
        source=ConflictSource.SYSTEM,
    )


def _key(row: ConflictCheck) -> tuple[int, int, str]:
    return row.application_id, row.person_id, row.rule


def _is_cleared(row: ConflictCheck | None) -> bool:
    """Whether a lead found that it is no conflict."""
    return row is not None and row.outcome == ConflictOutcome.PASSED and row.stated_by != PORTAL


def _differs(found: Finding, known: ConflictCheck | None) -> bool:
    if known is None:
        return True
    if _is_cleared(known):
        return False
    stored = (known.outcome, known.hard, known.note)
    return stored != (ConflictOutcome.FAILED, found.rule.hard, found.note)


def _reviewed(pairs: set[Pair]) -> set[Pair]:
    """Keep the pairs of application and person where a review stands."""
    if not pairs:
        return set()
    standing = Assignment.objects.filter(
        application__in={pk for pk, _person in pairs},
        reviewer__user__in={person for _pk, person in pairs},
        ended_at=None,
    )
    return pairs.intersection(standing.values_list("application", "reviewer__user"))


def _of(rows: list[Application], pairs: set[Pair]) -> list[Application]:
    """Return the applications of the pairs in the order of their ids, so that no two calls wait."""
    wanted = {pk for pk, _person in pairs}
    return sorted((row for row in rows if row.pk in wanted), key=lambda row: row.pk)


def _store(changed: list[Finding], gone: list[int]) -> None:
    now = timezone.now()
    checks = [
        ConflictCheck(
            application_id=one.application,
            person_id=one.person,
            rule=one.rule.key,
            source=ConflictSource.SYSTEM,
            hard=one.rule.hard,
            outcome=ConflictOutcome.FAILED,
            note=one.note,
            stated_by=PORTAL,
            stated_at=now,
        )
        for one in changed
    ]
    ConflictCheck.objects.bulk_create(
        checks,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["application", "person", "rule", "source"],
        update_fields=["hard", "outcome", "note", "stated_by", "stated_at"],
    )
    ConflictCheck.objects.filter(pk__in=gone).update(outcome=ConflictOutcome.PASSED, stated_at=now)
