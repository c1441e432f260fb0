"""Sites and members: lists of entries that are added, filled in field by field, and removed."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.queries import plans
from applications.domain import designation, rows
from applications.forms.practice import DesignatedForm, FieldsForm, MemberForm, SiteForm
from applications.models import MemberCount, Site
from applications.views.fields import FieldsView, Outcome
from core import times
from core.exceptions import DomainError
from core.templatetags.ui import number
from core.views import HatView
from programs.geography import county_of_zip
from programs.models import HpiQuartile
from programs.queries import hpi_for_zips

CONTROL = re.compile(r"^(?P<kind>[a-z]+)-(?P<row>[0-9]{1,18})-(?P<field>[a-z_]+)$")


def site_rating(rating: HpiQuartile | None) -> str:
    """Return a quartile with its source and date, or that there is none."""
    if rating is None:
        return _("Not rated")
    words = _("Quartile %(quartile)d of 4 (%(source)s, %(day)s)")
    day = times.day(rating.as_of)
    return words % {"quartile": rating.quartile, "source": rating.source, "day": day}


class RowsView(FieldsView):
    """A list of entries. Each control is named KIND-ID-FIELD."""

    model: type[Site] | type[MemberCount]
    form_class: type[SiteForm] | type[MemberForm]
    kind = ""
    url_name = ""

    def stored(self) -> list[Any]:
        """Return the rows of the practice."""
        raise NotImplementedError

    def row_form(self, row: Any, data=None, only=None) -> FieldsForm:
        """Return the form of one row."""
        names = self.form_class.base_fields
        initial = {name: getattr(row, f"{name}_id" if name == "plan" else name) for name in names}
        return self.form_class(
            data,
            initial=initial,
            prefix=f"{self.kind}-{row.pk}",
            versions=row.versions,
            row=row.pk,
            only=only,
            **self.form_extras(only),
        )

    def form_extras(self, only) -> dict[str, Any]:
        """Return what the forms need beyond the row."""
        return {}

    def row_forms(self, data=None) -> list[FieldsForm]:
        """Return a form for each row, also for one that the page has and a colleague removed."""
        found = {row.pk: row for row in self.stored()}
        for control in data or ():
            match = CONTROL.match(control)
            if match and match["kind"] == self.kind and int(match["row"]) not in found:
                found[int(match["row"])] = self.model(pk=int(match["row"]))
        return [self.row_form(row, data) for row in list(found.values())[:250]]

    def forms(self, data=None):
        """Return the forms of the rows."""
        return self.row_forms(data)

    def form_of(self, control, data):
        """Return the row's form with the one field; a row that is gone is refused when it is saved."""
        match = CONTROL.match(control)
        if not match or match["kind"] != self.kind:
            return None
        name = match["field"]
        if name not in self.form_class.base_fields:
            return None
        return self.row_form(self.model(pk=int(match["row"])), data, only={name}), name

    def save(self, forms: Sequence[FieldsForm]) -> Outcome:
        """Store what changed in the rows."""
        outcome = Outcome()
        by_row = {form.row: form for form in forms if form.row is not None}
        changes = {row: form.changes() for row, form in by_row.items()}
        changes = {row: found for row, found in changes.items() if found}
        if changes:
            saved = rows.save(
                self.model,
                self.own,
                changes=changes,
                bases={row: by_row[row].bases() for row in changes},
                by=self.request.hat,
            )
            for row, one in saved.items():
                outcome.add(by_row[row], one)
        return outcome

    def counting(self, forms):
        """An entry that is about to be removed may have errors."""
        removed = self.request.POST.get("remove", "")
        return [form for form in forms if str(form.row) != removed]

    def after_save(self) -> HttpResponse:
        """Add an empty entry, ask before one is removed, or go on."""
        here = reverse(f"applications:{self.url_name}")
        if "add" in self.request.POST:
            try:
                row = rows.add(self.model, self.own, by=self.request.hat)
            except DomainError as error:
                messages.error(self.request, str(error))
                return HttpResponseRedirect(here)
            return HttpResponseRedirect(f"{here}#{self.kind}-{row.pk}")
        removed = self.request.POST.get("remove", "")
        if re.fullmatch("[0-9]{1,18}", removed):
            return HttpResponseRedirect(
                reverse(f"applications:remove_{self.kind}", args=[int(removed)])
            )
        return super().after_save()

    def page(self, forms):
        """Return the rows with their forms and what is known about each."""
        found = {row.pk: row for row in self.stored()}
        shown = [(form, found.get(form.row)) for form in forms if form.row is not None]
        return {"rows": shown, "paste_url": reverse(f"applications:paste_{self.url_name}")}


