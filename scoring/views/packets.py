"""Packets for a committee: one application, or several in one PDF. Reading only; every address is a GET."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.enums import Role
from applications.models import Application
from programs.choosing import choose_cycle, to_decide, to_score
from scoring.forms.exports import NAMES
from scoring.forms.packets import SCORES, PacketForm
from scoring.pdf.packet import MOST, packet_pdf
from scoring.queries.packets import applications_to_print
from scoring.views.lead_page import LeadPage

PAGE_SIZE = 50
CHOSEN = "application"


class PacketView(LeadPage):
    """One application: choose what goes with it, or get the PDF when `content` says it."""

    permission_required = "scoring.print_packet"
    template_name = "scoring/packet.html"
    http_method_names = ["get", "head", "options"]

    def get_queryset(self):
        """Return what the hat may print."""
        return applications_to_print(self.request.hat)

    def get(self, request, *args, **kwargs):
        """Show the choice, or return the file."""
        if "content" not in request.GET:
            return self.render(form=PacketForm())
        form = PacketForm(request.GET)
        if not form.is_valid():
            return self.render(form=form, status=422)
        return self.pdf(form, [self.object])

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add where the page was opened from."""
        if self.object is not None:
            self.request.cycle = self.object.cycle
            staff = self.request.hat.role in Role.see_all
            name = "selection:application" if staff else "scoring:application"
            extra["back_url"] = reverse(name, args=[self.object.pk])
        return super().get_context(**extra)

    def pdf(self, form: PacketForm, applications: list[Application]) -> HttpResponse:
        """Return the packet as a file to save, which no cache may keep."""
        content = packet_pdf(
            applications,
            hat=self.request.hat,
            with_scores=form.cleaned_data["content"] == SCORES,
            with_names=form.cleaned_data["reviewers"] == NAMES,
        )
        only = applications[0].reference if len(applications) == 1 else str(len(applications))
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={
                "Content-Disposition": content_disposition_header(
                    as_attachment=True, filename=f"packet-{only}.pdf"
                ),
                "Cache-Control": "private, no-store",
            },
        )


class PacketsView(PacketView):
    """Several applications of the chosen cycle: tick them, or get the PDF when some are named."""

    permission_required = "scoring.print_packets"
    template_name = "scoring/packets.html"

    def get_queryset(self):
        """Return None: the page is about many."""

    @cached_property
    def cycle(self):
        """The cycle whose applications are shown."""
        staff = self.request.hat.role in Role.see_all
        return choose_cycle(self.request, to_decide if staff else to_score)

    def get(self, request, *args, **kwargs):
        """Show the list, or return the file; a choice that can't be printed is said above the list."""
        if "content" not in request.GET:
            return self.render(form=PacketForm())
        form = PacketForm(request.GET)
        if not form.is_valid():
            return self.render(form=form, status=422)
        ids = {text for text in request.GET.getlist(CHOSEN) if text.isdecimal() and len(text) < 18}
        if not ids:
            return self.render(form=form, problem=_("Tick at least one application."), status=422)
        if len(ids) > MOST:
            message = _("A packet holds at most %(most)d applications. You ticked %(n)d.")
            problem = message % {"most": MOST, "n": len(ids)}
            return self.render(form=form, problem=problem, status=422)
        found = list(applications_to_print(request.hat).filter(pk__in=ids))
        if not found:
            problem = _("You can't print what you ticked. Look at the list again.")
            return self.render(form=form, problem=problem, status=409)
        return self.pdf(form, found)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add a page of the list, after the application named by `after`."""
        after = self.request.GET.get("after", "")
        mine = applications_to_print(self.request.hat).filter(cycle=self.cycle)
        if after.isdecimal() and len(after) < 18:
            mine = mine.filter(pk__gt=int(after))
        rows = list(mine[: PAGE_SIZE + 1])
        more = rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None
        ticked = set(self.request.GET.getlist(CHOSEN))
        shown = [(row, str(row.pk) in ticked) for row in rows[:PAGE_SIZE]]
        context = {"cycle": self.cycle, "rows": shown, "more": more, "most": MOST, "problem": ""}
        return super().get_context(**context | extra)
