"""Where the decided applications of a cycle stand, and which later acts brought them there."""

from applications.enums import Status
from applications.models import Application
from programs.models import Cycle
from selection.enums import Outcome
from selection.models import LaterAct, Proposal

STANDING = {
    Status.SELECTED: Outcome.SELECTED.value,
    Status.PARTICIPATING: Outcome.SELECTED.value,
    Status.WAITLISTED: Outcome.WAITLISTED.value,
    Status.NOT_SELECTED: Outcome.NOT_SELECTED.value,
}


def standings(cycle: Cycle) -> dict[int, str]:
    """Return the outcome that each decided application has now, by id (1 query).

    Who takes part stands as selected; who has given its place back is not among them.
    """
    rows = Application.objects.filter(cycle=cycle, status__in=list(STANDING)).order_by()
    return {pk: STANDING[Status(status)] for pk, status in rows.values_list("pk", "status")}


def later_acts_in_force(cycle: Cycle) -> list[LaterAct]:
    """Return the last later act on each application since the last release, oldest first (1 query).

    They come with their applications; who has left since is among them.
    """
    last = (
        Proposal.objects.filter(cycle=cycle, released_at__isnull=False)
        .order_by("-released_at", "-pk")
        .values("pk")[:1]
    )
    acts = LaterAct.objects.filter(proposal__in=last).order_by("number")
    latest = {act.application_id: act for act in acts.select_related("application__practice")}
    return sorted(latest.values(), key=lambda act: act.number)
