"""The proposals of a cycle, and one of them: its rules, its figures, its decisions, who acted when."""

from typing import Any

import rules
from django.utils.functional import cached_property
from django.utils.http import urlencode

from core.views import HatView
from programs.choosing import choose_cycle, to_decide
from selection.domain.frozen import pool_of_proposal, result_of_proposal
from selection.engine import Rules, judge_pool
from selection.enums import Outcome
from selection.forms.proposals import PublishForm, RejectForm
from selection.models import Decision
from selection.presenting import proposals as presenting
from selection.presenting.vocabulary import Vocabulary
from selection.queries import proposals_visible_to
from selection.queries.conflicts import closed_to
from selection.queries.proposals import (
    decisions_matching,
    page_by_rank,
    proposals_of,
    with_people,
)
from selection.views.proposal_ways import stale_rows, ways_from

SIZE = 50
LONGEST_SEARCH = 100
UNDER_WAY = (presenting.RELEASING, presenting.TELLING)


class ProposalsView(HatView):
    """Every proposal of the current cycle, the last one first."""

    permission_required = "selection.view_decisions"
    template_name = "selection/decisions/list.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the proposals with their states and costs."""
        cycle = choose_cycle(self.request, to_decide)
        found = list(proposals_of(self.request.hat, cycle)) if cycle else []
        rows = [(one, presenting.state_of(one), presenting.dollars(one.cost)) for one in found]
        may_propose = rules.has_perm("selection.prepare_decisions", self.request.hat)
        return super().get_context(cycle=cycle, rows=rows, may_propose=may_propose, **extra)


class ProposalPage(HatView):
    """A page about one proposal."""

    permission_required = "selection.view_decisions"
    template_name = "selection/decisions/proposal.html"

    def get_queryset(self):
        """Return the proposals that the hat may know of."""
        return with_people(proposals_visible_to(self.request.hat))

    def get_object(self) -> Any:
        """Return the proposal; the page is about its cycle."""
        found = super().get_object()
        self.request.cycle = found.cycle
        return found

    @property
    def state(self) -> presenting.State:
        """Where the proposal is."""
        return presenting.state_of(self.object)

    def acts(self) -> dict[str, bool]:
        """Return which acts the person may do now."""
        state, hat, proposal = self.state.code, self.request.hat, self.object
        is_own = proposal.proposed_by_id == hat.user_id
        is_waiting, is_approved = state == presenting.WAITING, state == presenting.APPROVED
        may_approve = rules.has_perm("selection.approve_proposal", hat) and not is_own
        may_release = rules.has_perm("selection.release_decisions", hat) and not is_own
        return {
            "may_approve": is_waiting and may_approve,
            "may_reject": (is_waiting or is_approved) and may_approve,
            "may_release": is_approved and may_release,
            "may_withdraw": (is_waiting or is_approved)
            and is_own
            and rules.has_perm("selection.withdraw_proposal", hat),
        }


