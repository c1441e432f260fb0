"""The program definition that comes with the portal."""

from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from programs.schema import ProgramDefinition, load_definition, read_program

PACKAGED_DEFINITION = Path(__file__).resolve().parent / "definitions" / "ept-cohort-1.yaml"


@cache
def packaged_text() -> str:
    """The packaged program file with its translations, as `store_version` takes it."""
    return read_program(PACKAGED_DEFINITION)


@cache
def packaged_definition() -> ProgramDefinition:
    """The packaged definition, read and checked once per process."""
    return load_definition(packaged_text())


def packaged_for_readers() -> ProgramDefinition:
    """The packaged definition in the language of the page."""
    return _in_language(get_language() or "")


@cache
def _in_language(code: str) -> ProgramDefinition:
    return packaged_definition().in_language(code)
