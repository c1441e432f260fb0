"""Acts of staff on one application: notes, flags; and the page of one's mentions."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.exceptions import DomainError
from core.views import ActionView, HatView
from selection.domain import flags, notes
from selection.queries.conflicts import open_to, staff_of
from selection.queries.notes import flags_visible_to, mentions_of, notes_visible_to
from selection.views.application import LONGEST_VIEW, ApplicationPage, number

PAGE_SIZE = 50
MOST_NAMES = 5


class OnThePage(ApplicationPage, ActionView):
    """An act whose form is on the application's page; what is wrong is shown there."""

    part = ""
    http_method_names = ("get", "head", "options", "post")

    def get(self, request, *args, **kwargs):
        """The form lives on the page."""
        return redirect(self.address(self.part))

    def get_success_url(self) -> str:
        """Return the page at its part."""
        return self.address(self.part)


class NotesView(OnThePage):
    """Write a note, and tell who is named in it."""

    permission_required = "selection.write_note"
    part = "notes"

    def get_form(self, data=None, files=None):
        """Return the form of a note."""
        return self.note_form(data)

    def perform(self, form):
        """Keep it, and say who is told."""
        hat, data = self.request.hat, form.cleaned_data
        colleagues = open_to(self.object, staff_of(hat.organisation))
        ticked = {int(pk) for pk in data["mentioned"]}
        by_hat = {one.pk: one for one in colleagues}
        people = [by_hat[pk] for pk in ticked if pk in by_hat]
        note = notes.add(
            self.object, text=data["text"], mentioned=people, colleagues=colleagues, by=hat
        )
        messages.success(self.request, _told(note))
        known = [one.user for one in (*colleagues, hat)]
        if names := notes.unknown_in(note.text, known)[:MOST_NAMES]:
            messages.warning(self.request, _nobody(names))
            self.part = ""  # the warning is at the top of the page
        return note


class RemoveNoteView(HatView):
    """Take one's own note off."""

    permission_required = "selection.remove_note"
    http_method_names = ("post",)

    def get_queryset(self):
        """Return the notes that the hat may read."""
        return notes_visible_to(self.request.hat)

    def post(self, request, *args, **kwargs):
        """Remove, or say why not."""
        try:
            notes.remove(self.object, by=request.hat)
            messages.success(request, _t("Your note is removed."))
        except DomainError as error:
            messages.error(request, str(error))
        return _back(request, self.object.application_id, "notes")


class FlagsView(OnThePage):
    """Put a flag on."""

    permission_required = "selection.flag"
    part = "flags"
    success_message = _("The flag is on.")

    def get_form(self, data=None, files=None):
        """Return the form of a flag."""
        return self.flag_form(data)

    def perform(self, form):
        """Put it on."""
        return flags.put(self.object, label=form.chosen, by=self.request.hat)


class ClearFlagView(HatView):
    """Take a flag off."""

    permission_required = "selection.clear_flag"
    http_method_names = ("post",)

    def get_queryset(self):
        """Return the flags that the hat may see."""
        return flags_visible_to(self.request.hat)

    def post(self, request, *args, **kwargs):
        """Clear, or say why not."""
        try:
            flags.clear(self.object, by=request.hat)
            messages.success(request, _t("The flag is taken off."))
        except DomainError as error:
            messages.error(request, str(error))
        return _back(request, self.object.application_id, "flags")


class MentionsView(HatView):
    """Where colleagues mention me, the newest first; and one button that marks all as seen."""

    permission_required = "selection.view_mentions"
    template_name = "selection/mentions.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add one page of mentions."""
        after = number(self.request.GET.get("after", ""))
        rows = mentions_of(self.request.hat)
        found = list((rows.filter(pk__lt=after) if after else rows)[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE]
        return super().get_context(
            mentions=shown,
            unseen=sum(row.seen_at is None for row in shown),
            more=shown[-1].pk if len(found) > PAGE_SIZE else "",
            paged=after is not None,
            **extra,
        )

    def post(self, request, *args, **kwargs):
        """Mark all as seen."""
        count = notes.mark_seen(request.hat.user_id)
        if count:
            messages.success(request, _t("All mentions are marked as seen."))
        return redirect("selection:mentions")


def _back(request, application: int, part: str) -> HttpResponseRedirect:
    """Return to the application's page in the view that the address carries."""
    view = request.GET.get("view", "")[:LONGEST_VIEW]
    page = reverse("selection:application", args=[application])
    query = f"?{urlencode({'view': view})}" if view else ""
    return HttpResponseRedirect(f"{page}{query}#{part}")


def _nobody(names: list[str]) -> str:
    """Say that no colleague is named so, or that the application is not open to them."""
    text = _t(
        "Nobody was told about %(names)s: no colleague with this full name can open the application. "
        "Tick a name under “Tell colleagues” instead."
    )
    return text % {"names": ", ".join(f"“@{name}”" for name in names)}


def _told(note) -> str:
    names = [one.person.full_name for one in note.mentions.select_related("person")]
    if names:
        return _t("Your note is kept. Told by email: %(names)s.") % {"names": ", ".join(names)}
    return _t("Your note is kept.")
