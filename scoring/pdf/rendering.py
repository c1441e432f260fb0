"""A packet's data and our template in, PDF/UA-1 out. No text of a person ever becomes typst source."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from applications.pdf.letters import BOX, printable
from applications.pdf.rendering import FONTS, PANIC, STANDARD

TEMPLATE = Path(__file__).parent / "templates" / "packet.typ"
ROOT = Path(__file__).parents[2]  # the template imports the house style of the applications' PDFs
logger = logging.getLogger(__name__)


def render(data: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return the packet filled with `data` (JSON-able) as a PDF dated `at`.

    Letters that the fonts do not have are shown as boxes; then `box_note` of `data` is printed at the
    end. Reads no file but our templates, fetches nothing.
    """
    try:
        return _compile(_prepared(data, printable), at)
    except BaseException as error:  # typst's panic is no Exception
        if not isinstance(error, typst.TypstError) and type(error).__name__ != PANIC:
            raise
        logger.warning("A packet is set with Latin letters only: %s", type(error).__name__)
        return _compile(_prepared(data, lambda text: printable(text, latin_only=True)), at)


def _prepared(data: Mapping[str, Any], show: Callable[[str], str]) -> dict[str, Any]:
    prepared = _each_text(data, show)
    note = prepared.pop("box_note")
    has_boxes = BOX in json.dumps(prepared, ensure_ascii=False)
    return prepared | {"box_note": note if has_boxes else ""}


def _each_text(value: Any, show: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return "\n".join(show(line) for line in value.splitlines())
    if isinstance(value, Mapping):
        return {key: _each_text(item, show) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, show) for item in value]
    return value


def _compile(data: Mapping[str, Any], at: datetime) -> bytes:
    return typst.compile(
        TEMPLATE,
        root=ROOT,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        pdf_standards=STANDARD,
        package_path=TEMPLATE.parent,
        package_cache_path=TEMPLATE.parent,
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


@cache
def _fonts() -> typst.Fonts:
    """Return Public Sans and the fonts that come with typst; the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
