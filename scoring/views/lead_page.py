"""What every page of a plan's lead does first."""

from accounts.enums import OrganisationKind, Role
from core.views import HatView, PortalRequest
from scoring.domain.conflict_watch import look_at


class LeadPage(HatView):
    """Looks whether the lead works for a practice of the plan, so that its application is closed.

    It costs nothing on a page that only reads for who has no hat in a practice; one query before an act.
    """

    def dispatch(self, request, *args, **kwargs):
        """Look, then decide about access."""
        if _may_be_near(request):
            look_at(request.hat, by=request.hat)
        return super().dispatch(request, *args, **kwargs)


def _may_be_near(request: PortalRequest) -> bool:
    if request.hat is None or request.hat.role != Role.MCP_LEAD:
        return False
    kinds = {hat.organisation.kind for hat in request.hats}
    return request.method == "POST" or OrganisationKind.PRACTICE in kinds
