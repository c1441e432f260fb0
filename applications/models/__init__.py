"""Facts of practices and of their applications."""

from applications.models.application import (
    Answer,
    Application,
    ApplicationTransition,
    Submission,
)
from applications.models.practice import MemberCount, Practice, Site

__all__ = [
    "Answer",
    "Application",
    "ApplicationTransition",
    "MemberCount",
    "Practice",
    "Site",
    "Submission",
]
