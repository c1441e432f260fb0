"""The sealed records for staff and auditors: the chain of a cycle, each record, its files, and its check."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.views import HatView
from programs.choosing import choose_cycle, to_decide
from selection.models import DecisionRecord
from selection.presenting import records as presenting
from selection.queries.conflicts import hidden_from
from selection.queries.records import acts_in, chain_of, hides_some, records_visible_to
from selection.record import verifier

CHECK = "check"


class RecordsView(HatView):
    """The chain of the current cycle, the last record first."""

    permission_required = "selection.view_records"
    template_name = "selection/records/list.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the records and whether their public page is there."""
        records = records_visible_to(self.request.hat).filter(cycle=self.cycle)
        rows = list(records.order_by("-sequence")) if self.cycle else []
        return super().get_context(
            cycle=self.cycle,
            rows=presenting.rows(rows, acts_in(rows), self._hidden()),
            is_public=any(row.public_from <= timezone.now() for row in rows),
            **extra,
        )

    def _hidden(self) -> set[int]:
        return hidden_from(self.request.hat, self.cycle) if self.cycle else set()


class RecordView(HatView):
    """One record: what it seals, its files, and whether it holds."""

    permission_required = "selection.view_records"
    template_name = "selection/records/record.html"

    def get_queryset(self):
        """Return the records that the hat may read."""
        return records_visible_to(self.request.hat).select_related(
            "cycle", "proposal__proposed_by", "proposal__approved_by", "proposal__released_by"
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the facts, the acts, and the answer of the verifier when it is asked for."""
        record = self.object
        self.request.cycle = record.cycle
        return super().get_context(
            record=record,
            facts=presenting.facts(record),
            acts=presenting.acts(record),
            is_closed=hides_some(record, self.request.hat),
            is_public=record.public_from <= timezone.now(),
            answer=presenting.answer(checked(record)) if CHECK in self.request.GET else None,
            **extra,
        )


class RecordFileView(HatView):
    """A file of a record as it was sealed. Closed to whom a conflict of interest hides an application."""

    permission_required = "selection.view_records"
    field = "document"

    def get_queryset(self):
        """Return the records that the hat may read."""
        return records_visible_to(self.request.hat)

    def is_open(self, record: DecisionRecord) -> bool:
        """Tell whether the file is open whatever it holds."""
        return False

    def get(self, request, *args, **kwargs):
        """Send the file."""
        record = self.object
        if not self.is_open(record) and hides_some(record, request.hat):
            raise PermissionDenied(_("A conflict of interest closes this file to you."))
        response = HttpResponse(
            getattr(record, self.field) + "\n", content_type="application/json; charset=utf-8"
        )
        name = presenting.filename(record, is_public=self.field == "public")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "private, no-store"
        return response


class PublicRecordFileView(RecordFileView):
    """The public copy, also before the public may read it; then a conflict of interest closes it too."""

    field = "public"

    def is_open(self, record: DecisionRecord) -> bool:
        """Tell whether everybody may read it."""
        return record.public_from <= timezone.now()


def checked(record: DecisionRecord) -> str:
    """Return the first difference in a record, its public copy, or their links; "" when all holds."""
    before = chain_of(record.cycle).filter(sequence=record.sequence - 1).first()
    try:
        for name in ("document", "public"):
            content = verifier.read(getattr(record, name).encode())
            earlier = verifier.read(getattr(before, name).encode()) if before else None
            verifier.verify_next(content, earlier)
    except verifier.Difference as difference:
        return str(difference)
    return ""
