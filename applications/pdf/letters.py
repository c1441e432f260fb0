"""Which letters a PDF can show: those of typst's own fonts that stand by themselves.

PDF/UA forbids a character without a glyph, so one that no font has is shown as an empty box. Scripts
that join or reorder their letters are shown as boxes too: the fonts cover them in part only.
"""

import re
import unicodedata

BOX = "□"
BREAK = "\u200b"
LONGEST_WORD = (
    40  # characters; a longer run may break after every few, so that it stays on the page
)
CHUNK = re.compile(".{1,8}")  # the widest letters of one fit in the narrowest column

# Latin, Greek, Cyrillic, Hebrew, Vietnamese, punctuation, currencies, fractions, arrows, signs.
_RANGES = (
    "\x20-\x7e\xa0-\xac\xae-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u04ff\u05d0-\u05ea\u1e00-\u1fff"
    "\u2010-\u2027\u2030-\u2040\u2042\u2044-\u2052\u2070-\u209c\u20a0-\u20bf\u2100-\u211e\u2126-\u2151"
    "\u2153-\u2184\u2190-\u21ff\u2200-\u22ff\u2500-\u25ff\u2605\u2606\u2610-\u2612\u2713\u2714\ufb00-\ufb06"
)
_LATIN = "\x20-\x7e\xa0-\xac\xae-\u017f\u2010-\u2015\u2018-\u201f\u2022\u2026\u20ac\u2122\u25a1"
_FOREIGN = re.compile(f"[^{_RANGES}]")
_NOT_LATIN = re.compile(f"[^{_LATIN}]")
_INVISIBLE = re.compile(
    "[\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_SPACE = re.compile("[\t\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\x1c-\x1f\x85]")
_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


def printable(text: str, *, latin_only: bool = False) -> str:
    """Return one line of `text` as it can be printed: boxes for letters that no font has.

    `latin_only` also boxes everything beyond Latin letters and plain punctuation.
    """
    composed = unicodedata.normalize("NFC", text)
    plain = _INVISIBLE.sub("", _SPACE.sub(" ", composed))
    shown = _FOREIGN.sub(BOX, plain)
    if latin_only:
        shown = _NOT_LATIN.sub(BOX, shown)
    return _LONG.sub(_breakable, shown)


def _breakable(found: re.Match[str]) -> str:
    return BREAK.join(CHUNK.findall(found[0]))
