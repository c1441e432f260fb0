"""Errors whose message a person may read."""

from dataclasses import dataclass


class DomainError(Exception):
    """A rule of the program says no. `str(error)` is a sentence for the person who tried."""


class WrongState(DomainError):
    """The thing has moved on: what was asked for is too late, too early or already done."""


@dataclass(frozen=True)
class StaleValue:
    """One value that somebody else changed since it was loaded.

    `mine` is what was typed and not stored; `theirs` is what is stored now, as version `version`.
    """

    key: str
    mine: object
    theirs: object
    version: int
    by: str
    at: str
