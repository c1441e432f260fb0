"""One application as DHCS sees it: everything in one place."""

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from rules import has_perm

from accounts.enums import Role
from applications.correspondence import Thread, thread_of
from applications.domain.transitions import can_take
from applications.history import signed_contents
from applications.resubmission import reading_of
from applications.views.history import parse_cursor, write_cursor
from core.views import HatView
from scoring.basis import in_words
from scoring.domain.scores import too_late_to_return
from selection import filters
from selection.domain.notes import mark_seen
from selection.forms.desk import FlagForm, NoteForm, flag_choices
from selection.presenting import application as presenting
from selection.presenting import choice_labels, history
from selection.queries.application import applications_for_page, sheets_ever
from selection.queries.emails import emails_about
from selection.queries.history import events_of
from selection.queries.neighbours import neighbours
from selection.queries.notes import notes_of

LONGEST_VIEW = 2000
PARTS = ("notes", "messages", "history", "emails")


class ApplicationPage(HatView):
    """The page and the acts on it. `view` in the address is the query string of the queue it came from."""

    template_name = "selection/application.html"

    def get_queryset(self):
        """Return what the hat may see, with what the page shows of it."""
        return applications_for_page(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add every part of the page."""
        application, hat = self.object, self.request.hat
        self.request.cycle = application.cycle
        given = extra.pop("form", None)
        return super().get_context(
            cycle=application.cycle,
            labels=choice_labels(application.cycle.definition),
            definition=application.cycle.definition,
            view=self.view,
            view_query=f"?{urlencode({'view': self.view})}" if self.view else "",
            part={name: self.request.GET.get(name, "") for name in PARTS},
            here=self._link(),
            can_return=can_take(application, "return", hat) and not too_late_to_return(application),
            can_send_back=can_take(application, "send_back", hat),
            can_write=has_perm("selection.write_note", hat, application),
            can_judge=has_perm("selection.judge_conflict", hat, application),
            **self._numbers(),
            **self._desk(given),
            **self._dealings(),
            **self._ways(),
            **extra,
        )

    @cached_property
    def view(self) -> str:
        """The query string of the queue from which the page was opened, as filters read it."""
        text = self.request.GET.get("view", "")[:LONGEST_VIEW].replace("\x00", "")
        return filters.read(QueryDict(text)).query() if text else ""

    def _numbers(self) -> dict[str, Any]:
        application, definition = self.object, self.object.cycle.definition
        sheets = sheets_ever(application)
        reading = reading_of(application)
        return {
            "reading": reading,
            "blocks": reading.blocks,
            "sheets": presenting.sheet_rows(sheets),
            "criteria": presenting.criteria_table(application, sheets, definition),
            "settled": presenting.settled_in_words(application),
            "basis": in_words(application.score_basis),
            "origin": presenting.origin(application, definition),
            "decisions": presenting.decision_rows(application),
            "later": presenting.later_rows(application),
            "files": presenting.file_rows(application, definition),
            "late_rows": [
                {**row, "until": presenting.when(row["until"]), "at": presenting.when(row["at"])}
                for row in application.late_rows
            ],
        }

    def _desk(self, given: Any) -> dict[str, Any]:
        page = notes_of(self.object, number(self.request.GET.get("notes", "")))
        on, off = presenting.flag_rows(self.object)
        return {
            "notes": page,
            "notes_url": self._link("notes", page.earlier),
            "note_form": given if isinstance(given, NoteForm) else self.note_form(),
            "flag_form": given if isinstance(given, FlagForm) else self.flag_form(),
            "flags": on,
            "flags_off": off,
            **presenting.claim(self.object, self.request.hat.user_id),
            "may_work": has_perm("selection.work_queue", self.request.hat),
        }

    def _dealings(self) -> dict[str, Any]:
        start = parse_cursor(self.request.GET.get("history", ""))
        events, more = events_of(self.object, start)
        numbers = history.submissions_to_compare(events)
        signed = signed_contents(self.object, numbers) if numbers else {}
        emails = emails_about(self.object, number(self.request.GET.get("emails", "")))
        thread = thread_of(self.object, self.request.GET.get("messages", ""))
        return {
            "entries": history.entries(events, self.object.cycle.localized, signed),
            "history_url": self._link("history", write_cursor(more)) if more else "",
            "emails": presenting.email_rows(emails.rows),
            "emails_url": self._link("emails", emails.earlier),
            "thread": Thread(thread.rows, None),
            "messages_url": self._link("messages", thread.earlier),
            "own_side": "dhcs",
        }

    def _ways(self) -> dict[str, str]:
        """Return the addresses of the queue and, in the view, of the applications beside this one."""
        back = reverse("selection:queue") + (f"?{self.view}" if self.view else "")
        asked = filters.read(QueryDict(self.view))
        beside = neighbours(self.object, asked, self.request.hat)
        return {
            "queue_url": back,
            "previous_url": self._of(beside.previous),
            "next_url": self._of(beside.next),
        }

    def note_form(self, data: Any = None) -> NoteForm:
        """Return the form of a note, over the colleagues to whom the application is open."""
        each = {one["person"]: one for one in reversed(self.object.colleagues_read)}
        named = sorted(each.values(), key=lambda one: (one["name"].casefold(), one["pk"]))
        choices = [(str(one["pk"]), f"{one['name']}, {Role(one['role']).label}") for one in named]
        return NoteForm(choices, data)

    def flag_form(self, data: Any = None) -> FlagForm:
        """Return the form of a flag, over those in use that are not on."""
        on = {one["label"] for one in self.object.desk_flags if one["cleared_at"] is None}
        return FlagForm([x for x in flag_choices(self.object.labels_read) if x not in on], data)

    def address(self, part: str = "") -> str:
        """Return the page's own address in the same view, at one of its parts."""
        return self._of(self.object.pk) + (f"#{part}" if part else "")

    def _of(self, pk: int | None) -> str:
        if pk is None:
            return ""
        query = f"?{urlencode({'view': self.view})}" if self.view else ""
        return reverse("selection:application", args=[pk]) + query

    def _link(self, part: str = "", value: Any = None) -> str:
        if part and value is None:
            return ""
        asked = {"view": self.view, part: "" if value is None else value}
        query = urlencode({name: text for name, text in asked.items() if name and text})
        page = reverse("selection:application", args=[self.object.pk])
        return page + (f"?{query}" if query else "") + (f"#{part}" if part else "")


class ApplicationView(ApplicationPage):
    """Everything about one application, and how its three numbers came about."""

    permission_required = "selection.view_application"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Note that the person saw where the notes on the page mention them."""
        found = super().get_context(**extra)
        notes, me = found["notes"], self.request.hat.user_id
        unseen = [
            note.pk
            for note in notes.rows
            if any(one["person"] == me and one["seen_at"] is None for one in note.people)
        ]
        if unseen:
            mark_seen(me, unseen)
        return found


def number(text: str) -> int | None:
    """Return the id that a page's address names, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
