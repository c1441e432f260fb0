"""The practice: at a glance, and its profile to fill in."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.queries import people_of
from applications.domain import practices
from applications.forms.practice import FieldsForm, ProfileForm
from applications.models import Practice
from applications.views.base import PracticeView
from applications.views.fields import FieldsView, Outcome
from programs.packaged import packaged_for_readers
from programs.queries import hpi_for_zips

CHOSEN = {"specialties", "practice_types"}
PROFILE_FIELDS = ("dba", "npi", "specialties", "practice_types", "ehr", "website")


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
            total=sum(count.members or 0 for count in counts),
            people=people_of(self.request.hat.organisation),
            has_cycle=self.cycle is not None,
            **extra,
        )


class ProfileView(FieldsView):
    """Name, identifiers, specialties, practice types, EHR."""

    template_name = "applications/profile.html"
    section_kind = "practice"

    def forms(self, data=None):
        """Return the profile form."""
        return [self._form(self.practice, data)]

    def form_of(self, control, data):
        """Return the form with the one field."""
        if control not in ProfileForm.base_fields:
            return None
        return self._form(self.own, data, only={control}), control

    def save(self, forms: Sequence[FieldsForm]) -> Outcome:
        """Store the profile."""
        [form] = forms
        outcome = Outcome()
        if changes := form.changes():
            saved = practices.save_profile(
                self.own, changes=changes, bases=form.bases(), by=self.request.hat
            )
            outcome.add(form, saved)
            if "tin" in saved.versions:
                form.data = form.data.copy()
                form.data["tin"] = ""  # stored: a page that says what else is wrong shows it masked
        return outcome

    def shown(self, control):
        """Return how the TIN is shown once it is stored."""
        if control != "tin":
            return {}
        stored = Practice.objects.only("tin_last4").get(pk=self.request.hat.organisation_id)
        return {"tin": _tin_help(stored.masked_tin)}

    def page(self, forms):
        """Return the form."""
        return {"form": forms[0], "tin_stored": _tin_help(self.practice.masked_tin)}

    def _form(self, practice: Practice, data=None, only=None) -> ProfileForm:
        initial = {key: getattr(practice, key) for key in PROFILE_FIELDS}
        initial["name"] = practice.organisation.name
        offers = only is None or bool(CHOSEN & only)
        definition = self.cycle.localized if offers and self.cycle else packaged_for_readers()
        return ProfileForm(definition, data, initial=initial, versions=practice.versions, only=only)


def _tin_help(masked: str) -> str:
    if not masked:
        return ""
    return _("Stored as %(tin)s. Leave the field empty to keep it.") % {"tin": masked}
