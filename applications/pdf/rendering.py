"""Data and a template of ours in, PDF/UA-1 out. No text of a person ever becomes typst source."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from applications.pdf.letters import BOX, printable

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(__file__).parent / "fonts"
STANDARD: Literal["ua-1"] = "ua-1"
PANIC = "PanicException"  # what typst raises when it trips over itself; not an Exception

logger = logging.getLogger(__name__)


def render(
    template: str, data: Mapping[str, Any], *, at: datetime, root: Path = TEMPLATES
) -> bytes:
    """Return `<root>/<template>.typ` filled with `data` (JSON-able) as a PDF dated `at`.

    A template of another app names a `root` above both, so that it can import the house style here.

    Letters that the fonts do not have are shown as boxes; then `box_note` of `data` is printed at the
    end. Reads no file but our templates, fetches nothing.
    """
    try:
        return _compile(template, _prepared(data, printable), at, root)
    except BaseException as error:
        if not _is_about_letters(error):
            raise
        logger.warning("A PDF is set with Latin letters only: %s", type(error).__name__)
        return _compile(template, _prepared(data, _latin), at, root)


def _latin(text: str) -> str:
    return printable(text, latin_only=True)


def _is_about_letters(error: BaseException) -> bool:
    return isinstance(error, typst.TypstError) or type(error).__name__ == PANIC


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


def _compile(template: str, data: Mapping[str, Any], at: datetime, root: Path) -> bytes:
    return typst.compile(
        root / f"{template}.typ",
        root=root,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        pdf_standards=STANDARD,
        package_path=TEMPLATES,
        package_cache_path=TEMPLATES,
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


@cache
def _fonts() -> typst.Fonts:
    """Return Public Sans and the fonts that come with typst; the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
