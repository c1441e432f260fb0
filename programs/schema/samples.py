"""Sample applications that reviewers score for practice before they score real ones."""

from pydantic import Field

from programs.schema.base import Key, Part, SourcedPart, Text


class ReferencePoints(Part):
    """What a practised reader would give for one criterion, and why."""

    code: Text
    points: int = Field(ge=0)
    reason: Text


class SampleFact(Part):
    """One fact about a made-up practice, such as the number of its members."""

    name: Text
    text: Text


class SampleApplication(SourcedPart):
    """A made-up application: facts about the practice in order, answers by question key.

    Its texts are for reviewers, who score in English; they are not translated.
    """

    key: Key
    title: Text
    summary: Text
    facts: tuple[SampleFact, ...] = ()
    answers: dict[Key, Text | tuple[Text, ...]]
    reference: tuple[ReferencePoints, ...] = ()

    def reference_for(self, code: str) -> ReferencePoints | None:
        """The reference points of a criterion, None where there are none."""
        return next((one for one in self.reference if one.code == code), None)