class SitesView(RowsView):
    """Where the practice sees patients."""

    template_name = "applications/sites.html"
    section_kind = url_name = "sites"
    model, form_class, kind = Site, SiteForm, "site"

    def stored(self):
        """Return the sites."""
        return list(self.practice.sites.all())

    def shown(self, control):
        """Return the county and the HPI quartile after a change of the ZIP code."""
        kind, row, name = control.split("-", 2)
        if name != "zip_code":
            return {}
        form, _name = self.form_of(control, self.request.POST)
        zip_code = form.cleaned_data[name] if form.is_valid() else ""
        rating = hpi_for_zips([zip_code]).get(zip_code)
        return {
            f"{kind}-{row}-county": county_of_zip(zip_code) or _("Follows from the ZIP code"),
            f"{kind}-{row}-hpi": site_rating(rating),
        }

    def page(self, forms):
        """Add the HPI quartile of each site."""
        page = super().page(forms)
        zips = [site.zip_code for site in self.stored() if site.zip_code]
        ratings = self.dossier.quartiles if self.dossier else hpi_for_zips(zips)
        page["rows"] = [
            (form, site, site_rating(ratings.get(site.zip_code) if site else None))
            for form, site in page["rows"]
        ]
        return page


class MembersView(RowsView):
    """Members per plan, and the plan that scores."""

    template_name = "applications/members.html"
    section_kind = url_name = "members"
    model, form_class, kind = MemberCount, MemberForm, "member"

    @cached_property
    def offered(self) -> list[Organisation]:
        """Every plan."""
        return list(plans())

    def stored(self):
        """Return the counts."""
        return list(self.practice.member_counts.all())

    def form_extras(self, only):
        """Return the plans, when a form asks for one."""
        return {"plans": self.offered if only is None or "plan" in only else []}

    def forms(self, data=None):
        """Return the forms of the rows, and the choice of the plan that scores at the end."""
        forms = self.row_forms(data)
        return [*forms, self._designated(data)] if self.application else forms

    def form_of(self, control, data):
        """Return the form with the one field."""
        if control != designation.FIELD:
            return super().form_of(control, data)
        if self.cycle is None or not self.cycle.applied:
            return None
        return DesignatedForm(data, plans=self.offered), control

    def save(self, forms):
        """Store the rows and, where it can be chosen, the plan that scores: both, or nothing."""
        with transaction.atomic():
            return self._save_all(forms)

    def _save_all(self, forms: Sequence[FieldsForm]) -> Outcome:
        outcome = super().save(forms)
        for form in forms:
            if isinstance(form, DesignatedForm) and not form.locked and form.changes():
                saved = designation.name_plan(
                    practice=self.request.hat.organisation,
                    cycle=self.cycle,
                    plan=form.changes()[designation.FIELD],
                    base=form.bases()[designation.FIELD],
                    by=self.request.hat,
                )
                outcome.add(form, saved)
        return outcome

    def shown(self, control):
        """Return the total after a change of a count."""
        if not control.endswith("-members"):
            return {}
        counts = MemberCount.objects.filter(practice=self.request.hat.organisation_id)
        return {"members-total": number(counts.aggregate(total=Sum("members"))["total"] or 0)}

    def page(self, forms):
        """Add the total and the choice of the plan that scores."""
        page = super().page(forms)
        chosen = next((form for form in forms if isinstance(form, DesignatedForm)), None)
        total = sum(count.members or 0 for count in self.stored())
        if chosen is not None and self.dossier:
            here = {plan.pk for plan in self.dossier.plans_here}
            table = {count.plan_id for count in self.stored()}
            chosen.fields[designation.FIELD].put_first(here & table)
        return page | {"designated": chosen, "total": total}

    def _designated(self, data=None) -> DesignatedForm:
        application = self.application
        known = {} if data else self.practice.versions
        return DesignatedForm(
            data,
            initial={designation.FIELD: application.designated_mcp_id},
            plans=self.offered,
            locked=application.submitted_at is not None,
            versions=designation.versions_of(application, known),
        )


class RemoveRowView(HatView):
    """Ask, then remove one entry; refused when it changed since the question."""

    permission_required = "applications.edit_practice"
    template_name = "applications/remove_row.html"
    model: type[Site] | type[MemberCount] = Site
    url_name = "sites"

    def get_queryset(self):
        """Return the practice's own rows."""
        return self.model.objects.filter(practice=self.request.hat.organisation_id)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what would be removed."""
        row = self.object
        if isinstance(row, Site):
            place = " ".join(filter(None, [row.city, row.zip_code]))
            facts = [(_("Site"), row.name), (_("Address"), row.street), (_("City"), place)]
        else:
            plan = row.plan.name if row.plan else ""
            facts = [
                (_("Plan"), plan),
                (_("Members"), number(row.members)),
                (_("Counted on"), times.day(row.as_of) if row.as_of else ""),
            ]
        context = {
            "facts": facts,
            "seen": rows.fingerprint(row),
            "refusal": "",
            "back_url": self.back,
        }
        return super().get_context(**context | extra)

    @property
    def back(self) -> str:
        """The list."""
        return reverse(f"applications:{self.url_name}")

    def post(self, request, *args, **kwargs):
        """Remove the entry that was seen."""
        try:
            rows.remove(self.object, seen=request.POST.get("seen", ""), by=request.hat)
        except DomainError as error:
            self.object = self.get_object()
            return self.render(refusal=str(error), status=409)
        messages.success(request, _("The entry is removed."))
        return HttpResponseRedirect(self.back)
