"""The people of a plan: who they are, how much they have, who is away, and who is invited."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.forms import InviteForm
from accounts.models import Membership
from accounts.queries import invitations_visible_to, left, unanswered
from accounts.teams import MAY_INVITE
from accounts.views.one_click import Invites, Readmit, Resend, Revoke
from applications.queries import applications_visible_to
from core.times import day_and_month
from core.views import ActionView
from programs.choosing import choose_cycle, to_score
from scoring.domain import people, team
from scoring.models import Absence
from scoring.queries import limits, open_reviews
from scoring.queries.progress import NOTHING, progress_of
from scoring.queries.team import absences_by_hat, colleagues, members_visible_to


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
        limited, away = limits(plan), absences_by_hat(plan, today)
        return [
            Row(
                hat=one,
                open=opened.get(one.user_id, 0),
                done=done.get(one.pk, NOTHING).done,
                limit=limited.get(one.user_id),
                absences=tuple(away.get(one.pk, ())),
                today=today,
            )
            for one in colleagues(plan)
        ]


class InviteView(Invites, TeamView):
    """Invite somebody; what is wrong is shown on the team page."""

    page = "scoring:team"


class ResendView(Resend):
    """Send an invitation of the plan again."""

    permission_required, page = "scoring.manage_team", "scoring:team"


class RevokeView(Revoke):
    """Take an invitation of the plan back."""

    permission_required, page = "scoring.manage_team", "scoring:team"


class ReactivateView(Readmit):
    """Let somebody in again who left."""

    permission_required, page = "scoring.manage_team", "scoring:team"

    def get_queryset(self):
        """Return the plan's people, also who left."""
        return members_visible_to(self.request.hat)

    def switch_on(self):
        """Switch the hat on."""
        return people.reactivate(self.object, by=self.request.hat)
