"""Public pages of who was selected and how: the same for everybody, kept by caches, checked by anybody."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.languages import supported
from core.views import public
from selection.models import DecisionRecord
from selection.presenting import choice_labels
from selection.presenting import cohorts as presenting
from selection.queries.cohorts import names_of, public_chain, public_cycles, summary_of
from selection.queries.records import public_records
from selection.record import verifier

MINUTES, DAY = 300, 86_400  # seconds for which a cache may keep an answer


@public
@require_safe
def cohorts(request: HttpRequest) -> HttpResponse:
    """List the cohorts whose selected practices are public."""
    with override(_language(request)):
        cycles = public_cycles()
        request.cycle = cycles[0] if cycles else None
        etag = _etag(*(f"{one.slug}:{one.title}" for one in cycles))
        return _cached(
            request,
            lambda: render(request, "selection/cohorts/list.html", {"cycles": cycles}),
            etag=etag,
        )


@public
@require_safe
def cohort(request: HttpRequest, cycle: str) -> HttpResponse:
    """Show method, rules, make-up, the selected practices, later changes and how to check (2 queries)."""
    with override(_language(request)):
        chain = _chain(cycle)
        last, request.cycle = chain[-1], chain[-1].cycle
        summary = summary_of(last.public_sha256)
        names = names_of(summary)
        definition = last.cycle.localized

        def page() -> HttpResponse:
            labels = choice_labels(definition)
            address = settings.SITE_BASE_URL.rstrip("/") + reverse("selection:cohorts")
            context = {
                "cycle": last.cycle,
                "record": last,
                "chain": presenting.chain_rows(chain),
                "released_at": _released_at(chain),
                "figures": presenting.key_figures(summary),
                "method": presenting.method(summary, definition),
                "charts": presenting.mix_bars(summary, definition),
                "counties": presenting.by_county(summary, names, labels),
                "changes": presenting.changes(summary),
                "commands": presenting.commands(address, len(chain), last.cycle.slug),
            }
            return render(request, "selection/cohorts/cohort.html", context)

        etag = _etag(last.public_sha256, last.cycle.title, *sorted(names.values()))
        return _cached(request, page, etag=etag)


@public
@require_safe
def cohort_record(request: HttpRequest, cycle: str) -> HttpResponse:
    """Give the last public record, byte for byte as it was sealed."""
    return _record(request, _texts(cycle).order_by("sequence").last(), MINUTES)


@public
@require_safe
def cohort_records(request: HttpRequest, cycle: str, sequence: int) -> HttpResponse:
    """Give one public record of the chain; it never changes."""
    return _record(request, _texts(cycle).filter(sequence=sequence).first(), DAY)


@public
@require_safe
def cohort_csv(request: HttpRequest, cycle: str) -> HttpResponse:
    """Give the selected practices as a spreadsheet: name, county, plan, population."""
    with override(_language(request)):
        last = _chain(cycle)[-1]
        summary = summary_of(last.public_sha256)
        names = names_of(summary)
        labels = choice_labels(last.cycle.localized)

        def table() -> HttpResponse:
            text = io.StringIO(newline="")
            writer = csv.writer(text)
            writer.writerow([_("Practice"), _("County"), _("Plan (MCP)"), _("Population of focus")])
            for group in presenting.by_county(summary, names, labels):
                for row in group["practices"]:
                    cells = (row["name"], group["county"], row["plan"], row["population"])
                    writer.writerow([_plain(cell) for cell in cells])
            response = HttpResponse(
                "\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8"
            )
            filename = f"{last.cycle.slug}-selected.csv"
            response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
            return response

        etag = _etag("csv", last.public_sha256, *sorted(names.values()))
        return _cached(request, table, etag=etag)


@public
@require_safe
def verifier_file(request: HttpRequest) -> HttpResponse:
    """Give the file that checks a record, as the portal itself runs it."""
    text = _verifier()
    etag = f'"{sha256(text).hexdigest()}"'
    return _cached(
        request, lambda: HttpResponse(text, content_type="text/x-python; charset=utf-8"), etag=etag
    )


@cache
def _verifier() -> bytes:
    return Path(verifier.__file__).read_bytes()


def _chain(slug: str) -> list[DecisionRecord]:
    """Return the public chain; a cycle that is not decided in public looks like one that is not there."""
    if chain := public_chain(slug):
        return chain
    raise Http404


def _texts(slug: str):
    fields = ("public", "public_sha256", "public_from")
    return public_records().filter(cycle__slug=slug).only(*fields)


def _record(request: HttpRequest, record: DecisionRecord | None, seconds: int) -> HttpResponse:
    if record is None:
        raise Http404

    def text() -> HttpResponse:
        return HttpResponse(record.public + "\n", content_type="application/json")

    etag = f'"{record.public_sha256}"'
    return _cached(request, text, etag=etag, changed_at=record.public_from, seconds=seconds)


def _released_at(chain: list[DecisionRecord]) -> datetime:
    return next(one for one in reversed(chain) if one.kind != "later_act").created_at


def _language(request: HttpRequest) -> str:
    """Return the language asked for in the address, else the browser's."""
    return supported(request.GET.get("language", "")[:20]) or get_language() or ""


def _plain(cell: str) -> str:
    """Keep a spreadsheet from reading a cell as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _etag(*parts: str) -> str:
    """Return the tag of a page: what it shows, its language, and the build that made it."""
    text = "\n".join((settings.BUILD_VERSION, get_language() or "", *parts))
    return f'"{sha256(text.encode()).hexdigest()[:40]}"'


def _cached(
    request: HttpRequest,
    make: Callable[[], HttpResponse],
    *,
    etag: str,
    changed_at: datetime | None = None,
    seconds: int = MINUTES,
) -> HttpResponse:
    """Answer 304 to who has it already, else what `make` gives, with the headers that caches need.

    `changed_at` is for what changes with time alone; pages change with names and languages too.
    """
    stamp = None if changed_at is None else int(changed_at.timestamp())
    response = get_conditional_response(request, etag=etag, last_modified=stamp) or make()
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    if stamp is not None:
        response.headers["Last-Modified"] = http_date(stamp)
    response.headers.setdefault("Content-Language", get_language() or "")
    return response
