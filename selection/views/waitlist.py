"""The waitlist for staff: who is next for what became free; confirm, pass over, put back; all offers."""

from typing import Any
from urllib.parse import urlencode

import rules
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.exceptions import DomainError
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_decide
from programs.models import Cycle
from selection.domain import promoting
from selection.enums import OfferStatus
from selection.forms.offers import PassOverForm
from selection.presenting import waitlist as presenting
from selection.queries.conflicts import hidden_from
from selection.queries.offers import offer_counts
from selection.queries.proposals import page_by_rank
from selection.queries.waitlist import (
    Money,
    in_line,
    money_of,
    offers_of,
    offers_on,
    offers_visible_to,
    suggestions,
    waitlist,
)
from selection.views.application import number

SIZE = 50
STATES = tuple(
    one for one in OfferStatus if one not in (OfferStatus.SUGGESTED, OfferStatus.CANCELLED)
)


class AfterReleasePage(HatView):
    """A staff page about what followed the release of a cycle."""

    permission_required = "selection.view_decisions"

    @cached_property
    def cycle(self) -> Cycle | None:
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the cycle, its figures, and whether the person may act."""
        self.request.place = reverse("selection:waitlist")
        money = money_of(self.cycle) if self.cycle else None
        context: dict[str, Any] = {"cycle": self.cycle, "money": money, "figures": []}
        if self.cycle and money:
            counts, waiting = offer_counts(self.cycle), waitlist(self.cycle).count()
            context["figures"] = presenting.figures(money, counts, waiting)
        may_act = rules.has_perm("selection.confirm_offer", self.request.hat)
        return super().get_context(**context, may_act=may_act, **extra)


class WaitlistView(AfterReleasePage):
    """Suggestions to confirm, and everybody in line by rank."""

    template_name = "selection/waitlist/page.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the suggestions and one page of the line."""
        found = self._line(self.cycle) if self.cycle else {"rows": [], "suggested": []}
        context = super().get_context(**found, **extra)
        return context | {"next": self._next(context["money"])}

    def _next(self, money: Money | None) -> dict[str, Any] | None:
        """Return who is next by rank and what lacks for it; None when nobody is in line (1 query)."""
        if self.cycle is None or money is None:
            return None
        first = in_line(self.cycle).select_related("application__practice").first()
        return presenting.next_in_line(first, money, self.hidden) if first else None

    @cached_property
    def hidden(self) -> set[int]:
        """What a conflict of interest hides from the person."""
        return hidden_from(self.request.hat, self.cycle) if self.cycle else set()

    def _line(self, cycle: Cycle) -> dict[str, Any]:
        given, hidden = self.request.GET, self.hidden
        rows = waitlist(cycle).select_related(
            "application__practice", "application__designated_mcp"
        )
        after, before = number(given.get("after", "")) or 0, number(given.get("before", "")) or 0
        page = page_by_rank(rows, size=SIZE, after=after, before=before)
        waiting = suggestions(cycle).exclude(application__in=hidden).order_by("decision__rank")
        related = ("application__practice", "application__designated_mcp", "decision")
        return {
            "suggested": list(waiting.select_related(*related)[:SIZE]),
            "rows": presenting.line(page.rows, offers_on(page.rows), hidden),
            "first_rank": page.rows[0].rank if page.rows else 0,
            "last_rank": page.rows[-1].rank if page.rows else 0,
            "previous_url": f"?before={page.before}#line" if page.before else "",
            "next_url": f"?after={page.after}#line" if page.after else "",
        }


class OffersView(AfterReleasePage):
    """Every offer of the cycle, by its state."""

    template_name = "selection/waitlist/offers.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add one page of the offers in the state asked for."""
        given = self.request.GET
        state = given.get("state", "")
        state = state if state in STATES else ""
        page = max(1, min(number(given.get("page", "")) or 1, 10_000))
        found = []
        if self.cycle:
            start = (page - 1) * SIZE
            found = list(offers_of(self.request.hat, self.cycle, state)[start : start + SIZE + 1])
        return super().get_context(
            rows=presenting.offer_rows(found[:SIZE]),
            state=state,
            states=[(one.value, one.label) for one in STATES],
            previous_url=_page_url(state, page - 1) if page > 1 else "",
            next_url=_page_url(state, page + 1) if len(found) > SIZE else "",
            page=page,
            **extra,
        )


class SuggestionPage(ActionView):
    """One suggestion of the portal, for who works on decisions and has no conflict with it."""

    permission_required = "selection.confirm_offer"
    template_name = "selection/waitlist/confirm.html"

    def get_queryset(self):
        """Return the offers from the waitlist that the hat may see."""
        found = offers_visible_to(self.request.hat).filter(is_promotion=True)
        return found.select_related(
            "application__practice", "application__designated_mcp", "application__cycle", "decision"
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the application, the money and what the act does."""
        offer = self.object
        self.request.cycle = offer.application.cycle
        self.request.place = reverse("selection:waitlist")
        return super().get_context(
            offer=offer,
            application=offer.application,
            effects=presenting.confirm_effects(offer),
            money=money_of(offer.application.cycle, before=offer.decision),
            possible=offer.status == OfferStatus.SUGGESTED,
            **extra,
        )

    def get_success_url(self) -> str:
        """Return the waitlist of the cycle."""
        return f"{reverse('selection:waitlist')}?cycle={self.object.application.cycle.slug}"


class ConfirmView(SuggestionPage):
    """Offer the place."""

    success_message = _("The place is offered. The owners get an email.")

    def perform(self, form: Any) -> Any:
        """Confirm."""
        return promoting.confirm(self.object, by=self.request.hat)


class PassOverView(SuggestionPage):
    """Leave the practice on the waitlist, with a reason, and go on to the next."""

    template_name = "selection/waitlist/pass_over.html"
    form_class = PassOverForm
    success_message = _("The practice is passed over and stays on the waitlist.")

    def perform(self, form: Any) -> Any:
        """Pass over."""
        reason = form.cleaned_data["reason"]
        return promoting.pass_over(self.object, reason=reason, by=self.request.hat)


class PutBackView(SuggestionPage):
    """Put a practice that was passed over back in line: a button on the waitlist."""

    def get(self, request, *args, **kwargs):
        """The act lives on the waitlist."""
        return HttpResponseRedirect(self.get_success_url())

    def post(self, request, *args, **kwargs):
        """Put back, or say why not; then the waitlist again."""
        try:
            promoting.put_back(self.object, by=request.hat)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The practice is back in line."))
        return HttpResponseRedirect(self.get_success_url())


def _page_url(state: str, page: int) -> str:
    kept = {"state": state} if state else {}
    return f"?{urlencode({**kept, 'page': page})}"
