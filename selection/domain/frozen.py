"""What a proposal rests on, read once in a process: it never changes."""

import json
from functools import lru_cache

from selection.domain import inputs
from selection.engine import Pool, Result, Rules, judge_pool
from selection.models import Proposal, ProposalInputs

KEPT = 4  # pools in a process


def pool_of_proposal(proposal: Proposal) -> Pool:
    """Return the frozen candidates as a pool (1 query the first time in a process)."""
    return _pool(proposal.pk, proposal.inputs_sha256)


def result_of_proposal(proposal: Proposal) -> Result:
    """Return what the proposal's rules make of its frozen inputs."""
    return judge_pool(pool_of_proposal(proposal), Rules.from_json(proposal.rules))


@lru_cache(maxsize=KEPT)
def _pool(pk: int, sha256: str) -> Pool:
    content = ProposalInputs.objects.values_list("content", flat=True).get(proposal=pk)
    return Pool.of(inputs.candidates_in(json.loads(content)))
