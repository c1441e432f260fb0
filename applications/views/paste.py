"""Rows pasted from a spreadsheet: look at them first, then add them. Works without scripts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import plans
from applications.domain import rows
from applications.forms.paste import PasteForm, PasteMembersForm, PasteSitesForm
from applications.models import MemberCount, Practice, Site
from applications.pasting import PastedRow
from applications.views.base import PracticeView
from core.exceptions import DomainError


class PasteView(PracticeView):
    """Preview of pasted rows; nothing is stored until the person says which to add."""

    permission_required = "applications.edit_practice"
    template_name = "applications/paste.html"
    model: type[Site] | type[MemberCount]
    url_name = ""

    def form(self, data=None) -> PasteForm:
        """Return the form with the text."""
        raise NotImplementedError

    def heads(self) -> list[str]:
        """Return the heads of the columns."""
        raise NotImplementedError

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the form and where to go back to."""
        context = {
            "form": extra.pop("form", None) or self.form(),
            "heads": self.heads(),
            "rows": [],
            "good": 0,
            "bad": 0,
            "refusal": "",
            "back_url": reverse(f"applications:{self.url_name}"),
        }
        return super().get_context(**context | extra)

    def get(self, request, *args, **kwargs):
        """Go to the list, where the place to paste is."""
        return HttpResponseRedirect(reverse(f"applications:{self.url_name}"))

    def post(self, request, *args, **kwargs):
        """Show the preview, or add what was seen in it."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        checked = form.check_rows()
        bad = sum(bool(row.errors) for row in checked)
        wanted = request.POST.get("add", "")
        if wanted == "good" or (wanted == "all" and not bad):
            return self.add(form, [row for row in checked if not row.errors])
        return self.preview(form, checked)

    def preview(self, form: PasteForm, checked: list[PastedRow], **extra: Any) -> HttpResponse:
        """Show every row with what is wrong in it."""
        bad = sum(bool(row.errors) for row in checked)
        shown = [(row, list(zip(self.heads(), row.cells, strict=True))) for row in checked]
        return self.render(form=form, rows=shown, good=len(checked) - bad, bad=bad, **extra)

    def add(self, form: PasteForm, good: list[PastedRow]) -> HttpResponse:
        """Store the good rows."""
        try:
            added = rows.add_many(
                self.model,
                Practice(organisation=self.request.hat.organisation),
                rows=[row.values for row in good],
                by=self.request.hat,
            )
        except DomainError as error:
            return self.preview(form, form.rows, refusal=str(error), status=409)
        words = ngettext("%(n)d row is added.", "%(n)d rows are added.", added) % {"n": added}
        messages.success(self.request, words)
        return HttpResponseRedirect(reverse(f"applications:{self.url_name}"))


class PasteMembersView(PasteView):
    """Members per plan."""

    model, url_name = MemberCount, "members"

    def form(self, data=None):
        """Return the form that knows the plans, and which are in the table."""
        taken = {count.plan_id for count in self.practice.member_counts.all() if count.plan_id}
        return PasteMembersForm(data, plans=list(plans()), taken=taken)

    def heads(self):
        """Plan, count, date."""
        return [_("Medi-Cal plan (MCP)"), _("Assigned members"), _("Counted on")]


class PasteSitesView(PasteView):
    """Sites."""

    model, url_name = Site, "sites"

    def form(self, data=None):
        """Return the form."""
        return PasteSitesForm(data)

    def heads(self):
        """Name, street, city, ZIP code, NPI."""
        return [_("Site name"), _("Street address"), _("City"), _("ZIP code"), _("Site NPI")]
