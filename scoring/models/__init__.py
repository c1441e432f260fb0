"""Facts of the plan's work: assignments, sheets, differences, recommendations, calibration."""

from scoring.models.assignments import Absence, Assignment, AssignmentRun, ReviewerProfile
from scoring.models.exports import ExportJob
from scoring.models.settling import (
    Adjudication,
    CalibrationRound,
    CalibrationScore,
    CalibrationSheet,
    PlannedRecommendation,
)
from scoring.models.sheets import (
    CriterionComment,
    CriterionNote,
    CriterionScore,
    Highlight,
    ScoreSheet,
    SheetVersion,
)

__all__ = [
    "Absence",
    "Adjudication",
    "Assignment",
    "AssignmentRun",
    "CalibrationRound",
    "CalibrationScore",
    "CalibrationSheet",
    "CriterionComment",
    "CriterionNote",
    "CriterionScore",
    "ExportJob",
    "Highlight",
    "PlannedRecommendation",
    "ReviewerProfile",
    "ScoreSheet",
    "SheetVersion",
]
