"""What the practice's pages share: the current application and the navigation over its sections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.correcting import marked
from applications.domain.locking import lock_on
from applications.dossier import Dossier
from applications.models import Application, Practice
from applications.queries import applications_visible_to, current_application, practices, with_notes
from applications.reading import Block, read_content
from applications.times import Window, cycle_for, window_to_show
from core.times import clock, day_and_month
from core.views import HatView
from programs.models import Cycle
from programs.schema import Section


def section_url(application: Application, section: Section) -> str:
    """Return the page of a section; practice, sites and members have pages of their own."""
    if section.kind in ("practice", "sites", "members"):
        return reverse(f"applications:{'profile' if section.kind == 'practice' else section.kind}")
    if section.kind == "sign":
        return reverse("applications:review", args=[application.pk])
    return reverse("applications:section", args=[application.pk, section.key])


def section_rows(dossier: Dossier, current: str = "") -> list[dict[str, Any]]:
    """Return one row a section for checklist and navigation: title, link, state, who touched it.

    While the application is corrected, the sections with a note read "To correct" and the others
    "Locked".
    """
    rows, sections = [], dossier.application.cycle.localized.sections
    for section in sections:
        label, tone, note = _state(dossier, section)
        touched = dossier.touched(section)
        rows.append(
            {
                "key": section.key,
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
    return marked(rows, sections, dossier.notes)


def settled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that ask for nothing more."""
    return [row for row in rows if row["settled"]]


def _touched(person: str, moment: datetime) -> str:
    """Return who and when: the time of day for today, else the day (Pacific)."""
    local = timezone.localtime(moment)
    when = clock(moment) if local.date() == timezone.localdate() else day_and_month(moment)
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


def next_href(dossier: Dossier, rows: list[dict[str, Any]]) -> str:
    """Return where to go on from the current section: to the next one that can be written, or to sign."""
    here = next(i for i, row in enumerate(rows) if row["current"])
    following = rows[here + 1 :]
    if dossier.notes:
        following = [row for row in following[:-1] if row["key"] in dossier.notes] + following[-1:]
    return following[0]["href"] if following else reverse("applications:home")


def state_words(row: Mapping[str, Any]) -> str:
    """Return the state of a section in one phrase: how much is left, else its label."""
    return row["note"] or row["state_label"]


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
        self.request.cycle = cycle_for(self.request.hat.organisation)
        return self.request.cycle

    @cached_property
    def window(self) -> Window | None:
        """When the practice may write in the cycle of the page; the countdown is about it too."""
        practice = self.request.hat.organisation
        self.request.window = window_to_show(practice, self.cycle) if self.cycle else None
        return self.request.window

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

    def section_of_kind(self, kind: str) -> Section | None:
        """The section of a kind that exists once, or None without an application."""
        if self.dossier is None:
            return None
        return next(s for s in self.cycle.localized.sections if s.kind == kind)

    def section_page(self, section: Section) -> dict[str, Any]:
        """Return what every page of a section shows; who else is here comes with its first heartbeat.

        `lock` says why the section can only be read (`to_read` has it to read), or is None.
        """
        self.request.place = reverse("applications:application")
        application, dossier = self.application, self.dossier
        rows = section_rows(dossier, section.key)
        here = next(i for i, row in enumerate(rows) if row["current"])
        lock = self.lock_of(section)
        return {
            "section": section,
            "nav": rows,
            "done": len(settled(rows)),
            "reference": application.reference,
            "state_label": state_words(rows[here]),
            "previous": rows[here - 1] if here else None,
            "note": dossier.notes.get(section.key, ""),
            "lock": lock,
            "to_read": self.block_of(section) if lock else None,
            "presence_url": reverse("applications:presence", args=[application.pk, section.key]),
            "read_url": reverse("applications:review", args=[application.pk]),
        }

    def lock_of(self, section: Section) -> Any:
        """Return why the practice can't write in the section now, or None."""
        notes, window = self.dossier.notes, self.window
        return lock_on(self.application, section.key, notes=notes, window=window)

    def block_of(self, section: Section) -> Block:
        """Return the section to read."""
        blocks = read_content(self.dossier.content, self.cycle.localized, {})
        return next(block for block in blocks if block.key == section.key)


class OwnApplicationView(PracticeView):
    """A page of one application of the practice, named by id in the URL."""

    permission_required = "applications.edit_application"

    def get_queryset(self):
        """Return what the hat may see."""
        return with_notes(applications_visible_to(self.request.hat))

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
        for section in self.cycle.localized.sections:
            if section.key == self.kwargs["key"] and section.kind == kind:
                return section
        raise Http404
