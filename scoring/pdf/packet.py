"""The packet: applications as they were submitted, each with its rubric, blank or with the scores."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from applications.pdf.rendering import render
from applications.reading import Block, read_document
from core.times import long
from programs.schema import Criterion, Rubric
from scoring.enums import Purpose
from scoring.models import ScoreSheet
from scoring.queries.offline import last_contents
from scoring.queries.packets import submitted_sheets

MOST = 25  # applications in one file
ROOT = Path(__file__).parents[2]  # holds the template and the house style that it imports
TEMPLATE = "scoring/pdf/templates/packet"


def packet_pdf(
    applications: Sequence[Application], *, hat: Membership, with_scores: bool, with_names: bool
) -> bytes:
    """Return a packet for 1 to 25 applications that `hat` may read, in the language that is active.

    With scores it holds the submitted sheets that `hat` may see, by name or by a code that is the same
    in the whole packet, and never a private note; without, room for points and comments (4 queries).
    Raises ValueError for none and for more than 25.
    """
    if not 0 < len(applications) <= MOST:
        raise ValueError(f"a packet takes 1 to {MOST} applications, not {len(applications)}")
    pks = [application.pk for application in applications]
    contents = last_contents(pks)
    sheets = submitted_sheets(hat, pks if with_scores else [])
    names = _names(sheets, with_names=with_names)
    parts = [
        _application(one, contents[one.pk], sheets.get(one.pk, []), names) for one in applications
    ]
    at = timezone.now()
    data = _frame(applications, hat, long(at), blank=not with_scores, parts=parts)
    return render(TEMPLATE, data, at=at, root=ROOT)


def _frame(
    applications: Sequence[Application],
    hat: Membership,
    printed: str,
    *,
    blank: bool,
    parts: list[dict[str, Any]],
) -> dict[str, Any]:
    language, _dash, region = (get_language() or "en").partition("-")
    program = applications[0].cycle.shown_title
    many = _("Packet of %(n)d applications") % {"n": len(parts)}
    title = many if len(parts) > 1 else _("Packet: %(what)s") % {"what": parts[0]["title"]}
    return {
        "language": language,
        "region": region.upper() if len(region) == 2 else "",
        "title": title,
        "heading": many,
        "practice": hat.organisation.name,
        "reference": program,
        "program": program,
        "draft": False,
        "watermark": "",
        "page": _("Page"),
        "of": _("of"),
        "facts": [
            [_("Program"), program],
            [_("Printed for"), hat.organisation.name],
            [_("Printed"), printed],
        ],
        "blank": blank,
        "rubric_title": _("Rubric") if blank else _("Scores"),
        "heads": [_("Criterion"), _("Points and comment")],
        "comment_label": _("Comment"),
        "no_scores": _("No sheet is submitted yet."),
        "no_rows": _("Nothing entered."),
        "no_answer": _("No answer."),
        "applications": parts,
        "box_note": _(
            "□ stands for a character that this document's letters do not have. The portal shows it "
            "as it was typed."
        ),
    }


def _application(
    application: Application, content: str, sheets: Sequence[ScoreSheet], names: Mapping[int, str]
) -> dict[str, Any]:
    cycle = application.cycle
    plan = application.designated_mcp
    submitted = application.submitted_at
    return {
        "title": _("Application %(reference)s") % {"reference": application.reference},
        "practice": application.practice.name,
        "reference": application.reference,
        "facts": [
            [_("Reference"), application.reference],
            [_("Program"), cycle.shown_title],
            [_("Plan that scores this"), plan.name if plan else _("Not chosen yet")],
            [_("Submitted"), long(submitted) if submitted else _("Not submitted")],
        ],
        "blocks": [_block(block) for block in read_document(content, cycle.localized)],
        "totals": _totals(application, sheets, names, cycle.localized.rubric),
        "sections": [
            {
                "title": f"{section.number}. {section.title}",
                "criteria": [_criterion(one, sheets, names) for one in section.criteria],
            }
            for section in cycle.localized.rubric.sections
        ],
    }


def _totals(
    application: Application,
    sheets: Sequence[ScoreSheet],
    names: Mapping[int, str],
    rubric: Rubric,
) -> list[list[str]]:
    of_total = _("%(points)d of %(total)d")
    rows = [
        [
            _reader(sheet, names),
            of_total % {"points": sheet.total, "total": rubric.total},
        ]
        for sheet in sheets
    ]
    if rows and application.mcp_score is not None:
        score = of_total % {"points": application.mcp_score, "total": rubric.total}
        rows.append([_("MCP score"), score])
    return rows


def _criterion(
    criterion: Criterion, sheets: Sequence[ScoreSheet], names: Mapping[int, str]
) -> dict[str, Any]:
    scores = []
    for sheet in sheets:
        points = {row.code: row.points for row in sheet.scores.all()}.get(criterion.code)
        comments = {row.code: row.text for row in sheet.comments.all()}
        given = "–" if points is None else str(points)
        scores.append(
            {
                "points": _("%(points)s of %(max)d")
                % {"points": given, "max": criterion.max_points},
                "reviewer": _reader(sheet, names),
                "comment": comments.get(criterion.code, ""),
            }
        )
    return {
        "code": criterion.code,
        "title": criterion.title,
        "judged": criterion.judged,
        "levels": [f"{level.points}: {level.text}" for level in criterion.levels],
        "points_label": _("Points (0 to %(max)d):") % {"max": criterion.max_points},
        "scores": scores,
    }


def _names(sheets: Mapping[int, Sequence[ScoreSheet]], *, with_names: bool) -> dict[int, str]:
    """Return what stands for each reviewer (by hat id): the name, or R1, R2 … in order of the hats."""
    people = {
        sheet.assignment.reviewer_id: sheet.assignment.reviewer.user.full_name
        for some in sheets.values()
        for sheet in some
    }
    if with_names:
        return people
    return {pk: f"R{number}" for number, pk in enumerate(sorted(people), start=1)}


def _reader(sheet: ScoreSheet, names: Mapping[int, str]) -> str:
    name = names[sheet.assignment.reviewer_id]
    is_third = sheet.assignment.purpose == Purpose.THIRD_READER
    return f"{name} ({_('third reader')})" if is_third else name


def _block(block: Block) -> dict[str, Any]:
    return {
        "title": block.title,
        "heads": block.heads,
        "rows": block.rows,
        "groups": [
            {
                "long": is_long,
                "entries": [{"label": one.label, "answer": one.answer} for one in entries],
            }
            for is_long, entries in block.groups
        ],
    }
