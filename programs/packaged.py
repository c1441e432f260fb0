"""The program definition that comes with the portal."""

from functools import cache
from pathlib import Path

from programs.schema import ProgramDefinition, load_definition

PACKAGED_DEFINITION = Path(__file__).resolve().parent / "definitions" / "ept-cohort-1.yaml"


@cache
def packaged_definition() -> ProgramDefinition:
    """The packaged definition, read and checked once per process."""
    return load_definition(PACKAGED_DEFINITION.read_text(encoding="utf-8"))
