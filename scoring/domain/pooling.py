"""From the database to the numbers of `scoring.balancing`: who may get what, and why not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accounts.models import Membership, Organisation
from applications.models import Application
from programs.models import Cycle
from scoring.balancing import Pool
from scoring.domain.conflict_search import closed_pairs
from scoring.domain.team import today
from scoring.models import ReviewerProfile
from scoring.queries import (
    away_on,
    dealt_pairs,
    lacking_reviewers,
    limits,
    open_reviews,
    sharing_the_work,
)

COUNTY, SPECIALTY = 2, 1  # a county known counts as much as two specialties
NO_LIMIT = 1_000_000
NO_PROFILE = ReviewerProfile(max_open=None, counties=[], specialties=[])


@dataclass(frozen=True)
class Situation:
    """What stands now. Rows are applications that lack reviewers, columns are people.

    `need` counts missing reviewers; `load` open reviews; `limit` how many open reviews a person takes;
    `conflict`, `held`, `had` (rows × columns) are hard conflicts, reviews that stand, and reviews that
    ended (by any hat of the person): who gave an application back does not get it again.
    """

    applications: list[int]
    references: list[str]
    people: list[Membership]
    need: np.ndarray
    load: np.ndarray
    limit: np.ndarray
    away: np.ndarray
    conflict: np.ndarray
    held: np.ndarray
    had: np.ndarray
    preference: np.ndarray

    @cached_property
    def pool(self) -> Pool:
        """The same for the balancing: an absent person has no room, a full one neither."""
        room = np.where(self.away, 0, np.maximum(self.limit - self.load, 0))
        allowed = ~(self.conflict | self.held | self.had)
        return Pool(allowed, self.need, self.load, room, self.preference)


def situation(plan: Organisation, cycle: Cycle, reviewers_each: int) -> Situation:
    """Read what stands now (a fixed number of queries, whatever the sizes)."""
    lacking = lacking_reviewers(plan, cycle, reviewers_each)
    found = list(lacking.select_related("cycle", "practice__practice"))
    people = sharing_the_work(plan)
    profiles = [getattr(hat, "reviewer_profile", NO_PROFILE) for hat in people]
    row = {one.pk: number for number, one in enumerate(found)}
    column = {hat.user_id: number for number, hat in enumerate(people)}
    person = {hat.pk: hat.user_id for hat in people}
    closed = [(pk, person[hat]) for pk, hat in closed_pairs(found, people)]
    opened, away = open_reviews(plan), away_on(plan, today())
    dealt = dealt_pairs(plan, cycle)
    limited = limits(plan)
    return Situation(
        applications=list(row),
        references=[one.reference for one in found],
        people=people,
        need=np.array([reviewers_each - one.have for one in found], int),  # type: ignore[attr-defined]
        load=np.array([opened.get(hat.user_id, 0) for hat in people], int),
        limit=np.array([limited.get(hat.user_id, NO_LIMIT) for hat in people], int),
        away=np.array([hat.user_id in away for hat in people], bool),
        conflict=_marked(closed, row, column),
        held=_marked([one[:2] for one in dealt if one[2] is None], row, column),
        had=_marked([one[:2] for one in dealt if one[2] is not None], row, column),
        preference=_preference(
            [one.county for one in found], [_specialties(one) for one in found], profiles
        ),
    )


def _marked(
    pairs: Iterable[tuple[int, int]], row: dict[int, int], column: dict[int, int]
) -> np.ndarray:
    """Return rows × columns, true where a pair of (application id, user id) says so."""
    marks = np.zeros((len(row), len(column)), bool)
    for application, person in pairs:
        if application in row and person in column:
            marks[row[application], column[person]] = True
    return marks


def _specialties(application: Application) -> Sequence[str]:
    practice = getattr(application.practice, "practice", None)
    return practice.specialties if practice else ()


def _preference(
    counties: Sequence[str],
    specialties: Sequence[Sequence[str] | None],
    profiles: Sequence[ReviewerProfile],
) -> np.ndarray:
    """Return how much each pair is preferred: 2 for a county, 1 for a specialty that both have."""
    near = _overlap([[county] for county in counties], [one.counties for one in profiles])
    known = _overlap([one or [] for one in specialties], [one.specialties for one in profiles])
    return COUNTY * near.astype(np.int8) + SPECIALTY * known.astype(np.int8)


def _overlap(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> np.ndarray:
    """Return len(left) × len(right), true where the two lists share a word."""
    words = {word: number for number, word in enumerate(sorted({w for one in right for w in one}))}
    return _table(left, words) @ _table(right, words).T > 0


def _table(lists: Sequence[Sequence[str]], words: dict[str, int]) -> np.ndarray:
    table = np.zeros((len(lists), len(words)), np.float32)
    for number, one in enumerate(lists):
        table[number, [words[word] for word in one if word in words]] = 1
    return table
