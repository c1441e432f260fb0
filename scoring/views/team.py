"""The people of a plan: who they are, how much they have, who is away, and who is invited."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.domain import invitations
from accounts.forms import InviteForm
from accounts.models import Membership
from accounts.queries import invitations_visible_to, left, unanswered
from accounts.teams import MAY_INVITE
from applications.queries import applications_visible_to
from core.exceptions import DomainError
from core.times import day_and_month
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_score
from scoring.domain import people, team
from scoring.models import Absence, ReviewerProfile
from scoring.queries import open_reviews
from scoring.queries.progress import NOTHING, progress_of
from scoring.queries.team import absences_by_hat, colleagues, members_visible_to

ANYTHING = ReviewerProfile(max_open=None, counties=[], specialties=[])


@dataclass(frozen=True)
class Row:
    """A person of the team. `open` counts all reviews to submit, `done` those of the cycle."""

    hat: Membership
    open: int
    done: int
    limit: int | None
    absences: tuple[Absence, ...]
    today: date

    @property
    def is_away(self) -> bool:
        """Whether the person is away today."""
        return any(one.first_day <= self.today for one in self.absences)

    @property
    def is_full(self) -> bool:
        """Whether the person takes nothing more now."""
        return self.limit is not None and self.open >= self.limit

    @property
    def next_absence(self) -> str:
        """The days away now or next in words; "" for none."""
        if not self.absences:
            return ""
        first = self.absences[0]
        days = {"first": day_and_month(first.first_day), "last": day_and_month(first.last_day)}
        if self.is_away:
            return _("Away until %(last)s") % days
        return _("Away %(first)s to %(last)s") % days


class TeamView(ActionView):
    """Who works for the plan, who is invited, and the form to invite."""

    permission_required = "scoring.manage_team"
    template_name = "scoring/team.html"
    http_method_names = ["get", "head", "options"]

    @cached_property
    def cycle(self):
        """The cycle whose done reviews are counted."""
        return choose_cycle(self.request, to_score)

    def get_form(self, data=None, files=None):
        """Return the form with the roles that a lead gives."""
        roles = MAY_INVITE[self.request.hat.role]
        return InviteForm(roles, data, initial={"role": roles[0]})

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the people with their work, the open invitations and who left."""
        hat = self.request.hat
        rows = self._rows(hat)
        return super().get_context(
            cycle=self.cycle,
            organisation=hat.organisation,
            rows=rows,
            away=[row for row in rows if row.is_away and row.open],
            removed=left(hat),
            invitations=unanswered(invitations_visible_to(hat)),
            now=timezone.now(),
            **extra,
        )

    def _rows(self, hat: Membership) -> list[Row]:
        plan, today = hat.organisation, team.today()
        mine = applications_visible_to(hat).filter(cycle=self.cycle)
        done, opened = progress_of(plan, mine), open_reviews(plan)
        away = absences_by_hat(plan, today)
        return [
            Row(
                hat=one,
                open=opened.get(one.user_id, 0),
                done=done.get(one.pk, NOTHING).done,
                limit=getattr(one, "reviewer_profile", ANYTHING).max_open,
                absences=tuple(away.get(one.pk, ())),
                today=today,
            )
            for one in colleagues(plan)
        ]


class InviteView(TeamView):
    """Invite somebody; what is wrong is shown on the team page."""

    http_method_names = ["get", "head", "options", "post"]

    def get(self, request, *args, **kwargs):
        """The form lives on the team page."""
        return redirect("scoring:team")

    def perform(self, form):
        """Invite."""
        return invitations.invite(**form.cleaned_data, by=self.request.hat)

    @property
    def success_message(self):
        """Say where the email goes."""
        return _("The invitation to %(email)s is on its way.") % {"email": self.result.email}

    def get_success_url(self):
        """Return the team page."""
        return reverse("scoring:team")


class OneClickView(HatView):
    """A button on the team page: one act, a sentence about it, the team page again."""

    permission_required = "scoring.manage_team"
    http_method_names = ["post"]

    def act(self) -> str:
        """Do it and return what to say. Raises DomainError."""
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        """Act, or say why not."""
        try:
            messages.success(request, self.act())
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("scoring:team")


class ResendView(OneClickView):
    """Send an invitation again, with a new link."""

    def get_queryset(self):
        """Return the plan's invitations."""
        return invitations_visible_to(self.request.hat)

    def act(self):
        """Send."""
        sent = invitations.resend(self.object, by=self.request.hat)
        return _(
            "A new link is on its way to %(email)s. The earlier link no longer works."
        ) % {"email": sent.email}  # fmt: skip


class RevokeView(OneClickView):
    """Take an invitation back."""

    def get_queryset(self):
        """Return the plan's invitations."""
        return invitations_visible_to(self.request.hat)

    def act(self):
        """Revoke."""
        ended = invitations.revoke(self.object, by=self.request.hat)
        return _("The link sent to %(email)s no longer works.") % {"email": ended.email}


class ReactivateView(OneClickView):
    """Let somebody in again who left."""

    def get_queryset(self):
        """Return the plan's people, also who left."""
        return members_visible_to(self.request.hat)

    def act(self):
        """Switch the hat on."""
        hat = people.reactivate(self.object, by=self.request.hat)
        facts = {"person": hat.user.full_name, "role": hat.get_role_display()}
        return _("%(person)s is back as %(role)s.") % facts
