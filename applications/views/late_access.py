"""The administrator's page to let one practice apply after the closing time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from applications.domain import late_access
from applications.forms.late_access import FindPracticeForm, LateAccessForm
from applications.models import LateAccess
from applications.queries import current_application, late_until
from core.exceptions import DomainError
from core.times import long
from core.views import HatView
from programs.choosing import choose_cycle
from programs.models import Cycle
from programs.queries import choose_current

PAGE_SIZE = 50
FOUND = 20


class LateAccessView(HatView):
    """Every late access of the cycle, newest first; find a practice and grant it one."""

    permission_required = "applications.grant_late_access"
    template_name = "applications/late_access.html"
    is_read = True

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, _current)

    @cached_property
    def practice(self) -> Organisation | None:
        """The practice that was chosen, or None."""
        return self._practices().filter(pk=_number(self.request.GET.get("practice", ""))).first()

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the list, what the search found, and the form for the practice that was chosen."""
        query = self.request.GET.get("q", "").replace("\x00", "").strip()[:200]
        form = extra.pop("form", None)
        chosen = extra.pop("chosen", self.practice)
        rows = self._rows()
        found = self._find(query) if query and chosen is None else []
        context = {
            "cycle": self.cycle,
            "rows": rows[:PAGE_SIZE],
            "more": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
            "find_form": FindPracticeForm(initial={"q": query}),
            "query": query,
            "found": found[:FOUND],
            "too_many": len(found) > FOUND,
            "chosen": chosen,
            "form": form or (LateAccessForm(initial={"practice": chosen.pk}) if chosen else None),
        }
        if chosen and self.cycle:
            context["application"] = current_application(chosen, self.cycle)
            context["until"] = late_until(chosen, self.cycle)
        return super().get_context(**context | extra)

    def post(self, request, *args, **kwargs):
        """Grant; what was typed stays on the page when it is refused."""
        form = LateAccessForm(request.POST)
        valid = form.is_valid()
        chosen = form.cleaned_data.get("practice")
        if not valid or self.cycle is None:
            return self.render(form=form, chosen=chosen, status=422)
        try:
            access = late_access.grant(
                practice=chosen,
                cycle=self.cycle,
                until=form.cleaned_data["until"],
                reason=form.cleaned_data["reason"],
                by=request.hat,
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(form=form, chosen=chosen, status=409)
        sentence = _("%(practice)s may apply until %(until)s. Its owners have been told by email.")
        words = {"practice": chosen.name, "until": long(access.until)}
        messages.success(request, sentence % words)
        return HttpResponseRedirect(reverse("applications:late_access"))

    def _rows(self) -> list[LateAccess]:
        rows = LateAccess.objects.filter(cycle=self.cycle).select_related("practice")
        if before := _number(self.request.GET.get("before", "")):
            rows = rows.filter(pk__lt=before)
        return list(rows.order_by("-pk")[: PAGE_SIZE + 1])

    def _find(self, query: str) -> list[Organisation]:
        """Return practices whose name holds `query`, or whose reference in this cycle it is."""
        matching = Q(name__icontains=query) | Q(
            pk__in=Organisation.objects.filter(
                applications__cycle=self.cycle, applications__reference__iexact=query
            ).values("pk")
        )
        return list(self._practices().filter(matching).order_by("name", "pk")[: FOUND + 1])

    def _practices(self):
        return Organisation.objects.filter(kind=OrganisationKind.PRACTICE)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _current(cycles: Sequence[Cycle], now: datetime) -> Cycle:
    """Return the cycle that is open, else the next or the last one."""
    return choose_current(cycles, now) or cycles[-1]
