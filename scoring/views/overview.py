"""The lead's first page: where the applications are, what waits, and how far each reviewer is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from applications.enums import Status
from applications.queries import applications_visible_to
from core.components import percent
from core.times import PACIFIC, clock, long
from programs.choosing import choose_cycle, to_score
from programs.models import Cycle
from scoring.domain import team
from scoring.needs import Need
from scoring.queries import counts_by_status
from scoring.queries.needs import moment, need_counts
from scoring.queries.progress import NOTHING, Progress, last_changes, progress_of
from scoring.queries.team import absences_by_hat, members_visible_to
from scoring.views.lead_page import LeadPage

SHOWN = tuple(status for status in Status if status != Status.DRAFT)
MENDED_AT: Mapping[Need, str] = {  # needs that a page of their own mends; the list shows the others
    Need.TO_CONFIRM: "scoring:confirm_many",
}
URGENT = {
    Need.CONFLICT, Need.DECLINED, Need.OVERDUE, Need.SENT_BACK, Need.DIFFERENCE, Need.VOID_SHEET,
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """A state with its number of applications; `width` is the bar's share of the longest, in percent."""

    label: str
    count: int
    width: str
    href: str


@dataclass(frozen=True)
class Reviewer:
    """A person's progress; the three parts of the bar are percent of the most that anybody has."""

    hat: Membership
    progress: Progress
    active: datetime | None
    is_away: bool
    done: str
    begun: str
    all: str


@dataclass(frozen=True)
class Waiting:
    """One kind of thing that waits for the lead; `is_urgent` is at most the first of them all."""

    label: str
    count: int
    href: str
    is_urgent: bool = False


class OverviewView(LeadPage):
    """Where the plan's work stands, and what the lead has to do next."""

    permission_required = "scoring.view_plan"
    template_name = "scoring/overview.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add states, what waits and the reviewers; nothing but the frame while there is no cycle."""
        if self.cycle is None:
            return super().get_context(cycle=None, total=0, **extra)
        hat, now = self.request.hat, timezone.now()
        mine = applications_visible_to(hat).filter(cycle=self.cycle)
        counts = counts_by_status(mine)
        progress = progress_of(hat.organisation, mine)
        away = _away(hat)
        own = progress.get(hat.pk, NOTHING).left
        return super().get_context(
            cycle=self.cycle,
            total=sum(counts.values()),
            figures=[_due(self.cycle, now), *_figures(counts, progress.values())],
            states=_bars(counts),
            waiting=[
                *_waiting(need_counts(mine, moment(self.cycle, now))),
                *_of_people(away, progress, own),
            ],
            reviewers=_reviewers(hat, progress, last_changes(hat.organisation, mine), away),
            **extra,
        )


def due_in_words(due: datetime, now: datetime) -> str:
    """Return how far the due date is, counted in Pacific days: "in 12 days", "today, 5:00 pm PT"."""
    days = (due.astimezone(PACIFIC).date() - now.astimezone(PACIFIC).date()).days
    facts = {"n": abs(days), "clock": clock(due)}
    if days < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -days) % facts
    if days == 0:
        text = _("today, %(clock)s PT") if due >= now else _("today, since %(clock)s PT")
        return text % facts
    if days == 1:
        return _("tomorrow, %(clock)s PT") % facts
    return ngettext("in %(n)d day", "in %(n)d days", days) % facts


def _due(cycle: Cycle, now: datetime) -> dict[str, Any]:
    label = _("Scores were due") if now > cycle.scoring_due_at else _("Scores are due")
    value = due_in_words(cycle.scoring_due_at, now)
    return {"label": label, "value": value, "note": long(cycle.scoring_due_at)}


def _figures(counts: Mapping[str, int], progress: Iterable[Progress]) -> list[dict[str, Any]]:
    every = list(progress)
    done, given = sum(one.done for one in every), sum(one.assigned for one in every)
    handed = sum(counts.get(one, 0) for one in (*Status.handed_over, *Status.decided))
    base = reverse("scoring:applications")
    total = sum(counts.values())
    of = _("%(n)s of %(all)s")
    return [
        {"label": _("Applications"), "value": f"{total:,}", "href": base},
        {
            "label": _("Reviews submitted"),
            "value": of % {"n": f"{done:,}", "all": f"{given:,}"},
        },
        {
            "label": _("Handed over to DHCS"),
            "value": of % {"n": f"{handed:,}", "all": f"{total:,}"},
        },
    ]


def _bars(counts: Mapping[str, int]) -> list[Bar]:
    base, most = reverse("scoring:applications"), max(counts.values(), default=0) or 1
    return [
        Bar(
            str(status.label),
            counts[status],
            percent(100 * counts[status] / most),
            f"{base}?status={status}",
        )
        for status in SHOWN
        if counts.get(status)
    ]


def _waiting(counts: Mapping[str, int]) -> list[Waiting]:
    base = reverse("scoring:applications")
    first = next((need for need in Need if counts[need] and need in URGENT), None)
    return [
        Waiting(
            str(need.label),
            counts[need],
            reverse(MENDED_AT[need]) if need in MENDED_AT else f"{base}?need={need}",
            need == first,
        )
        for need in Need
        if counts[need]
    ]


def _of_people(away: set[int], progress: Mapping[int, Progress], own: int) -> list[Waiting]:
    stuck = sum(1 for pk in away if progress.get(pk, NOTHING).left)
    found = [
        Waiting(_("Reviewer away with open reviews"), stuck, reverse("scoring:team")),
        Waiting(_("Your own reviews to score"), own, reverse("scoring:mine")),
    ]
    return [one for one in found if one.count]


def _away(hat: Membership) -> set[int]:
    """Return the ids of the hats that are away today."""
    today = team.today()
    absences = absences_by_hat(hat.organisation, today)
    return {pk for pk, days in absences.items() if days[0].first_day <= today}


def _reviewers(
    hat: Membership,
    progress: Mapping[int, Progress],
    changed: Mapping[int, datetime],
    away: set[int],
) -> list[Reviewer]:
    """Return who reviews for the plan or has a review in the cycle, by name."""
    most = max((one.assigned for one in progress.values()), default=0) or 1
    rows = []
    for member in members_visible_to(hat):
        one = progress.get(member.pk, NOTHING)
        if not member.is_active and not one.assigned:
            continue
        moments = filter(None, (one.active, changed.get(member.pk)))
        rows.append(
            Reviewer(
                hat=member,
                progress=one,
                active=max(moments, default=None),
                is_away=member.pk in away,
                done=percent(100 * one.done / most),
                begun=percent(100 * one.started / most),
                all=percent(100 * one.assigned / most),
            )
        )
    return rows
