"""What new decisions would undo: the later acts whose outcome they change, in words for staff."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from core.times import long
from selection.engine import Result
from selection.engine.judging import OUTCOME_OF, REASONS
from selection.enums import Outcome
from selection.models import LaterAct


@dataclass(frozen=True)
class Undone:
    """One later act that new decisions would undo; of a hidden one nothing is told."""

    pk: int
    reference: str
    practice: str
    what: str
    when: str
    now: str
    then: str


def undone_by(
    result: Result, acts: Sequence[LaterAct], hidden: Iterable[int]
) -> tuple[list[Undone], int]:
    """Return the acts that `result` would undo, and how many more are `hidden` (ids) by a conflict.

    `acts` are the last ones on each application, with their applications. Who has left is no candidate.
    """
    outcomes = _outcomes(result, {act.application_id for act in acts})
    changed = [act for act in acts if outcomes.get(act.application_id, act.outcome) != act.outcome]
    closed = set(hidden)
    shown = [act for act in changed if act.application_id not in closed]
    rows = [_undone(act, outcomes[act.application_id]) for act in shown]
    return rows, len(changed) - len(shown)


def _outcomes(result: Result, pks: Collection[int]) -> dict[int, Outcome]:
    if not pks:
        return {}
    reasons = zip(result.pool.candidates, result.codes, strict=True)
    return {one.pk: OUTCOME_OF[REASONS[code]] for one, code in reasons if one.pk in pks}


def _undone(act: LaterAct, then: Outcome) -> Undone:
    application = act.application
    return Undone(
        pk=application.pk,
        reference=application.reference,
        practice=application.practice.name,
        what=str(act.get_reason_display()),
        when=long(act.at),
        now=str(Outcome(act.outcome).label),
        then=str(then.label),
    )
