"""Kinds and states of what the plan does."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """Why a reviewer has an application."""

    SCORE = "score", _("Score")
    THIRD_READER = "third_reader", _("Settle a difference")


class Ending(models.TextChoices):
    """Why a review ended before its application moved on."""

    TAKEN_BACK = "taken_back", _("Taken back by the lead")
    DECLINED = "declined", _("Declined by the reviewer")
    CONFLICT = "conflict", _("Conflict of interest")
    RETURNED = "returned", _("Returned to the practice")


class RunState(models.TextChoices):
    """Where a run of the automatic assignment is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    READY = "ready", _("Ready to apply")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    DISCARDED = "discarded", _("Discarded")
    FAILED = "failed", _("Stopped by a fault")


class SettledBy(models.TextChoices):
    """How a difference between two sheets is settled."""

    THIRD_READER = "third_reader", _("Third reader")
    CONSENSUS = "consensus", _("Consensus of the lead")


class ExportFormat(models.TextChoices):
    """What an export of score sheets is written as."""

    CSV = "csv", _("CSV (spreadsheet text)")
    XLSX = "xlsx", _("Excel workbook")
    JSON = "json", _("JSON (for programs)")


class JobState(models.TextChoices):
    """Where a large export is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Ready to download")
    FAILED = "failed", _("Stopped by a fault")
