"""The two documents: a whole application, and the receipt of what was signed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications.models import Application, Submission
from applications.pdf.rendering import render
from applications.reading import Block, Entry
from core.times import long


def application_pdf(
    application: Application, blocks: Sequence[Block], *, submission: Submission | None = None
) -> bytes:
    """Return the whole application as a PDF in the language that is active.

    `blocks` is the content to print. With `submission` it is what was signed, and ends with the
    signature; without, it is a draft as it is now and says so across every page.
    """
    at = submission.created_at if submission else timezone.now()
    return render("application", _application(application, blocks, submission, at), at=at)


def receipt_pdf(submission: Submission) -> bytes:
    """Return the receipt of `submission`: reference, time (Pacific), signer and SHA-256."""
    application = submission.application
    data = _frame(application) | {
        "title": _("Receipt of application %(reference)s") % {"reference": application.reference},
        "heading": _("Receipt"),
        "draft": False,
        "lede": _(
            "The application below is submitted. The receipt on the portal and our email hold the "
            "same reference, time and hash."
        ),
        "facts": [
            [_("Reference"), application.reference],
            [_("Practice"), application.practice.name],
            [_("Program"), application.cycle.shown_title],
            [_("Plan that scores this"), _plan(application)],
            *_signature(submission),
        ],
        "hash": [_("SHA-256 of the content"), submission.sha256],
        "next_title": _("What happens next"),
        "next": [
            _("%(plan)s scores your application until %(due)s. Then DHCS decides.")
            % {"plan": _plan(application), "due": long(application.cycle.scoring_due_at)},
            _("We email every owner of the practice when there is a decision."),
        ],
        "about_hash_title": _("What the hash is for"),
        "about_hash": _(
            "SHA-256 is a fingerprint of everything you signed. If one letter of it changed, the "
            "fingerprint would be a different one."
        ),
    }
    return render("receipt", data, at=submission.created_at)


def _application(
    application: Application, blocks: Sequence[Block], submission: Submission | None, at: datetime
) -> dict[str, Any]:
    draft = submission is None
    reference = application.reference
    title = (
        _("Application %(reference)s") if submission else _("Draft of application %(reference)s")
    )
    return _frame(application) | {
        "title": title % {"reference": reference},
        "heading": application.practice.name,
        "draft": draft,
        "watermark": _("Draft – not submitted"),
        "facts": [
            [_("Reference"), reference],
            [_("Program"), application.cycle.shown_title],
            [_("Plan that scores this"), _plan(application)],
            [_("Printed") if draft else _("Submitted"), long(at)],
        ],
        "blocks": [_block(block) for block in blocks],
        "no_rows": _("Nothing entered."),
        "no_answer": _("No answer."),
        "signature": _signed(application, submission) if submission else None,
    }


def _frame(application: Application) -> dict[str, Any]:
    """Return what both documents say around their content."""
    language, _dash, region = (get_language() or "en").partition("-")
    return {
        "language": language,
        "region": region.upper() if len(region) == 2 else "",
        "reference": application.reference,
        "practice": application.practice.name,
        "program": application.cycle.shown_title,
        "page": _("Page"),
        "of": _("of"),
        "box_note": _(
            "□ stands for a character that this document's letters do not have. The portal shows it "
            "as it was typed."
        ),
    }


def _plan(application: Application) -> str:
    plan = application.designated_mcp
    return plan.name if plan else _("Not chosen yet")


def _signature(submission: Submission) -> list[list[str]]:
    return [
        [_("Submitted"), long(submission.created_at)],
        [_("Signed by"), submission.signed_name],
        [_("Title"), submission.signed_title],
    ]


def _signed(application: Application, submission: Submission) -> dict[str, Any]:
    confirmed = json.loads(submission.content).get("signed", {}).get("attestations", [])
    texts = {item.key: item.text for item in application.cycle.localized.attestations}
    return {
        "title": _("Signature"),
        "facts": _signature(submission),
        "hash": [_("SHA-256 of the content"), submission.sha256],
        "confirmed": _("The signer confirmed:"),
        "attestations": [texts[key] for key in confirmed if key in texts],
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "title": block.title,
        "heads": block.heads,
        "rows": block.rows,
        "groups": [
            {"long": long_ones, "entries": [_entry(entry) for entry in entries]}
            for long_ones, entries in block.groups
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    words = ngettext("%(n)d word", "%(n)d words", entry.words) % {"n": entry.words}
    return {
        "label": entry.label,
        "answer": entry.answer,
        "words": words if entry.words else "",
    }
