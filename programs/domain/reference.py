"""Importing reference data: HPI quartiles by ZIP code and plans by county."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.exceptions import DomainError
from programs.geography import counties, is_california_zip
from programs.models import HpiQuartile, PlanCounty

DATA = Path(__file__).resolve().parent.parent / "data"
PLANS_FILE = DATA / "mcp_by_county.csv"
HPI_SAMPLE_FILE = DATA / "hpi_sample.csv"
HPI_HEADER = ["zip", "hpi_quartile", "source", "as_of"]
PLANS_HEADER = ["county", "model", "prime_plans", "kaiser_direct"]
KAISER = "Kaiser Permanente"


class ReferenceFileError(DomainError):
    """A reference file that cannot be used; `errors` lists every fault with its line number."""

    def __init__(self, errors: list[str]):
        self.errors = errors
        super().__init__("\n".join(errors))


@dataclass(frozen=True)
class Imported:
    """How many rows an import stored: `added` are new, `updated` were there before."""

    added: int
    updated: int


@transaction.atomic
def import_hpi(path: Path | str, *, by=None) -> Imported:
    """Store the HPI quartile of each ZIP code in a CSV file `zip,hpi_quartile,source,as_of`.

    Rows that exist are brought up to date, others stay. Raises `ReferenceFileError` with every
    fault; nothing is stored then.
    """
    rows: dict[str, HpiQuartile] = {}
    errors: list[str] = []
    for line, row in _read(path, HPI_HEADER, errors):
        faults = list(_hpi_faults(row, rows))
        errors.extend(f"line {line}: {fault}" for fault in faults)
        if not faults:
            rows[row["zip"]] = HpiQuartile(
                zip_code=row["zip"],
                quartile=int(row["hpi_quartile"]),
                source=row["source"],
                as_of=date.fromisoformat(row["as_of"]),
            )
    if errors:
        raise ReferenceFileError(errors)
    known = HpiQuartile.objects.filter(pk__in=rows).count()
    HpiQuartile.objects.bulk_create(
        rows.values(),
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["zip_code"],
        update_fields=["quartile", "source", "as_of"],
    )
    return Imported(added=len(rows) - known, updated=known)


@transaction.atomic
def load_plans(path: Path | str = PLANS_FILE, *, by=None) -> Imported:
    """Store the plans and the counties they serve, from `county,model,prime_plans,kaiser_direct`.

    Organisations are made when there is none of that name; counties of the plans in the file are
    replaced. Raises `ReferenceFileError` with every fault; nothing is stored then.
    """
    served: dict[str, set[str]] = {}
    errors: list[str] = []
    for line, row in _read(path, PLANS_HEADER, errors):
        faults = list(_plan_faults(row))
        errors.extend(f"line {line}: {fault}" for fault in faults)
        if not faults:
            for name in _plan_names(row):
                served.setdefault(name, set()).add(row["county"])
    if errors:
        raise ReferenceFileError(errors)
    known = 0
    pairs: list[PlanCounty] = []
    for name, where in sorted(served.items()):
        plan, created = Organisation.objects.get_or_create(
            slug=slugify(name)[:80], defaults={"kind": OrganisationKind.MCP, "name": name}
        )
        if plan.kind != OrganisationKind.MCP:
            raise ReferenceFileError([f"{name}: An organisation with this address is not a plan."])
        known += not created
        pairs.extend(PlanCounty(plan=plan, county=county) for county in sorted(where))
    PlanCounty.objects.filter(plan__in={pair.plan_id for pair in pairs}).delete()
    PlanCounty.objects.bulk_create(pairs)
    return Imported(added=len(served) - known, updated=known)


def _read(
    path: Path | str, header: list[str], errors: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) with trimmed values; rows of the wrong length go to `errors`."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReferenceFileError([f"{path}: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise ReferenceFileError([f"{path}: The file is not text in UTF-8."]) from None
    reader = csv.reader(text.splitlines())
    if next(reader, None) != header:
        raise ReferenceFileError([f"line 1: The first line has to be {','.join(header)}."])
    for values in reader:
        if len(values) == len(header):
            trimmed = (value.strip() for value in values)
            yield reader.line_num, dict(zip(header, trimmed, strict=True))
        elif values:
            errors.append(
                f"line {reader.line_num}: {len(values)} values, but {len(header)} are needed."
            )


def _hpi_faults(row: dict[str, str], seen: dict[str, HpiQuartile]) -> Iterator[str]:
    if not is_california_zip(row["zip"]):
        yield f"{row['zip'] or 'An empty value'} is not a California ZIP code."
    elif row["zip"] in seen:
        yield f"The ZIP code {row['zip']} is there twice."
    if row["hpi_quartile"] not in {"1", "2", "3", "4"}:
        yield f"The quartile has to be 1, 2, 3 or 4, not {row['hpi_quartile'] or 'empty'}."
    if not row["source"] or len(row["source"]) > 200:
        yield "The source has to be named, in at most 200 characters."
    if not _is_date(row["as_of"]):
        yield "The date as_of has to look like 2024-06-30."


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _plan_names(row: dict[str, str]) -> list[str]:
    names = [name.strip() for name in row["prime_plans"].split(";") if name.strip()]
    return [*names, KAISER] if row["kaiser_direct"] == "Y" else names


def _plan_faults(row: dict[str, str]) -> Iterator[str]:
    if row["county"] not in counties():
        yield f"{row['county'] or 'An empty value'} is not a California county."
    if row["kaiser_direct"] not in {"Y", "N"}:
        yield "kaiser_direct has to be Y or N."
    if not _plan_names(row):
        yield "Name at least one plan."