class ProposalView(ProposalPage):
    """The whole proposal, with the acts that are open to the person."""

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add rules, figures, differences, decisions by rank, who acted, and the acts."""
        proposal = self.object
        context = {
            "proposal": proposal,
            "state": self.state,
            "acts": self.acts(),
            "timeline": presenting.timeline(proposal),
            "scenario_name": self.scenario_name,
            "effects": presenting.effects(proposal, again=self.is_again),
            "publication": presenting.publication(proposal),
            "approve_form": PublishForm(),
            "reject_form": RejectForm(),
            "under_way": self.state.code in UNDER_WAY,
            **self._rules(),
            **self._decisions(),
            **self._ways(),
        }
        return super().get_context(**context | extra)

    @cached_property
    def hidden(self) -> dict[int, str]:
        """The applications that a conflict of interest closes to the person: references by id (1 query)."""
        return closed_to(self.request.hat, self.object.cycle)

    @cached_property
    def is_again(self) -> bool:
        """Whether other decisions of the cycle were released before (1 query)."""
        earlier = proposals_visible_to(self.request.hat).filter(
            cycle=self.object.cycle, released_at__isnull=False, pk__lt=self.object.pk
        )
        return earlier.exists()

    @property
    def scenario_name(self) -> str:
        """The name of the scenario that was proposed, for whom it is visible to; else nothing."""
        scenario = self.object.scenario
        if scenario is None:
            return ""
        is_own = scenario.owner_id == self.request.hat.user_id
        return scenario.name if scenario.is_shared or is_own else ""

    def _ways(self) -> dict[str, Any]:
        """Return where one goes on, and what made the proposal stale."""
        proposal, hat, closed = self.object, self.request.hat, set(self.hidden.values())
        ways = {
            "ways": ways_from(proposal, self.state.code, hat, closed),
            "stale_rows": [],
            "stale_hidden": 0,
            "stale_more": 0,
        }
        if self.state.code != presenting.STALE:
            return ways
        vocabulary = Vocabulary.of(proposal.cycle.definition, pool_of_proposal(proposal))
        return ways | stale_rows(proposal, hat, closed, vocabulary)

    def _rules(self) -> dict[str, Any]:
        """Return the frozen rules, what they lead to, and what the published ones would."""
        definition, pool = self.object.cycle.definition, pool_of_proposal(self.object)
        here = result_of_proposal(self.object)
        published = Rules.from_definition(definition.selection, self.object.cycle.budget)
        vocabulary = Vocabulary.of(definition, pool)
        return {
            "rules": presenting.rule_lines(here.rules, vocabulary),
            "pins": presenting.pin_rows(here.rules, set(self.hidden.values())),
            "changes": presenting.changes(published, here.rules, vocabulary),
            "under_published": presenting.under_published(judge_pool(pool, published), here),
            "figures": presenting.figures(self.object, here),
            "charts": presenting.mix_charts(here, vocabulary),
        }

    def _decisions(self) -> dict[str, Any]:
        """Return one page of the decisions; what a conflict hides from the person has no name."""
        given = self.request.GET
        words = given.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
        outcome = given.get("outcome", "")
        outcome = outcome if outcome in Outcome.values else ""
        hidden = set(self.hidden)
        rows = decisions_matching(self.object, words=words, outcome=outcome, hidden=hidden)
        page = page_by_rank(
            rows, size=SIZE, after=_number(given.get("after")), before=_number(given.get("before"))
        )
        kept = {key: value for key, value in (("q", words), ("outcome", outcome)) if value}
        return {
            "words": words,
            "outcome": outcome,
            "outcomes": Outcome.choices,
            "decisions": [_shown(row, hidden) for row in page.rows],
            "first_rank": page.rows[0].rank if page.rows else 0,
            "last_rank": page.rows[-1].rank if page.rows else 0,
            "previous_url": _link(kept, "before", page.before),
            "next_url": _link(kept, "after", page.after),
        }


class ProgressView(ProposalPage):
    """How far the release is: a part of the page, asked for again while it goes on."""

    template_name = "selection/decisions/progress.html"

    def get(self, request, *args, **kwargs):
        """Return the part; when all is done the page that holds it is loaded anew."""
        response = self.render()
        if self.state.code not in UNDER_WAY and "HX-Request" in request.headers:
            response["HX-Refresh"] = "true"
        return response

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the state."""
        under_way = self.state.code in UNDER_WAY
        return super().get_context(
            proposal=self.object, state=self.state, under_way=under_way, **extra
        )


def _shown(row: Decision, hidden: set[int]) -> dict[str, Any]:
    return {"row": row, "hidden": row.application_id in hidden}


def _link(kept: dict[str, str], name: str, rank: int | None) -> str:
    return f"?{urlencode({**kept, name: rank})}#decisions" if rank else ""


def _number(text: str | None) -> int:
    """Return a rank from the address, 0 for anything else."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 8:
        return 0
    return int(text)
