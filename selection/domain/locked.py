"""A proposal locked until the transaction ends. Whoever also locks applications locks those first."""

from selection.models import Proposal


def lock(pk: int) -> Proposal:
    """Return the proposal, locked, with its cycle and the people who acted on it."""
    rows = Proposal.objects.select_for_update(of=("self",))
    related = ("cycle__version", "proposed_by", "approved_by", "release_asked_by__user")
    return rows.select_related(*related).get(pk=pk)
