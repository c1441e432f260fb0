"""Practice, sites and members: forms that know the version they were filled with."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.queries import people_of, plans
from applications.domain import practices
from applications.forms.practice import (
    DesignatedForm,
    MemberFormSet,
    ProfileForm,
    SiteFormSet,
    VersionForm,
)
from applications.queries import practice_of
from applications.views.base import PracticeView
from core.exceptions import DomainError
from programs.packaged import packaged_definition
from programs.queries import hpi_for_zips


class SummaryView(PracticeView):
    """Practice and people at a glance."""

    template_name = "applications/practice.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add profile, sites with their HPI quartiles, members and people."""
        sites = list(self.practice.sites.all())
        ratings = hpi_for_zips(site.zip_code for site in sites)
        counts = list(self.practice.member_counts.all())
        return super().get_context(
            practice=self.practice,
            sites=[(site, ratings.get(site.zip_code)) for site in sites],
            counts=counts,
            total=sum(count.members for count in counts),
            people=people_of(self.request.hat.organisation),
            has_cycle=self.cycle is not None,
            **extra,
        )


class EditView(PracticeView):
    """One form over the practice: validate, save under its version, show both when it is stale."""

    permission_required = "applications.edit_practice"
    section_kind = ""

    def get_forms(self, data=None) -> dict[str, Any]:
        """Return the forms by name; the one with the version is first."""
        raise NotImplementedError

    def save(self, forms: dict[str, Any]) -> None:
        """Call the use-case."""
        raise NotImplementedError

    def stored(self) -> list[tuple[str, str]]:
        """Return (label, text) of what is stored, to show beside a refused save."""
        raise NotImplementedError

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the navigation over the sections and the section's texts."""
        context = {"nav": [], "section": None, "previous": None, "stale": [], "writable": True}
        if self.dossier:
            key = next(
                s.key for s in self.dossier.definition.sections if s.kind == self.section_kind
            )
            context["section"] = self.dossier.definition.section(key)
            context["nav"] = self.nav(key)
            context["missing"] = self.dossier.missing_in(context["section"])
        return super().get_context(**context | self.get_forms() | extra)

    def post(self, request, *args, **kwargs):
        """Save, or show the page again with everything that was typed."""
        forms = self.get_forms(request.POST)
        if not all([form.is_valid() for form in forms.values()]):  # noqa: C419 - check every form
            return self.render(**forms, status=422)
        first = next(iter(forms.values()))
        try:
            self.save(forms)
        except practices.StalePractice as error:
            return self.refuse_stale(forms, error)
        except DomainError as error:
            first.add_error(None, str(error))
            return self.render(**forms, status=409)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(self.next_url())

    def refuse_stale(self, forms: dict[str, Any], error: DomainError):
        """Keep what was typed, show what is stored, and let the next save win knowingly."""
        first = next(iter(forms.values()))
        current = practice_of(self.request.hat.organisation)
        self.practice = current
        first.data = first.data.copy()
        first.data[first.add_prefix("version")] = str(current.version)
        first.add_error(None, str(error))
        return self.render(**forms, stale=self.stored(), status=409)

    def next_url(self) -> str:
        """Return the next section of the application, or the summary."""
        if "again" in self.request.POST:
            return self.request.path
        rows = self.nav_after_save()
        if not rows or "leave" in self.request.POST:
            return reverse("applications:home" if rows else "applications:practice")
        here = next(i for i, row in enumerate(rows) if row["current"])
        return rows[here + 1]["href"]

    def nav_after_save(self) -> list[dict[str, Any]]:
        """Return the navigation rows, or none when no application is being written."""
        if not self.application or not self.application.is_editable:
            return []
        key = next(s.key for s in self.dossier.definition.sections if s.kind == self.section_kind)
        return self.nav(key)


class ProfileView(EditView):
    """Name, identifiers, specialties, practice types, EHR."""

    template_name = "applications/profile.html"
    section_kind = "practice"

    def get_forms(self, data=None):
        """Return the profile form."""
        practice = self.practice
        initial = {
            "name": practice.organisation.name,
            "version": practice.version,
            **{
                key: getattr(practice, key)
                for key in ("dba", "npi", "specialties", "practice_types", "ehr", "website")
            },
        }
        definition = self.cycle.definition if self.cycle else packaged_definition()
        form = ProfileForm(definition, data, initial=initial)
        if practice.masked_tin:
            text = _("Stored as %(tin)s. Leave this empty to keep it.")
            form.fields["tin"].help_text = text % {"tin": practice.masked_tin}
        return {"form": form}

    def save(self, forms):
        """Store the profile."""
        values = forms["form"].cleaned_data
        practices.save_profile(
            self.practice, values=values, base=values["version"], by=self.request.hat
        )

    def stored(self):
        """Return the stored profile."""
        practice = self.practice
        return [
            (_("Legal name"), practice.organisation.name),
            (_("Doing business as"), practice.dba),
            (_("Organizational NPI"), practice.npi),
            (_("Taxpayer ID (TIN)"), practice.masked_tin),
            (_("Primary care specialties"), ", ".join(practice.specialties)),
            (_("Practice type"), ", ".join(practice.practice_types)),
            (_("Electronic health record (EHR)"), practice.ehr),
            (_("Website"), practice.website),
        ]


class RowsView(EditView):
    """A table of rows with the practice's version beside it."""

    def version_of(self, forms: dict[str, Any]) -> int:
        """Return the version that the page was filled with."""
        return forms["form"].cleaned_data["version"]


class SitesView(RowsView):
    """Where the practice sees patients."""

    template_name = "applications/sites.html"
    section_kind = "sites"

    def get_forms(self, data=None):
        """Return the version form and the rows."""
        columns = ("id", "name", "street", "city", "zip_code", "npi")
        rows = [{key: getattr(s, key) for key in columns} for s in self.practice.sites.all()]
        return {
            "form": VersionForm(data, initial={"version": self.practice.version}),
            "formset": SiteFormSet(data, initial=rows),
        }

    def save(self, forms):
        """Store the sites."""
        practices.save_sites(
            self.practice,
            rows=forms["formset"].rows(),
            base=self.version_of(forms),
            by=self.request.hat,
        )

    def stored(self):
        """Return the stored sites."""
        return [(s.name, f"{s.street}, {s.city} {s.zip_code}") for s in self.practice.sites.all()]


class MembersView(RowsView):
    """Members per plan, and the plan that scores."""

    template_name = "applications/members.html"
    section_kind = "members"

    def get_forms(self, data=None):
        """Return the designated plan with the version, and the rows."""
        counts = self.practice.member_counts.all()
        rows = [{"plan": c.plan_id, "members": c.members, "as_of": c.as_of} for c in counts]
        application = self.application
        initial = {"version": self.practice.version}
        if application:
            initial["designated_mcp"] = application.designated_mcp_id
        locked = application is None or application.submitted_at is not None
        offered = list(plans())
        return {
            "form": DesignatedForm(data, initial=initial, plans=offered, locked=locked),
            "formset": MemberFormSet(data, initial=rows, form_kwargs={"plans": offered}),
        }

    def save(self, forms):
        """Store the table and the plan."""
        locked = forms["form"].fields["designated_mcp"].disabled
        practices.save_members(
            self.practice,
            rows=forms["formset"].rows(),
            base=self.version_of(forms),
            application=None if locked else self.application,
            designated=forms["form"].cleaned_data["designated_mcp"],
            by=self.request.hat,
        )

    def stored(self):
        """Return the stored counts."""
        return [(c.plan.name, f"{c.members:,}") for c in self.practice.member_counts.all()]
