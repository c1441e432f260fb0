"""Facts of practices and of their applications."""

from applications.models.application import (
    Answer,
    Application,
    ApplicationTransition,
    Submission,
)
from applications.models.conflicts import ConflictCheck
from applications.models.dealings import (
    CorrectionNote,
    ImportedApplication,
    LateAccess,
    Message,
    Presence,
)
from applications.models.documents import Attachment
from applications.models.kept import CarriedCheck, HeldText
from applications.models.practice import MemberCount, Practice, Site

__all__ = [
    "Answer",
    "Application",
    "ApplicationTransition",
    "Attachment",
    "CarriedCheck",
    "ConflictCheck",
    "CorrectionNote",
    "HeldText",
    "ImportedApplication",
    "LateAccess",
    "MemberCount",
    "Message",
    "Practice",
    "Presence",
    "Site",
    "Submission",
]
