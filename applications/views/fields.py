"""Pages whose fields are saved one by one while typing, or all at once by a button.

What is common to profile, sites and members: the autosave's answers, and what a refusal shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.domain.practices import FieldRefused
from applications.domain.rows import RowGone
from applications.enums import Status
from applications.forms.practice import FieldsForm
from applications.models import Practice
from applications.views.base import PracticeView, next_href, section_rows
from core.exceptions import DomainError, StaleValue
from core.times import clock
from core.versioned import Saved
from programs.schema import Section


@dataclass
class Outcome:
    """What became of a save, by name of the control: versions, and conflicts in words."""

    versions: dict[str, int] = field(default_factory=dict)
    conflicts: dict[str, tuple[FieldsForm, str, StaleValue]] = field(default_factory=dict)

    def add(self, form: FieldsForm, saved: Saved) -> None:
        """Take in what became of one form."""
        self.versions |= {form.add_prefix(name): new for name, new in saved.versions.items()}
        self.conflicts |= {
            form.add_prefix(name): (form, name, found) for name, found in saved.conflicts.items()
        }

    def known(self) -> dict[str, int]:
        """Return the version that each control has now."""
        found = {control: stale.version for control, (_f, _n, stale) in self.conflicts.items()}
        return self.versions | found

    def shown(self) -> list[tuple[str, StaleValue]]:
        """Return (label, conflict in words) for the page."""
        return [
            (str(form.fields[name].label), replace(found, theirs=form.words(name, found.theirs)))
            for form, name, found in self.conflicts.values()
        ]

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Return each conflict in words, and with what the control would hold."""
        return {
            control: {
                "theirs": form.words(name, found.theirs),
                "values": form.control_values(name, found.theirs),
                "version": found.version,
                "by": found.by,
                "at": found.at,
            }
            for control, (form, name, found) in self.conflicts.items()
        }


def refuse_fields(forms: Sequence[FieldsForm], error: FieldRefused | RowGone) -> bool:
    """Put the sentence by the field and leave the field out of the next try; False without one."""
    form = next((form for form in forms if form.row == error.row), None)
    if form is None:
        return False
    if isinstance(error, RowGone):
        form.add_error(None, str(error))
        form.cleaned_data = {}
        return True
    if error.field not in form.cleaned_data:
        return False
    form.add_error(error.field, str(error))
    return True


class FieldsView(PracticeView):
    """A page of the practice's own facts. Subclasses make the forms and call the use-case."""

    permission_required = "applications.edit_practice"
    section_kind = ""

    def forms(self, data: Any = None) -> list[FieldsForm]:
        """Return every form of the page, bound when `data` is given."""
        raise NotImplementedError

    def form_of(self, control: str, data: Any) -> tuple[FieldsForm, str] | None:
        """Return the bound form with nothing but the field of `control`, and the field's name."""
        raise NotImplementedError

    def save(self, forms: Sequence[FieldsForm]) -> Outcome:
        """Call the use-case with what could be read. Raises DomainError."""
        raise NotImplementedError

    def shown(self, control: str) -> dict[str, str]:
        """Return texts of the page that follow from the field just saved, by their name."""
        return {}

    def page(self, forms: list[FieldsForm]) -> dict[str, Any]:
        """Return what the template needs to show the forms."""
        raise NotImplementedError

    @property
    def own(self) -> Practice:
        """The practice by its id alone: what the use-cases lock and read again."""
        return Practice(organisation=self.request.hat.organisation)

    def lock_of(self, section: Section) -> Any:
        """The facts can change at any time but while a returned application locks the section.

        Or while the application is a draft that was not submitted in time.
        """
        application = self.application
        if application is None or not application.is_editable:
            return None
        if application.status == Status.DRAFT and not application.cycle.has_closed():
            return None
        return super().lock_of(section)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add forms, versions, and the navigation over the sections when there is an application."""
        forms = extra.pop("forms", None) or self.forms()
        outcome = extra.pop("outcome", None) or Outcome()
        section = self.section_of_kind(self.section_kind)
        context = {
            "section": None,
            "nav": [],
            "lock": None,
            "note": "",
            "reference": "",
            "state_label": "",
            "here": "",
            "presence_url": "",
            "previous": None,
            "refusal": "",
            "held": [],
            "settling": [],
            "leftover": [],
            "versions": [pair for form in forms for pair in form.versions(outcome.known())],
            "conflicts": outcome.shown(),
            "copy_key": f"{self.request.user.pk}/practice-{self.request.hat.organisation_id}",
            "unsaved": self.request.method == "POST",
        }
        context |= self.section_page(section) if section else {}
        return super().get_context(**context | self.page(forms) | extra)

    def post(self, request, *args, **kwargs):
        """Save; an autosave (`X-Autosave`) answers in JSON, a button with a page."""
        if request.headers.get("X-Autosave"):
            return self.autosave()
        forms = self.forms(request.POST)
        try:
            outcome = self.store(forms)
        except DomainError as error:
            return self.render(forms=forms, refusal=str(error), lock=None, status=409)
        if outcome.conflicts or any(form.errors for form in self.counting(forms)):
            status = 409 if outcome.conflicts else 422
            return self.render(forms=forms, outcome=outcome, status=status)
        return self.after_save()

    def counting(self, forms: list[FieldsForm]) -> list[FieldsForm]:
        """Return the forms whose errors keep the person on the page."""
        return forms

    def store(self, forms: list[FieldsForm]) -> Outcome:
        """Save what can be read and is not refused; what is refused has its sentence by the field."""
        for form in forms:
            form.is_valid()
        try:
            return _until_taken(forms, self.save)
        finally:
            for read_before in ("practice", "dossier"):
                self.__dict__.pop(read_before, None)

    def after_save(self) -> HttpResponse:
        """Say that it is saved, and go where the button says."""
        messages.success(self.request, _("Saved at %(time)s.") % {"time": clock(timezone.now())})
        return HttpResponseRedirect(self.next_url())

    def next_url(self) -> str:
        """Return the next section of the application, or the summary of the practice."""
        application = self.application
        if application is None or not application.is_editable:
            return reverse("applications:practice")
        if "leave" in self.request.POST:
            return reverse("applications:home")
        rows = section_rows(self.dossier, self.section_of_kind(self.section_kind).key)
        return next_href(self.dossier, rows)

    def autosave(self) -> JsonResponse:
        """Save the one named field; say its version, the errors, or the other version."""
        control = self.request.POST.get("autosave", "")
        found = self.form_of(control, self.request.POST)
        if found is None:
            message = _("This page has changed. Reload it to go on.")
            return JsonResponse({"message": message, "errors": {}}, status=422)
        form, name = found
        try:
            outcome = self.store([form])
        except DomainError as error:
            refusal = {"message": str(error), "errors": {control: [str(error)]}}
            return JsonResponse(refusal, status=422)
        if outcome.conflicts:
            return JsonResponse({"conflicts": outcome.as_json()}, status=409)
        errors = [*form.errors.get(name, []), *form.non_field_errors()]
        answer = {
            "saved_at": clock(timezone.now()),
            "versions": outcome.versions,
            "errors": {control: errors} if errors else {},
            "shown": {} if errors else self.shown(control),
        }
        return JsonResponse(answer)


def _until_taken(
    forms: list[FieldsForm], save: Callable[[Sequence[FieldsForm]], Outcome]
) -> Outcome:
    """Call `save` until nothing is refused any more; each refusal takes one field or row away."""
    while True:
        try:
            return save(forms)
        except (FieldRefused, RowGone) as error:
            if not refuse_fields(forms, error):
                raise
