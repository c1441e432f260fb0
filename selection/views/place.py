"""The practice's own place after the release: read it, accept it, decline it, leave the program."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.stepup import StepUpMixin
from applications.domain.transitions import can_take
from applications.emails import owners_of
from applications.queries import applications_visible_to
from core.exceptions import DomainError
from core.forms import PortalForm
from core.views import ActionView, HatView
from selection.domain import offers
from selection.forms.offers import DeclineForm, LeaveForm
from selection.models import Offer
from selection.presenting.place import Place, accept_effects, give_up_effects, place_of
from selection.queries.offers import offer_of


class PlaceView(HatView):
    """Where the practice's place is, and until when it answers. Before the release there is no such page."""

    permission_required = "selection.view_place"
    template_name = "selection/place/page.html"

    def get_queryset(self):
        """Return the decided applications that the hat may see."""
        visible = applications_visible_to(self.request.hat)
        return visible.filter(decisions__in_force=True)

    @cached_property
    def offer(self) -> Offer | None:
        """The practice's last offer."""
        return offer_of(self.object)

    @property
    def place(self) -> Place:
        """What the practice is told now."""
        return place_of(self.object, self.offer, timezone.now())

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the place, what the person may do, and who else may."""
        self.request.cycle = self.object.cycle
        self.request.place = reverse("applications:home")
        place = self.place
        may_answer = place.can_answer and can_take(self.object, "accept", self.request.hat)
        may_leave = place.can_leave and can_take(self.object, "leave", self.request.hat)
        asks_owner = (place.can_answer and not may_answer) or (place.can_leave and not may_leave)
        context = {
            "place": place,
            "may_answer": may_answer,
            "may_leave": may_leave,
            "owners": owners_of(self.object.practice) if asks_owner else [],
            "accept_effects": accept_effects(self.object),
            "form": None,
        }
        return super().get_context(**{**context, **extra})

    @property
    def page_url(self) -> str:
        """The page of the place."""
        return reverse("selection:place", args=[self.object.pk])


class AcceptView(PlaceView):
    """Accept the place: a button on its page."""

    permission_required = "applications.answer_offer"

    def get(self, request, *args, **kwargs):
        """The act lives on the page of the place."""
        return HttpResponseRedirect(self.page_url)

    def post(self, request, *args, **kwargs):
        """Accept, or say on the page why not."""
        form = PortalForm(request.POST)
        form.full_clean()
        try:
            offers.accept(self.object, by=request.hat)
        except DomainError as error:
            form.add_error(None, str(error))
            self.object = self.get_object()
            return self.render(status=409, form=form)
        messages.success(request, _("The place is yours. Every owner gets an email."))
        return HttpResponseRedirect(self.page_url)


class GiveUpView(PlaceView, ActionView):
    """A page of its own for an act that can't be undone: what it does, why, and the button."""

    permission_required = "applications.answer_offer"
    template_name = "selection/place/give_up.html"
    step: ClassVar[str]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add whether the act is possible now, and what it does."""
        return super().get_context(
            step=self.step,
            possible=self.is_possible(),
            give_up_effects=give_up_effects(),
            **extra,
        )

    def is_possible(self) -> bool:
        """Tell whether the person can do it now."""
        raise NotImplementedError

    def act(self, reason: str) -> Any:
        """Call the use-case."""
        raise NotImplementedError

    def perform(self, form: Any) -> Any:
        """Act; when it is refused the page shows how things are now."""
        try:
            return self.act(form.cleaned_data["reason"])
        except DomainError:
            self.object = self.get_object()
            self.__dict__.pop("offer", None)
            raise

    def get_success_url(self) -> str:
        """Return the page of the place."""
        return self.page_url


class DeclineView(GiveUpView):
    """Decline the place, with a reason."""

    step = "decline"
    form_class = DeclineForm
    success_message = _("The place is declined. Every owner gets an email.")

    def is_possible(self) -> bool:
        """The offer is open."""
        return self.place.can_answer

    def act(self, reason: str) -> Any:
        """Decline."""
        return offers.decline(self.object, reason=reason, by=self.request.hat)


class LeaveView(StepUpMixin, GiveUpView):
    """Leave the program, with a reason and the password."""

    step = "leave"
    form_class = LeaveForm
    success_message = _("Your practice left the program. Every owner gets an email.")

    def is_possible(self) -> bool:
        """The practice takes part."""
        return self.place.can_leave

    def act(self, reason: str) -> Any:
        """Leave. What is refused anyway is refused before the password is asked for."""
        if self.is_possible():
            self.confirm_identity(
                _t("You are about to leave the program with application %(reference)s.")
                % {"reference": self.object.reference}
            )
        return offers.leave(self.object, reason=reason, by=self.request.hat)
