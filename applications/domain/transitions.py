"""The only writer of `Application.status`: lock, re-read, check the source, write, log."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import rules
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application, ApplicationTransition
from applications.signals import moved
from applications.workflow import TRANSITIONS, Transition
from core.exceptions import WrongState

BATCH = 500
Step = tuple[int, str, str, dict[str, object]]


@transaction.atomic
def apply_transition(
    application: Application,
    name: str,
    *,
    by: Membership,
    reason: str = "",
    changes: Mapping[str, object] | None = None,
) -> Application:
    """Take one step and return the application as stored. `changes` are other columns set with it.

    Raises WrongState when the application is not in a state from which the step starts.
    """
    rows = [(application.pk, name, reason, dict(changes or {}))]
    return apply_transitions(rows, by=by)[0]


@transaction.atomic
def apply_transitions(
    steps: Sequence[Step],
    *,
    by: Membership,
    locked: Mapping[int, Application] | None = None,
) -> list[Application]:
    """Take many steps, all or none: (application id, step name, reason, other columns) each.

    Rows are locked in the order of their ids, so that two calls never wait for each other; `locked`
    are rows by id that the caller locked and read in this transaction.
    Raises WrongState naming the first application that has moved on.
    """
    now = timezone.now()
    if locked is None:
        locked = _locked([step[0] for step in steps])
    label, log, columns, done = by.label, [], {"status"}, []
    for pk, name, reason, changes in steps:
        row, step = locked[pk], TRANSITIONS[name]
        log.append(_take(row, step, by=by, actor=label, reason=reason, now=now))
        for column, value in changes.items():
            setattr(row, column, value)
        columns |= {*changes, *([step.stamp] if step.stamp else [])}
        done.append(row)
    if len({name for _pk, name, _reason, _changes in steps}) == 1 and not any(
        changes for _pk, _name, _reason, changes in steps
    ):
        _write_alike(done, columns)
    else:
        Application.objects.bulk_update(done, sorted(columns), batch_size=BATCH)
    ApplicationTransition.objects.bulk_create(log, batch_size=BATCH)
    moved.send(Application, steps=log, by=by)
    return done


def available_transitions(application: Application, hat: Membership) -> list[Transition]:
    """Return the steps that `hat` may take from the application's present state."""
    return [
        step
        for step in TRANSITIONS.values()
        if application.status in step.sources and rules.has_perm(step.permission, hat, application)
    ]


def can_take(application: Application, name: str, hat: Membership) -> bool:
    """Tell whether the step is open to `hat` now: what a button asks before it shows itself."""
    return name in names(available_transitions(application, hat))


def names(steps: Iterable[Transition]) -> set[str]:
    """Return the names of `steps`."""
    return {step.name for step in steps}


def _locked(pks: Sequence[int]) -> dict[int, Application]:
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    return {row.pk: row for row in rows.filter(pk__in=pks).order_by("pk")}


def _write_alike(rows: Sequence[Application], columns: Iterable[str]) -> None:
    """Store `columns`, which are the same on all rows."""
    values = {column: getattr(rows[0], column) for column in columns}
    Application.objects.filter(pk__in=[row.pk for row in rows]).update(**values)


def _state_for(row: Application, by: Membership) -> str:
    """Return the state in the words for who acts: the public ones for a practice."""
    public = by.role in Role.of_practice
    return (row.public_status if public else row.staff_status).lower()


def _take(
    row: Application, step: Transition, *, by: Membership, actor: str, reason: str, now: datetime
) -> ApplicationTransition:
    if row.status not in step.sources:
        message = _("Application %(reference)s is already “%(state)s”. Nothing was changed.")
        raise WrongState(message % {"reference": row.reference, "state": _state_for(row, by)})
    previous, row.status = row.status, step.target
    if step.stamp:
        setattr(row, step.stamp, now)
    return ApplicationTransition(
        application=row,
        name=step.name,
        from_status=previous,
        to_status=step.target,
        actor=actor,
        side=by.organisation.kind,
        reason=reason,
        created_at=now,
    )
