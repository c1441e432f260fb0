"""How far the applications of a demo cohort have come, and when each step was taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from applications.enums import Status
from core.times import PACIFIC
from programs.models import Cycle
from selection.seeding.outcomes import Target, apportion

THROUGH = ("draft", "submitted", "scored", "decided")
SHOWCASE = {
    str(Status.DRAFT): 10,
    str(Status.SUBMITTED): 45,
    str(Status.IN_REVIEW): 30,
    str(Status.SCORED): 15,
    str(Status.RECOMMENDED): 12,
    str(Status.NOT_RECOMMENDED): 4,
    str(Status.RETURNED): 2,
    str(Status.WITHDRAWN): 2,
}
_REVIEWED = ("submit", "start_review", "confirm_score")
STEPS: dict[str, tuple[str, ...]] = {
    Status.DRAFT: (),
    Status.SUBMITTED: ("submit",),
    Status.RETURNED: ("submit", "return"),
    Status.WITHDRAWN: ("submit", "withdraw"),
    Status.IN_REVIEW: ("submit", "start_review"),
    Status.SCORED: _REVIEWED,
    Status.RECOMMENDED: (*_REVIEWED, "recommend"),
    Status.NOT_RECOMMENDED: (*_REVIEWED, "do_not_recommend"),
}
SHARE_OF_WAIT = {
    "withdraw": 0.3,
    "return": 0.3,
    "start_review": 0.15,
    "sheet_started": 0.3,
    "sheet_submitted": 0.5,
    "confirm_score": 0.65,
    "recommend": 0.85,
    "do_not_recommend": 0.85,
}


@dataclass(frozen=True)
class Flavour:
    """What to make: how far everything has come, or a mixture of all states (`showcase`).

    `home_share` is the share (0 to 1) of practices in the county of the demo's plan.
    """

    through: str
    showcase: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the cycle still takes applications."""
        return self.showcase or self.through in ("draft", "submitted")

    @property
    def home_share(self) -> float:
        """Share of the practices in the county of the demo's plan."""
        return 0.55 if self.showcase else 0.29

    def statuses(self, targets: list[Target], rng: Random) -> list[str]:
        """Return the state that each target ends in (before decisions)."""
        if self.showcase:
            mixed = apportion(SHOWCASE, len(targets))
            rows = [status for status, number in mixed.items() for _ in range(number)]
            rng.shuffle(rows)
            return rows
        if self.through in ("draft", "submitted"):
            return [self.through] * len(targets)
        return [
            str(Status.RECOMMENDED if target.recommended else Status.NOT_RECOMMENDED)
            for target in targets
        ]


@dataclass(frozen=True)
class Window:
    """The time in which everything happens: from `opens` to `end`, submissions by `submit_by`."""

    opens: datetime
    submit_by: datetime
    end: datetime

    @classmethod
    def of(cls, cycle: Cycle, flavour: Flavour) -> "Window":
        """Return the window of a cycle up to last midnight, Pacific, so that nothing is ahead of now."""
        midnight = (
            timezone.now().astimezone(PACIFIC).replace(hour=0, minute=0, second=0, microsecond=0)
        )
        end = max(midnight, cycle.opens_at + timedelta(days=1))
        submit_by = min(cycle.closes_at, end)
        if flavour.showcase:
            submit_by = cycle.opens_at + (submit_by - cycle.opens_at) * 0.7
        return cls(cycle.opens_at, submit_by, end)

    def started(self, rng: Random) -> datetime:
        """Return when a draft was begun: in the first half of the time for submissions."""
        return _between(self.opens, self.submit_by, rng.uniform(0.01, 0.5))

    def submitted(self, started: datetime, rng: Random) -> datetime:
        """Return when a draft begun at `started` was submitted; many wait until the end."""
        return _between(started, self.submit_by, rng.triangular(0.1, 0.99, 0.9))

    def step(self, name: str, submitted: datetime) -> datetime:
        """Return when the step `name` happened to what was submitted at `submitted`."""
        return _between(submitted, self.end, SHARE_OF_WAIT[name])


def _between(first: datetime, last: datetime, part: float) -> datetime:
    """Return the moment at `part` (0 to 1) of the way, in whole seconds of UTC."""
    seconds = int((last - first).total_seconds() * part)
    moment = first + timedelta(seconds=seconds)
    return moment.astimezone(timezone.get_fixed_timezone(0)).replace(microsecond=0)
