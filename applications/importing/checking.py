"""Checking the rows of an import file with the same fields and the same list as the portal's pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Organisation
from applications.completeness import missing_items
from applications.forms.sections import field_for, stored
from applications.identifiers import clean_npi, clean_tin, tin_digest
from applications.importing.columns import (
    EXAMPLE_ID,
    EXAMPLE_NAME,
    MOST_SITES,
    SEPARATOR,
    SITE_PARTS,
    answer_column,
    site_column,
)
from applications.importing.paper import Paper, content_of
from applications.importing.parsing import SHOWN, Row
from core.canonical import canonical_json, digest
from core.exceptions import DomainError
from core.forms import CountField, required_message
from core.times import PACIFIC
from programs.geography import county_of_zip
from programs.models import Cycle, PlanCounty
from programs.queries import hpi_for_zips
from programs.schema import Choice, ProgramDefinition, Question

DAYS = ["%Y-%m-%d", "%m/%d/%Y"]
LONGEST_REASON = 300
WRONG_DAY = _lazy("Write a date as 2023-10-12 or 10/12/2023.")
YES = {"yes", "y", "true", "1", "x"}
NO = {"no", "n", "false", "0"}
Clean = Callable[[str], Any]


def check_rows(rows: Sequence[Row], *, cycle: Cycle, plan: Organisation) -> list[Paper]:
    """Return what each row says with every reason against it (2 queries for any number of rows)."""
    checker = _Checker(cycle, plan)
    papers = [checker.read(row) for row in rows]
    checker.judge(papers)
    return papers


class _Checker:
    """The fields of one file, made once, and the checks that span several columns of a row."""

    def __init__(self, cycle: Cycle, plan: Organisation) -> None:
        self.cycle, self.plan, self.definition = cycle, plan, cycle.definition
        self.fixed = _fixed(self.definition)
        self.questions = {
            question.key: (answer_column(question), _answer(question, self.definition))
            for question in self.definition.questions()
        }
        self.site = _site()

    def read(self, row: Row) -> Paper:
        """Return the paper with the values that could be read."""
        paper = Paper(line=row.line)
        if row.fault:
            paper.reasons.append(row.fault)
            return paper
        cells = row.cells
        if (cells["paper_id"], cells["practice_name"]) == (EXAMPLE_ID, EXAMPLE_NAME):
            paper.paper_id, paper.name = EXAMPLE_ID, EXAMPLE_NAME
            paper.reasons.append(
                _(
                    "This is the example of the template. Replace it with an application, or delete it."
                )
            )
            return paper
        paper.digest = _digest_of(cells)
        paper.paper_id = _short(cells["paper_id"])
        paper.name = _short(cells["practice_name"])
        for name, clean in self.fixed.items():
            self._take(paper, paper.facts, name, name, cells[name], clean)
        for number in range(1, MOST_SITES + 1):
            self._read_site(paper, number, cells)
        for key, (column, clean) in self.questions.items():
            self._take(paper, paper.answers, key, column, cells[column], clean)
        if not paper.reasons:
            paper.paper_id, paper.name = paper.facts["paper_id"], paper.facts["practice_name"]
            paper.reasons += self._dates(paper.facts)
        return paper

    def judge(self, papers: Sequence[Paper]) -> None:
        """Hold what could be read against the list of what an application needs."""
        readable = [paper for paper in papers if not paper.reasons]
        zips = {site["zip"] for paper in readable for site in paper.sites}
        quartiles = hpi_for_zips(zips) if zips else {}
        served = set(PlanCounty.objects.filter(plan=self.plan).values_list("county", flat=True))
        for paper in readable:
            if paper.sites and not served & set(_counties(paper)):
                message = _("site_1_zip: %(plan)s does not operate in a county of these sites.")
                paper.reasons.append(message % {"plan": self.plan.name})
            content = content_of(paper, cycle=self.cycle, plan=self.plan, quartiles=quartiles)
            missing = missing_items(content, self.definition, {self.plan.name})
            paper.reasons += [item.sentence for item in missing]

    def _read_site(self, paper: Paper, number: int, cells: dict[str, str]) -> None:
        given = {part: cells.get(site_column(number, part), "") for part in SITE_PARTS}
        if not any(given.values()):
            return
        site: dict[str, str] = {}
        for part, clean in self.site.items():
            self._take(paper, site, part, site_column(number, part), given[part], clean)
        paper.sites.append(site)

    def _take(
        self, paper: Paper, into: dict, key: str, column: str, text: str, clean: Clean
    ) -> None:
        try:
            into[key] = clean(text)
        except ValidationError as error:
            paper.reasons += [_short(f"{column}: {m}", LONGEST_REASON) for m in error.messages]
        except DomainError as error:
            paper.reasons.append(f"{column}: {error}")

    def _dates(self, facts: dict[str, Any]) -> Iterator[str]:
        opens, closes = (
            moment.astimezone(PACIFIC).date()
            for moment in (self.cycle.opens_at, self.cycle.closes_at)
        )
        if not opens <= facts["received_on"] <= closes:
            message = _("received_on: The cycle took applications from %(opens)s to %(closes)s.")
            yield message % {"opens": opens.isoformat(), "closes": closes.isoformat()}
        if facts["signed_on"] > facts["received_on"]:
            yield _("signed_on: The signature is later than the day the paper was received.")
        if facts["members_as_of"] > facts["received_on"]:
            yield _("members_as_of: This is later than the day the paper was received.")


def _digest_of(cells: Mapping[str, str]) -> str:
    """Return the SHA-256 of the filled cells; the TIN counts with its keyed hash, so none can be tried."""
    filled = {name: cell for name, cell in cells.items() if cell}
    if "tin" in filled:
        filled["tin"] = tin_digest(filled["tin"])
    return digest(canonical_json(filled))


def _fixed(definition: ProgramDefinition) -> dict[str, Clean]:
    """Return how each fixed column is read."""
    count = CountField(min_value=1, max_value=10_000_000)
    return {
        "paper_id": _field(forms.CharField(max_length=60)),
        "received_on": _past_day,
        "signed_name": _field(forms.CharField(max_length=150)),
        "signed_title": _field(forms.CharField(max_length=150)),
        "signed_on": _past_day,
        "attested": _attested,
        "practice_name": _field(forms.CharField(max_length=200)),
        "dba": _field(forms.CharField(max_length=200, required=False)),
        "npi": _needed(clean_npi),
        "tin": _needed(clean_tin),
        "specialties": _several(definition.specialties),
        "practice_types": _several(definition.practice_types),
        "ehr": _field(forms.CharField(max_length=100)),
        "website": _field(forms.URLField(required=False, max_length=200, assume_scheme="https")),
        "members": _field(count),
        "members_as_of": _past_day,
    }


def _site() -> dict[str, Clean]:
    return {
        "name": _field(forms.CharField(max_length=200)),
        "street": _field(forms.CharField(max_length=200)),
        "city": _field(forms.CharField(max_length=100)),
        "zip": _zip,
        "npi": lambda text: clean_npi(text) if text else "",
    }


def _field(field: forms.Field) -> Clean:
    field.error_messages["required"] = required_message(field)
    return field.clean


def _needed(clean: Clean) -> Clean:
    def read(text: str) -> Any:
        if not text:
            raise ValidationError(_("Enter an answer."))
        return clean(text)

    return read


def _day(*, required: bool) -> Clean:
    messages = {"invalid": WRONG_DAY, "required": WRONG_DAY}
    return forms.DateField(input_formats=DAYS, required=required, error_messages=messages).clean


def _past_day(text: str) -> date:
    day = _day(required=True)(text)
    if day > timezone.localdate():
        raise ValidationError(_("This date is in the future."))
    if day.year < 1900:
        raise ValidationError(_("Check the year of this date."))
    return day


def _attested(text: str) -> bool:
    if text.casefold() not in YES:
        raise ValidationError(_("Write “yes” when every statement on the paper is confirmed."))
    return True


def _zip(text: str) -> str:
    code = text[:5]
    if not county_of_zip(code):
        message = _("We do not know “%(zip)s” as a ZIP code in California.")
        raise ValidationError(message % {"zip": _short(text)})
    return code


def _several(choices: Sequence[Choice]) -> Clean:
    def read(text: str) -> list[str]:
        parts = [part.strip() for part in text.split(SEPARATOR) if part.strip()]
        return sorted({_chosen(part, choices) for part in parts})

    return read


def _chosen(text: str, choices: Sequence[Choice]) -> str:
    """Return the value of the choice that has this value or label, whatever the case."""
    wanted = text.casefold()
    for choice in choices:
        if wanted in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    message = _("“%(text)s” is not one of: %(choices)s.")
    values = ", ".join(choice.value for choice in choices)
    raise ValidationError(message % {"text": _short(text), "choices": values})


def _answer(question: Question, definition: ProgramDefinition) -> Clean:
    """Return how the cell of a question is read; an empty cell is no answer (None)."""
    choices = definition.choices_of(question)
    clean: Clean
    if question.kind == "date":
        clean = _day(required=False)
    elif question.kind == "yes_no":
        clean = _yes_no
    elif question.kind == "choice":
        clean = lambda text: _chosen(text, choices) if text else ""  # noqa: E731
    elif question.kind == "multi_choice":
        clean = _several(choices)
    else:
        clean = _field(field_for(question, definition))
    return lambda text: stored(clean(text))


def _yes_no(text: str) -> str:
    wanted = text.casefold()
    if wanted in YES | NO:
        return "yes" if wanted in YES else "no"
    if text:
        raise ValidationError(_("Write “yes” or “no”."))
    return ""


def _counties(paper: Paper) -> Iterator[str]:
    return (county_of_zip(site["zip"]) for site in paper.sites)


def _short(text: str, longest: int = SHOWN) -> str:
    """Return a text that fits into a line of a list."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
