"""Stored things of the selection."""

from selection.models.after import Offer, Reconsideration
from selection.models.desk import (
    BulkAct,
    Claim,
    DeskSettings,
    Flag,
    Mention,
    SavedView,
    SearchEntry,
    StaffNote,
)
from selection.models.proposals import Decision, Proposal, ProposalInputs
from selection.models.records import DecisionRecord, LaterAct
from selection.models.scenarios import CohortSearch, Scenario, ScenarioComment, ScenarioVisit

__all__ = [
    "BulkAct",
    "Claim",
    "CohortSearch",
    "Decision",
    "DecisionRecord",
    "DeskSettings",
    "Flag",
    "LaterAct",
    "Mention",
    "Offer",
    "Proposal",
    "ProposalInputs",
    "Reconsideration",
    "SavedView",
    "Scenario",
    "ScenarioComment",
    "ScenarioVisit",
    "SearchEntry",
    "StaffNote",
]
