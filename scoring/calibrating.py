"""Practice sheets beside one another: own points, the group's and the reference. No database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from applications.reading import Block, Entry, answer_text
from programs.schema import Criterion, ProgramDefinition, ReferencePoints, SampleApplication
from scoring.fairness import Refused
from scoring.statistics import AllTheSame, Estimate, TooFew, distribution, ordinal_alpha


class Given(NamedTuple):
    """Points that one reviewer (hat id) gave for one criterion of one sample."""

    reviewer: int
    sample: str
    code: str
    points: int


@dataclass(frozen=True)
class Compared:
    """One criterion of one sample: the group's points, how far they are apart, own ones, the reference.

    `counts` says how many gave 0, 1, … points; `mean` and `spread` are in points, None without sheets.
    """

    criterion: Criterion
    counts: list[int]
    mean: float | None
    spread: int | None
    own: int | None
    reference: ReferencePoints | None

    @property
    def away(self) -> float:
        """How far the own points are from the group's mean, in points; 0 without either."""
        return 0.0 if self.own is None or self.mean is None else self.own - self.mean


def compare(
    given: Iterable[Given],
    sample: SampleApplication,
    criteria: Sequence[Criterion],
    *,
    own: int | None = None,
) -> list[Compared]:
    """Return one row for each criterion; with `own` (hat id) its points are kept out of the group."""
    group: dict[str, list[int]] = defaultdict(list)
    mine: dict[str, int] = {}
    for reviewer, key, code, points in given:
        if key != sample.key:
            continue
        if reviewer == own:
            mine[code] = points
        else:
            group[code].append(points)
    return [
        Compared(
            criterion=criterion,
            counts=distribution(group[criterion.code], criterion.max_points),
            mean=_mean(group[criterion.code]),
            spread=_spread(group[criterion.code]),
            own=mine.get(criterion.code),
            reference=sample.reference_for(criterion.code),
        )
        for criterion in criteria
    ]


def agreement(given: Iterable[Given]) -> Estimate | Refused:
    """Return Krippendorff's alpha over all criteria of all samples, each of them a unit."""
    rows = list(given)
    units, points = [(row.sample, row.code) for row in rows], [row.points for row in rows]
    try:
        return ordinal_alpha(units, points)
    except TooFew as error:
        return Refused(error.found, error.needed)
    except AllTheSame:
        return Refused()


def blocks_of(sample: SampleApplication, definition: ProgramDefinition, about: str) -> list[Block]:
    """Return the sample as blocks to read, `about` as the title of its facts.

    Only questions that it answers are shown.
    """
    facts = [Entry(f"fact_{n}", one.name, one.text) for n, one in enumerate(sample.facts)]
    blocks = [Block("about", about, entries=facts)] if facts else []
    for section in definition.sections:
        entries = [
            _entry(question, sample, definition)
            for question in section.questions
            if question.key in sample.answers
        ]
        if entries:
            blocks.append(Block(section.key, section.title, entries=entries))
    return blocks


def _entry(question, sample: SampleApplication, definition: ProgramDefinition) -> Entry:
    value = sample.answers[question.key]
    text = answer_text(question, list(value) if isinstance(value, tuple) else value, definition)
    judges = [c.code for c in definition.criteria() if question.key in c.answers]
    long = question.kind == "long_text"
    return Entry(
        question.key, question.label, text, long, len(text.split()) if long else 0, " ".join(judges)
    )


def _mean(points: Sequence[int]) -> float | None:
    return sum(points) / len(points) if points else None


def _spread(points: Sequence[int]) -> int | None:
    return max(points) - min(points) if points else None
