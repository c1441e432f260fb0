"""What is asked of the queue, read from an address and written back to one: a link is a view."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from applications.enums import Status
from programs.choosing import SESSION_KEY as CYCLE

FACETS = (
    "status", "plan", "county", "population", "practice_type", "tribal", "hpi", "flag", "claimed",
)  # fmt: skip
NUMBERS = ("mcp_min", "mcp_max", "adjusted_min", "adjusted_max")
CLAIMED = ("me", "nobody", "anybody")
FIXED: Mapping[str, tuple[str, ...]] = {
    "status": tuple(value for value in Status.values if value != Status.DRAFT),
    "tribal": ("yes", "no"),
    "hpi": ("1", "2", "3", "4", "none"),
    "claimed": CLAIMED,
}
MOST_VALUES = 60
LONGEST_VALUE = 80
SLUG = re.compile(r"[\w-]+", re.ASCII)
LONGEST_SEARCH = 200
HIGHEST_SCORE = 999


@dataclass(frozen=True)
class Order:
    """By which number the queue is ordered, and whether the highest comes first."""

    key: str
    descending: bool = True

    @property
    def column(self) -> str:
        """Name of the column, or of the annotation for the order by relevance."""
        return SORTS.get(self.key, "relevance")

    @property
    def text(self) -> str:
        """How an address says it: "-members" is highest first."""
        return f"-{self.key}" if self.descending else self.key


SORTS: Mapping[str, str] = {
    "adjusted": "adjusted_score",
    "mcp": "mcp_score",
    "points": "priority_points",
    "members": "members",
    "payment": "potential_payment",
    "hpi": "hpi_quartile",
    "submitted": "submitted_at",
}
USUAL = Order("adjusted")
RELEVANCE = Order("relevance")


@dataclass(frozen=True)
class Asked:
    """Cycle, search words, chosen values by facet, limits of scores in points, order and columns.

    Values of one facet are joined by "or", everything else by "and". What an address says and nobody
    can mean is left out, so that any address is a view. `cycle` is a slug, "" for the reader's own choice.
    """

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    ordered_by: Order | None = None
    columns: tuple[str, ...] = ()
    cycle: str = ""

    @property
    def order(self) -> Order:
        """The order chosen, else the best match first for a search, else the highest adjusted score."""
        return self.ordered_by or (RELEVANCE if self.words else USUAL)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out of the cycle's list."""
        return bool(self.words or self.chosen or self.limits)

    def values(self, facet: str) -> tuple[str, ...]:
        """Return the chosen values of a facet."""
        return self.chosen.get(facet, ())

    def without(self, facet: str) -> "Asked":
        """Return the same with nothing chosen of one facet."""
        return replace(self, chosen={k: v for k, v in self.chosen.items() if k != facet})

    def toggled(self, facet: str, value: str) -> "Asked":
        """Return the same with one value of a facet put in or taken out."""
        now = self.values(facet)
        new = tuple(v for v in now if v != value) if value in now else (*now, value)
        chosen = {**self.chosen, facet: new}
        return replace(self, chosen={name: chosen[name] for name in FACETS if chosen.get(name)})

    def without_limits(self, *names: str) -> "Asked":
        """Return the same without some limits of scores."""
        return replace(self, limits={k: v for k, v in self.limits.items() if k not in names})

    def pairs(self) -> list[tuple[str, str]]:
        """Return names and values for an address, always in the same order."""
        found = [(CYCLE, self.cycle)] if self.cycle else []
        found += [("q", self.words)] if self.words else []
        found += [(name, value) for name in FACETS for value in sorted(self.values(name))]
        found += [(name, str(self.limits[name])) for name in NUMBERS if name in self.limits]
        if self.ordered_by:
            found.append(("order", self.ordered_by.text))
        if self.columns:
            found.append(("columns", ",".join(self.columns)))
        return found

    def query(self, **more: str) -> str:
        """Return the query string without "?"; the same view always has the same one."""
        return urlencode([*self.pairs(), *((k, v) for k, v in more.items() if v)])


def read(given: QueryDict) -> Asked:
    """Return what an address asks for."""
    chosen = {name: _values(name, given.getlist(name)) for name in FACETS}
    limits = {name: _limit(given.get(name, "")) for name in NUMBERS}
    return Asked(
        words=" ".join(given.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH],
        chosen={name: values for name, values in chosen.items() if values},
        limits={name: value for name, value in limits.items() if value is not None},
        ordered_by=_order(given.get("order", "")),
        columns=tuple(filter(None, given.get("columns", "")[:400].split(","))),
        cycle=_slug(given.get(CYCLE, "")),
    )


def rewritten(text: str) -> str:
    """Return the query string of the view that `text` asks for, in the one way it is written."""
    return read(QueryDict(text.removeprefix("?"))).query()


def _values(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    once = dict.fromkeys(text for text in texts if text)
    return tuple(text for text in once if _can_be(name, text))[:MOST_VALUES]


def _can_be(name: str, text: str) -> bool:
    if name in FIXED:
        return text in FIXED[name]
    if name == "plan":
        return text.isascii() and text.isdecimal() and len(text) < 18
    return len(text) <= LONGEST_VALUE and "\x00" not in text


def _limit(text: str) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        return None
    return min(int(text), HIGHEST_SCORE)


def _slug(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE and SLUG.fullmatch(text) else ""


def _order(text: str) -> Order | None:
    key = text.removeprefix("-")
    return Order(key, text.startswith("-")) if key in SORTS else None
