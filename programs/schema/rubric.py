"""The scoring rubric as data: sections, criteria and what each number of points means."""

from pydantic import Field

from programs.schema.base import Key, Part, SourcedPart, Text


class Level(Part):
    """What earns this number of points, in one sentence."""

    points: int = Field(ge=0)
    text: Text


class Criterion(SourcedPart):
    """One thing a reviewer scores with whole points from 0 to `max_points`.

    `answers` are the questions it judges; `sections` are pages without questions (sites,
    members) it looks at.
    """

    code: Text
    title: Text
    judged: Text
    max_points: int = Field(ge=1)
    levels: tuple[Level, ...]
    answers: tuple[Key, ...] = ()
    sections: tuple[Key, ...] = ()


class RubricSection(SourcedPart):
    """Criteria that belong together; `number` is printed before the title."""

    number: int = Field(ge=1)
    title: Text
    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @property
    def max_points(self) -> int:
        """Most points the section can earn."""
        return sum(criterion.max_points for criterion in self.criteria)


class Rubric(Part):
    """The whole rubric; `total` is stated so that a slip in one criterion is noticed."""

    total: int = Field(ge=1)
    sections: tuple[RubricSection, ...] = Field(min_length=1)
