"""Texts and numbers that break careless pages, and a way to try many without leaving a trace."""

from contextlib import contextmanager

from django.db import transaction
from django.utils.html import escape
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

ALERT = "<script>alert(1)</script>"
NASTY = (
    "\u202eright to left\u202c",
    "\u2067\u05d0\u05d1\u2069",
    "🏥👩🏽‍⚕️",
    f"</textarea>\"'>{ALERT}",
    "&lt;b&gt; &amp; &",
    "=cmd|' /C calc'!A0",
    "{{ x }} {% y %} %s %(n)d ${person} {0}",
    "a\r\nBcc: all@people.example",
    "\x01\x07\x1b[31m\x7f\x0b\x0c\x85\u2028z",
    "e\u0301\u200b\ufeff\u00ad漢字\ufffe\uffff\ue000\U0010fffe",
    "../../../etc/passwd",
)
MIXED = " ".join(NASTY[:5])
OTHERS = " ".join(NASTY[5:])
NUL = "a\x00b"
MILLION = "x" * 1_000_000
LONG_URL = "https://practice.example/" + "a" * 1500
NUMBERS = ("-1", "1e999999", "NaN", "²", "9" * 19, "9" * 5000)
DAYS = ("0001-01-01", "9999-12-31", "10000-01-01")
BATTERY = (MIXED, NUL, LONG_URL, "9" * 19, "9" * 5000, "²", *DAYS[:2])

_PIECES = st.sampled_from([*NASTY, "\r\n", "\n", "%", "="])
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TYPED = st.lists(_PIECES | st.text(LETTERS, max_size=8), min_size=1, max_size=3).map("".join)
FEW = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def undone():
    """Take back whatever the block stores."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def shows(page: str, text: str) -> bool:
    """Tell whether every line of a text is on the page, escaped, and none of it as markup."""
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    return ALERT not in page and all(escape(line) in page for line in lines)
