"""What the practice's pages share: the current application and the navigation over its sections."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.dossier import Dossier
from applications.models import Application, Practice
from applications.queries import applications_visible_to, current_application, practices
from core.times import clock
from core.views import HatView
from programs.models import Cycle
from programs.queries import current_cycle
from programs.schema import Section


def section_url(application: Application, section: Section) -> str:
    """Return the page of a section; practice, sites and members have pages of their own."""
    if section.kind in ("practice", "sites", "members"):
        return reverse(f"applications:{'profile' if section.kind == 'practice' else section.kind}")
    if section.kind == "sign":
        return reverse("applications:review", args=[application.pk])
    return reverse("applications:section", args=[application.pk, section.key])


def section_rows(dossier: Dossier, current: str = "") -> list[dict[str, Any]]:
    """Return one row a section for checklist and navigation: title, link, state, who touched it."""
    rows = []
    for section in dossier.definition.sections:
        label, tone, note = _state(dossier, section)
        touched = dossier.touched(section)
        rows.append(
            {
                "title": section.title,
                "href": section_url(dossier.application, section),
                "state_label": label,
                "tone": tone,
                "note": note,
                "touched": _touched(*touched) if touched else "",
                "current": section.key == current,
                "settled": section.kind != "sign" and not dossier.missing_in(section),
            }
        )
    return rows


def settled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that ask for nothing more."""
    return [row for row in rows if row["settled"]]


def _touched(person: str, moment: datetime) -> str:
    """Return who and when: the time of day for today, else the day (Pacific)."""
    local = timezone.localtime(moment)
    when = clock(moment) if local.date() == timezone.localdate() else f"{local:%b} {local.day}"
    return ", ".join(filter(None, [person, when]))


def _state(dossier: Dossier, section: Section) -> tuple[str, str, str]:
    if section.kind == "sign":
        ready = not dossier.missing
        note = "" if ready else _("Opens when everything else is complete.")
        return (_("Ready to sign") if ready else _("Not yet")), "turn" if ready else "neutral", note
    count = len(dossier.missing_in(section))
    if not count and not dossier.started(section):
        return _("Optional"), "neutral", ""
    if not count:
        return _("Complete"), "success", ""
    note = ngettext("%(n)d thing to fill in", "%(n)d things to fill in", count) % {"n": count}
    if dossier.started(section):
        return _("Started"), "info", note
    return _("Not started"), "neutral", note


class PracticeView(HatView):
    """A page of the practice whose hat is worn."""

    permission_required = "applications.practice_home"

    @cached_property
    def practice(self) -> Practice:
        """The practice's profile with sites and members."""
        if self.dossier:
            return self.dossier.practice
        return get_object_or_404(practices(), pk=self.request.hat.organisation_id)

    @cached_property
    def cycle(self) -> Cycle | None:
        """The cycle that the page is about."""
        self.request.cycle = current_cycle()
        return self.request.cycle

    @cached_property
    def application(self) -> Application | None:
        """The practice's application in the current cycle."""
        if self.cycle is None:
            return None
        return current_application(self.request.hat.organisation, self.cycle)

    @cached_property
    def dossier(self) -> Dossier | None:
        """The current application with everything in it."""
        return Dossier.load(self.application) if self.application else None

    def nav(self, current: str) -> list[dict[str, Any]]:
        """The sections as navigation rows, or nothing without an application."""
        return section_rows(self.dossier, current) if self.dossier else []


class OwnApplicationView(PracticeView):
    """A page of one application of the practice, named by id in the URL."""

    permission_required = "applications.edit_application"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    @cached_property
    def cycle(self) -> Cycle:
        """The application's own cycle."""
        self.request.cycle = self.object.cycle
        return self.object.cycle

    @property
    def application(self) -> Application:
        """The application in the URL."""
        return self.object

    def section_or_404(self, kind: str = "questions") -> Section:
        """Return the section named in the URL. Raises Http404 when there is none of that kind."""
        for section in self.cycle.definition.sections:
            if section.key == self.kwargs["key"] and section.kind == kind:
                return section
        raise Http404
