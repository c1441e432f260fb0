"""What every part of a program definition shares: it never changes, and has a source."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Source = Literal["C", "I", "R", "X", "N"]
"""C confirmed in a DHCS text, I inferred from one, R recalled, X reconstructed, N not found."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

SAMPLE_SOURCES = frozenset({"R", "X", "N"})


class Part(BaseModel):
    """A part of a definition: never changed after loading, and no unknown names in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourcedPart(Part):
    """A part that says where it comes from."""

    source: Source

    @property
    def is_sample(self) -> bool:
        """True when DHCS has not published this part and staff should replace it."""
        return self.source in SAMPLE_SOURCES
