"""The columns of an import file: one row is one application.

Fixed columns come first, then five for each site, then one for each question of the program. Several
values in one cell are separated by "|". Dates are 2023-10-12 or 10/12/2023.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from core.times import PACIFIC
from programs.geography import california_zips, county_of_zip
from programs.models import Cycle, PlanCounty
from programs.schema import ProgramDefinition, Question

FIXED = (
    "paper_id",
    "received_on",
    "signed_name",
    "signed_title",
    "signed_on",
    "attested",
    "practice_name",
    "dba",
    "npi",
    "tin",
    "specialties",
    "practice_types",
    "ehr",
    "website",
    "members",
    "members_as_of",
)
SITE_PARTS = ("name", "street", "city", "zip", "npi")
MOST_SITES = 20
SITES_SHOWN = 3
SEPARATOR = "|"
BYTE_ORDER_MARK = "\ufeff"
_SITE = re.compile(rf"site_([1-9][0-9]?)_({'|'.join(SITE_PARTS)})")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
FALLBACK_ZIP = "93701"


def site_column(number: int, part: str) -> str:
    """Return the name of one column of site `number` (from 1)."""
    return f"site_{number}_{part}"


def is_site_column(name: str) -> bool:
    """Tell whether this is a column of one of the sites that a row can have."""
    found = _SITE.fullmatch(name)
    return found is not None and int(found[1]) <= MOST_SITES


def answer_column(question: Question) -> str:
    """Return the column of a question: its key, or answer_KEY when that is another column."""
    taken = question.key in FIXED or is_site_column(question.key)
    return f"answer_{question.key}" if taken else question.key


def header(definition: ProgramDefinition, sites: int = SITES_SHOWN) -> list[str]:
    """Return every column with room for `sites` sites, in the order of the template."""
    places = [site_column(n, part) for n in range(1, sites + 1) for part in SITE_PARTS]
    return [*FIXED, *places, *(answer_column(question) for question in definition.questions())]


def needed(definition: ProgramDefinition) -> list[str]:
    """Return the columns that a file can't do without: all but those of the second site and on."""
    return header(definition, sites=1)


EXAMPLE_ID, EXAMPLE_NAME = "PAPER-001", "Example Family Medicine"


def template(cycle: Cycle, plan: Organisation | None = None) -> str:
    """Return the header and one example row as CSV text; the row is fit for `plan`.

    An import refuses it while it has the example's id and name.
    """
    row = example(cycle, plan)
    columns = header(cycle.definition)
    return to_csv([columns, [row.get(column, "") for column in columns]])


def example(cycle: Cycle, plan: Organisation | None) -> dict[str, str]:
    """Return an example by column: received and signed on a day on which the cycle is open."""
    definition = cycle.definition
    day = min(max(timezone.localdate(), _day(cycle.opens_at)), _day(cycle.closes_at))
    zip_code = _zip_of(plan)
    row = {
        "paper_id": EXAMPLE_ID,
        "received_on": day.isoformat(),
        "signed_name": "Ana Ruiz",
        "signed_title": "Owner",
        "signed_on": day.isoformat(),
        "attested": "yes",
        "practice_name": EXAMPLE_NAME,
        "npi": "1234567893",
        "tin": "94-1234567",
        "specialties": SEPARATOR.join(c.value for c in definition.specialties[:2]),
        "practice_types": definition.practice_types[0].value,
        "ehr": "OpenEMR",
        "members": "920",
        "members_as_of": (day - timedelta(days=1)).isoformat(),
        "site_1_name": "Main Street Clinic",
        "site_1_street": "1 Main Street",
        "site_1_city": county_of_zip(zip_code),
        "site_1_zip": zip_code,
    }
    answers = {
        answer_column(question): _example_answer(question, definition, day)
        for question in definition.questions()
        if question.required and question.only_if is None
    }
    return row | answers


def to_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV that a spreadsheet opens as text: no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def harmless(cell: Any) -> Any:
    """Return the cell; a text that a spreadsheet would run as a formula gets an apostrophe first."""
    if isinstance(cell, str) and cell.lstrip().startswith(_DANGEROUS):
        return f"'{cell}"
    return cell


def _day(moment) -> date:
    return moment.astimezone(PACIFIC).date()


def _zip_of(plan: Organisation | None) -> str:
    """Return a ZIP code in a county where the plan operates."""
    if plan is None:
        return FALLBACK_ZIP
    served = set(PlanCounty.objects.filter(plan=plan).values_list("county", flat=True))
    found = (code for code in (FALLBACK_ZIP, *california_zips()) if county_of_zip(code) in served)
    return next(found, FALLBACK_ZIP)


def _example_answer(question: Question, definition: ProgramDefinition, day: date) -> str:
    choices = definition.choices_of(question)
    return {
        "email": "ana.ruiz@practice.example",
        "integer": str(question.minimum or 3),
        "decimal": "6.5",
        "date": day.isoformat(),
        "yes_no": "yes",
        "choice": choices[0].value if choices else "",
        "multi_choice": choices[0].value if choices else "",
    }.get(question.kind, "What the practice wrote on paper.")
