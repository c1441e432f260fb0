"""What each reviewer can still take: open reviews, limit, and days away."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from core.exceptions import DomainError
from scoring.domain.team import today
from scoring.queries import away_on, limits, open_reviews


@dataclass(frozen=True)
class Room:
    """One person now: `open` reviews, the `limit` of them (None: no limit), `away` today."""

    open: int
    limit: int | None
    away: bool

    @property
    def left(self) -> int | None:
        """How many more the person takes today; None: any number."""
        if self.away:
            return 0
        return None if self.limit is None else max(self.limit - self.open, 0)

    def refusal(self, more: int = 0) -> str:
        """Return why the person takes no further review after `more` new ones, or ""."""
        if self.away:
            return _("Is away today.")
        if self.limit is not None and self.open + more >= self.limit:
            return _("Has reached the limit of open reviews (%(limit)d).") % {"limit": self.limit}
        return ""


def rooms(plan: Organisation, hats: Iterable[Membership]) -> dict[int, Room]:
    """Return the room of each hat of the plan by hat id (3 queries). Load and limit are the person's."""
    limited, opened, away = limits(plan), open_reviews(plan), away_on(plan, today())
    return {
        hat.pk: Room(opened.get(hat.user_id, 0), limited.get(hat.user_id), hat.user_id in away)
        for hat in hats
    }


def require_room(reviewer: Membership) -> None:
    """Raise DomainError when the person is away today or has reached the limit of open reviews."""
    room = rooms(reviewer.organisation, [reviewer])[reviewer.pk]
    words = {"person": reviewer.user.full_name, "limit": room.limit}
    if room.away:
        message = _("%(person)s is away today. Choose another, or change the days under Team.")
        raise DomainError(message % words)
    if room.refusal():
        message = _(
            "%(person)s has reached the limit of open reviews (%(limit)d). Choose another, or raise "
            "the limit under Team."
        )
        raise DomainError(message % words)
