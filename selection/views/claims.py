"""Claims: the next one of a view, one application, and what one works on."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.queries import applications_visible_to
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_decide
from selection.domain import claims
from selection.filters import Asked, read
from selection.presenting.queue import queue_url
from selection.queries.own_desk import MOST_CLAIMS, claims_visible_to, ended_claims, open_claims
from selection.queries.paging import in_order
from selection.queries.queue import found_by

LATEST = 20
LONGEST_VIEW = 8000


class ClaimNextView(HatView):
    """Claim the next application of the view that nobody has, and open it."""

    permission_required = "selection.work_queue"
    http_method_names = ("post", "options")

    def post(self, request, *args, **kwargs):
        """Claim, then go to the application; back to the view when there is none left."""
        cycle = choose_cycle(request, to_decide)
        asked = posted_view(request)
        rows, order, _search = found_by(asked, request.hat, cycle)
        for part in in_order(rows, order):
            if claim := claims.claim_next(part, by=request.hat):
                messages.success(request, _t("You have this application now."))
                return HttpResponseRedirect(application_url(claim.application_id, asked))
        messages.info(request, _t("Nothing is left in this view: somebody has each application."))
        return HttpResponseRedirect(queue_url(asked))


class ClaimView(ActionView):
    """Claim one application, from its page."""

    permission_required = "selection.work_queue"
    template_name = "selection/queue/claim.html"
    success_message = _("You have this application now.")

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def perform(self, form):
        """Claim it."""
        return claims.claim(self.object, by=self.request.hat)

    def get_success_url(self) -> str:
        """Return to the application."""
        return application_url(self.object.pk, posted_view(self.request))


class EndClaimView(ActionView):
    """End a claim: finished, or given back for others. Anybody who works the queue may release one."""

    permission_required = "selection.work_queue"
    template_name = "selection/queue/claim_end.html"

    def get_queryset(self):
        """Return the claims on what the hat may see."""
        return claims_visible_to(self.request.hat)

    def perform(self, form):
        """End it."""
        is_done = "done" in self.request.POST
        claims.end(self.object, is_done=is_done)
        words = _t("Finished.") if is_done else _t("Given back. Others can claim it.")
        messages.success(self.request, words)

    def get_success_url(self) -> str:
        """Return to the application when the form came from its page, else to one's claims."""
        if "view" in self.request.POST:
            return application_url(self.object.application_id, posted_view(self.request))
        return reverse("selection:my_claims")


class MyClaimsView(HatView):
    """What one works on, and what one finished or gave back last."""

    permission_required = "selection.work_queue"
    template_name = "selection/queue/mine.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the claims."""
        return super().get_context(
            claims=list(open_claims(self.request.hat)[:MOST_CLAIMS]),
            ended=list(ended_claims(self.request.hat)[:LATEST]),
            **extra,
        )


def posted_view(request) -> Asked:
    """Return the view that the page was about, from its hidden input."""
    return read(QueryDict(request.POST.get("view", "")[:LONGEST_VIEW]))


def application_url(pk: int, asked: Asked) -> str:
    """Return the application's page within the view."""
    return reverse("selection:application", args=[pk]) + view_query(asked)


def view_query(asked: Asked) -> str:
    """Return the query string that names the view to a page opened from it; "" for the whole queue."""
    query = asked.query()
    return f"?{urlencode({'view': query})}" if query else ""
