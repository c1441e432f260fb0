"""Scenarios: stored, copied, shared and talked about. Nobody overwrites a save that they have not seen."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from selection.engine import Rules
from selection.models import Scenario, ScenarioComment, ScenarioVisit

NAME_LENGTH = 120
SEEN_AGAIN = 300  # seconds until a visit is noted anew


class SavedMeanwhile(DomainError):
    """Somebody saved a scenario after it was loaded. `theirs` is what is stored now."""

    def __init__(self, theirs: Scenario) -> None:
        self.theirs = theirs
        message = _(
            "%(name)s saved this scenario after you opened it. Nothing of yours is stored yet."
        )
        super().__init__(message % {"name": theirs.updated_by})


@transaction.atomic
def create(
    *,
    cycle: Cycle,
    name: str,
    note: str,
    rules: Rules,
    is_shared: bool,
    by: Membership,
    copied_from: Scenario | None = None,
) -> Scenario:
    """Store rules under a name. Raises DomainError when the person has another scenario of that name."""
    row = Scenario(
        cycle=cycle,
        owner=by.user,
        updated_by=by.user,
        name=name,
        note=note,
        rules=rules.as_json(),
        is_shared=is_shared,
        copied_from=copied_from,
    )
    return _stored(row)


@transaction.atomic
def save_rules(scenario: Scenario, *, rules: Rules, version: int, by: Membership) -> Scenario:
    """Store other rules. Raises SavedMeanwhile when `version` is not the stored one."""
    locked = _seen(scenario, version)
    if locked.rules == rules.as_json():
        return locked
    return _changed(locked, by, rules=rules.as_json())


@transaction.atomic
def describe(scenario: Scenario, *, name: str, note: str, version: int, by: Membership) -> Scenario:
    """Store another name and note. Raises SavedMeanwhile, and DomainError for a name that is taken."""
    locked = _seen(scenario, version)
    if (locked.name, locked.note) == (name, note):
        return locked
    return _changed(locked, by, name=name, note=note)


def duplicate(scenario: Scenario, *, by: Membership) -> Scenario:
    """Store a private copy for the person, under the first name that is free."""
    for name in _names(scenario.name):
        taken = Scenario.objects.filter(
            cycle=scenario.cycle, owner=by.user, name=name, archived_at=None
        )
        if not taken.exists():
            return create(
                cycle=scenario.cycle,
                name=name,
                note=scenario.note,
                rules=Rules.from_json(scenario.rules),
                is_shared=False,
                by=by,
                copied_from=scenario,
            )
    raise DomainError(_("You have many copies of this scenario. Archive one first."))


@transaction.atomic
def share(scenario: Scenario, *, is_shared: bool, by: Membership) -> Scenario:
    """Show a scenario to all of DHCS and auditors, or to its owner only."""
    locked = _lock(scenario)
    if locked.is_shared == is_shared:
        return locked
    return _changed(locked, by, is_shared=is_shared)


@transaction.atomic
def archive(scenario: Scenario, *, by: Membership) -> Scenario:
    """Take a scenario out of the lists; what was proposed from it keeps it."""
    locked = _lock(scenario)
    if locked.archived_at:
        return locked
    return _changed(locked, by, archived_at=timezone.now(), archived_by=by.user)


@transaction.atomic
def restore(scenario: Scenario, *, by: Membership) -> Scenario:
    """Put an archived scenario back. Raises DomainError when its name is taken now."""
    locked = _lock(scenario)
    if not locked.archived_at:
        return locked
    return _changed(locked, by, archived_at=None, archived_by=None)


def comment(scenario: Scenario, *, text: str, by: Membership) -> ScenarioComment:
    """Say something about a scenario."""
    return ScenarioComment.objects.create(scenario=scenario, author=by.user, text=text)


@transaction.atomic
def take_back(said: ScenarioComment, *, by: Membership) -> ScenarioComment:
    """Take one's own comment back; the row stays. Raises DomainError for somebody else's."""
    locked = ScenarioComment.objects.select_for_update(of=("self",)).get(pk=said.pk)
    if locked.author_id != by.user_id:
        raise DomainError(_("Only who wrote a comment can take it back."))
    if locked.removed_at is None:
        locked.removed_at = timezone.now()
        locked.save(update_fields=["removed_at"])
    return locked


def visited(scenario: Scenario, *, by: Membership) -> None:
    """Note that the person looked at a scenario, once in some minutes."""
    now = timezone.now()
    visit, is_new = ScenarioVisit.objects.get_or_create(
        scenario=scenario, person=by.user, defaults={"last_at": now}
    )
    if not is_new and (now - visit.last_at).total_seconds() > SEEN_AGAIN:
        ScenarioVisit.objects.filter(pk=visit.pk).update(last_at=now)


def _seen(scenario: Scenario, version: int) -> Scenario:
    locked = _lock(scenario)
    if locked.version != version:
        raise SavedMeanwhile(locked)
    if locked.archived_at:
        raise WrongState(_("This scenario is archived. Put it back before you change it."))
    return locked


def _changed(locked: Scenario, by: Membership, **columns: Any) -> Scenario:
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.updated_by = by.user
    return _stored(locked)


def _stored(row: Scenario) -> Scenario:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "selection_scenario_name_once" not in str(error):
            raise
        message = _(
            "%(owner)s has a scenario called “%(name)s” in this cycle. Choose another name."
        )
        raise DomainError(message % {"owner": row.owner, "name": row.name}) from error
    return row


def _names(name: str) -> list[str]:
    copies = [_("Copy of %(name)s")] + [_("Copy %(n)s of %(name)s")] * 98
    return [
        (text % {"name": name, "n": number})[:NAME_LENGTH]
        for number, text in enumerate(copies, start=1)
    ]


def _lock(scenario: Scenario) -> Scenario:
    return (
        Scenario.objects.select_for_update(of=("self",))
        .select_related("cycle", "owner", "updated_by")
        .get(pk=scenario.pk)
    )
