"""A decision letter on paper."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.pdf.rendering import render
from selection.domain.letters import Letter
from selection.presenting.later import Line

ROOT = Path(__file__).parents[2]  # holds the template and the house style that it imports
TEMPLATE = "selection/pdf/templates/letter"


def letter_pdf(letter: Letter, later: Sequence[Line] = ()) -> bytes:
    """Return the letter as a PDF dated with the release, in the language that is active.

    `later` is what changed the decision since.
    """
    return render(TEMPLATE, _data(letter, later), at=letter.released_at, root=ROOT)


def _data(letter: Letter, later: Sequence[Line]) -> dict[str, Any]:
    application = letter.application
    language, _dash, region = (get_language() or "en").partition("-")
    title = _("Decision on application %(reference)s") % {"reference": application.reference}
    sender = _("California Department of Health Care Services (DHCS)")
    return {
        "language": language,
        "region": region.upper() if len(region) == 2 else "",
        "title": title,
        "author": sender,
        "heading": letter.heading,
        "people": [[_("From"), sender], [_("To"), application.practice.name]],
        "practice": application.practice.name,
        "reference": application.reference,
        "program": application.cycle.shown_title,
        "draft": False,
        "watermark": "",
        "page": _("Page"),
        "of": _("of"),
        "paragraphs": letter.paragraphs,
        "facts_title": _("How the decision was made"),
        "facts": [list(pair) for pair in letter.facts],
        "later_title": _("What changed since"),
        "first_title": _("The decision as released"),
        "later": [[line.title, line.body] for line in later],
        "plan_title": _("What your plan wrote") if letter.plan_says else "",
        "plan_says": letter.plan_says,
        "box_note": _(
            "□ stands for a character that this document's letters do not have. The portal shows it "
            "as it was typed."
        ),
    }
