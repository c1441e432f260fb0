"""Who reviews what: the fairest loads first, then the most preferred pairs. Pure, exact, numpy only.

It is a minimum-cost flow from applications to reviewers with a convex cost on each reviewer's load.
There are few reviewers and many applications, so it is solved on the small graph of the reviewers: an
arc from r to s stands for the cheapest application that can move from r to s. Cancelling every cycle
that improves something ends at an optimum (M. Klein, "A primal method for minimal cost flows",
Management Science 14, 1967). The loads are the fairest in every sense at once: the largest is as small
and the smallest as large as can be (A. Frank and K. Murota, "Decreasing minimization on M-convex
sets", Mathematical Programming 195, 2022). A general solver would have to hold one variable for each
of the 3,000,000 pairs of 10,000 applications and 300 reviewers.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FAR = np.iinfo(np.int32).max // 4
SOON = 200  # cycles until half of the rest counts as done


@dataclass(frozen=True)
class Pool:
    """What can be assigned. Rows are applications (A), columns reviewers (R).

    `allowed` (A×R, bool): the pair breaks no rule and does not stand already. `need` (A): how many
    reviewers are still wanted. `load` (R): reviews that stand already; `room` (R): how many more a
    reviewer takes. `preference` (A×R, small whole numbers, higher is better).
    """

    allowed: np.ndarray
    need: np.ndarray
    load: np.ndarray
    room: np.ndarray
    preference: np.ndarray


@dataclass(frozen=True)
class Plan:
    """`chosen` (A×R, bool): the new pairs; `unplaced` (A): how many reviewers could not be found."""

    chosen: np.ndarray
    unplaced: np.ndarray


def balance(pool: Pool, progress: Callable[[float], None] | None = None) -> Plan:
    """Return the plan that places the most, with the fairest loads, with the most preference.

    In this order: as many reviews placed as can be; then the loads (standing and new) as even as can
    be; then the sum of the preferences as large as can be. The same pool gives the same plan.
    `progress` hears the share done, 0 to 1, now and then.
    """
    say = progress or _silent
    search = _Search(pool)
    search.fill()
    say(0.3)
    while search.place_more():
        pass
    say(0.4)
    while search.level():
        pass
    say(0.5)
    rounds = 0
    while search.prefer():
        rounds += 1
        say(1 - 0.5 * SOON / (SOON + rounds))  # nobody knows how many are to come
    say(1.0)
    return Plan(search.chosen[:, :-1], search.chosen_nobody)


def _silent(share: float) -> None:
    """Hear nothing."""


class _Search:
    """A plan that is improved step by step. The last column is nobody, who takes what is unplaced."""

    def __init__(self, pool: Pool) -> None:
        rows, columns = pool.allowed.shape
        self.allowed = np.hstack([pool.allowed, np.ones((rows, 1), bool)])
        self.preference = np.hstack(
            [pool.preference.astype(np.int32), np.zeros((rows, 1), np.int32)]
        )
        self.chosen = np.zeros((rows, columns + 1), bool)
        self.chosen_nobody = pool.need.astype(np.int64).copy()
        self.load = pool.load.astype(np.int64).copy()
        self.room = pool.room.astype(np.int64).copy()
        self.nobody = columns
        self.cost = np.full((columns + 1, columns + 1), FAR, np.int32)
        self.mover = np.zeros((columns + 1, columns + 1), np.int64)
        self.stale = set(range(columns + 1))

    def fill(self) -> None:
        """Give every application, round by round, the least loaded allowed reviewer it likes best."""
        order = np.argsort(self.allowed[:, :-1].sum(axis=1), kind="stable")
        for _round in range(int(self.chosen_nobody.max(initial=0))):
            for a in order[self.chosen_nobody[order] > 0]:
                free = self.allowed[a, :-1] & ~self.chosen[a, :-1] & (self.room > 0)
                if not free.any():
                    continue
                rank = self.load * 1000 - self.preference[a, :-1]
                self._take(a, int(np.where(free, rank, FAR).argmin()))

    def _take(self, a: int, r: int) -> None:
        self.chosen[a, r] = True
        self.chosen_nobody[a] -= 1
        self.load[r] += 1
        self.room[r] -= 1

    def place_more(self) -> bool:
        """Place one more review by a chain of moves that ends at a reviewer with room."""
        self._refresh()
        open_ends = np.flatnonzero(self.room > 0)
        return self._shift(self.nobody, open_ends)

    def level(self) -> bool:
        """Take one review from a reviewer and give it, by a chain, to one with two fewer or less."""
        self._refresh()
        for r in np.argsort(-self.load, kind="stable"):
            ends = np.flatnonzero((self.load <= self.load[r] - 2) & (self.room > 0))
            if len(ends) and self._shift(int(r), ends):
                return True
        return False

    def _shift(self, start: int, ends: np.ndarray) -> bool:
        """Move one review along a shortest chain from `start` to one of `ends`, if there is any."""
        before, seen = {start: start}, [start]
        wanted = set(ends.tolist())
        for r in seen:
            for s in np.flatnonzero(self.cost[r] < FAR).tolist():
                if s in before:
                    continue
                before[s] = r
                if s in wanted:
                    self._follow(before, start, s)
                    return True
                seen.append(s)
        return False

    def _follow(self, before: dict[int, int], start: int, end: int) -> None:
        chain = [end]
        while chain[-1] != start:
            chain.append(before[chain[-1]])
        chain.reverse()
        for r, s in itertools.pairwise(chain):
            self._move(r, s)

    def _move(self, r: int, s: int) -> None:
        """Move the cheapest application from r to s. Only the ends of a chain change their loads."""
        a = int(self.mover[r, s])
        if r == self.nobody:
            self.chosen_nobody[a] -= 1
        else:
            self.chosen[a, r] = False
            self.load[r] -= 1
            self.room[r] += 1
        if s == self.nobody:
            self.chosen_nobody[a] += 1
        else:
            self.chosen[a, s] = True
            self.load[s] += 1
            self.room[s] -= 1
        self.stale |= {r, s, self.nobody, *np.flatnonzero(self.chosen[a, :-1]).tolist()}

    def prefer(self) -> bool:
        """Cancel one cycle of moves that adds preference and leaves the loads as even as they are."""
        self._refresh()
        graph = self.cost.copy()
        self._swap_arcs(graph)
        cycle = _negative_cycle(graph)
        if not cycle:
            return False
        for r, s in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            if graph[r, s] == self.cost[r, s]:
                self._move(r, s)
        return True

    def _swap_arcs(self, graph: np.ndarray) -> None:
        """Let a chain from r end at s for nothing where s has one review less and room: from s back to r."""
        load = self.load
        swap = (load[None, :] == load[:, None] + 1) & (self.room > 0)[:, None]
        inner = graph[:-1, :-1]
        inner[swap & (inner > 0)] = 0

    def _refresh(self) -> None:
        for r in self.stale:
            self._row(r)
        self.stale.clear()

    def _row(self, r: int) -> None:
        held = self.chosen_nobody > 0 if r == self.nobody else self.chosen[:, r]
        rows = np.flatnonzero(held)
        if not len(rows):
            self.cost[r] = FAR
            return
        open_to = self.allowed[rows] & ~self.chosen[rows]
        open_to[:, r] = False
        change = np.where(open_to, self.preference[rows, r][:, None] - self.preference[rows], FAR)
        best = change.argmin(axis=0)
        self.cost[r] = change[best, np.arange(change.shape[1])]
        self.mover[r] = rows[best]


def _negative_cycle(graph: np.ndarray) -> list[int]:
    """Return the nodes of a cycle of negative cost, in order, or nothing (Bellman and Ford)."""
    size = len(graph)
    distance = np.zeros(size, np.int64)
    parent = np.full(size, -1)
    for _round in range(size):
        through = distance[:, None] + graph
        best = through.argmin(axis=0)
        reached = through[best, np.arange(size)]
        better = reached < distance
        if not better.any():
            return []
        distance = np.where(better, reached, distance)
        parent = np.where(better, best, parent)
        if cycle := _cycle_of(parent):
            return cycle
    return []


def _cycle_of(parent: np.ndarray) -> list[int]:
    """Return a cycle in the graph of parents, in the direction of the arcs, or nothing."""
    state = np.zeros(len(parent), np.int8)
    for start in range(len(parent)):
        node, path = start, []
        while node >= 0 and state[node] == 0:
            state[node] = 1
            path.append(node)
            node = int(parent[node])
        if node >= 0 and state[node] == 1:
            return path[path.index(node) :][::-1]
        for one in path:
            state[one] = 2
    return []
