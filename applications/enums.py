"""States of an application, their groupings, and the public words for them."""

from enum import nonmember

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where an application is. The label is the staff's word; `PUBLIC_LABELS` has the practice's."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned for correction")
    IN_REVIEW = "in_review", _("In review")
    SCORED = "scored", _("Scored")
    RECOMMENDED = "recommended", _("Recommended")
    NOT_RECOMMENDED = "not_recommended", _("Not recommended")
    SELECTED = "selected", _("Selected")
    WAITLISTED = "waitlisted", _("Waitlisted")
    NOT_SELECTED = "not_selected", _("Not selected")
    PARTICIPATING = "participating", _("Participating")
    DECLINED = "declined", _("Declined the place")
    LEFT = "left", _("Withdrawn from the program")
    WITHDRAWN = "withdrawn", _("Withdrawn")

    editable = nonmember(("draft", "returned"))
    with_plan = nonmember(("submitted", "in_review", "scored"))
    with_score = nonmember(("scored", "recommended", "not_recommended"))
    handed_over = nonmember(("recommended", "not_recommended"))
    outcomes = nonmember(("selected", "waitlisted", "not_selected"))
    decided = nonmember(
        ("selected", "waitlisted", "not_selected", "participating", "declined", "left")
    )
    withdrawable = nonmember(
        ("submitted", "returned", "in_review", "scored", "recommended", "not_recommended")
    )
    ended = nonmember(("withdrawn", "declined", "left"))


class Scan(models.TextChoices):
    """What the virus scanner said. Only what is not pending and not infected can be downloaded."""

    PENDING = "pending", _("Waiting for the virus check")
    CLEAN = "clean", _("Checked for viruses")
    INFECTED = "infected", _("Contains a virus")
    SKIPPED = "skipped", _("Not checked for viruses")
    downloadable = nonmember(("clean", "skipped"))


RECONSIDERATION = "reconsideration"  # the kind of files that came with a request to decide anew


class ConflictOutcome(models.TextChoices):
    """What a rule about conflicts of interest said."""

    PENDING = "pending", _("Not answered yet")
    PASSED = "passed", _("No conflict")
    FAILED = "failed", _("Conflict")


class ConflictSource(models.TextChoices):
    """Who said it."""

    SYSTEM = "system", _("Found by the portal")
    SELF = "self", _("Declared by the person")
    LEAD = "lead", _("Declared by the lead")


PUBLIC_LABELS: dict[str, str | Promise] = {
    Status.DRAFT: _("Not submitted yet"),
    Status.SUBMITTED: _("Received"),
    Status.RETURNED: _("Sent back to you for correction"),
    Status.IN_REVIEW: _("In review by your plan"),
    Status.SCORED: _("In review by your plan"),
    Status.RECOMMENDED: _("With DHCS for a decision"),
    Status.NOT_RECOMMENDED: _("With DHCS for a decision"),
    Status.SELECTED: _("Selected"),
    Status.WAITLISTED: _("On the waitlist"),
    Status.NOT_SELECTED: _("Not selected"),
    Status.PARTICIPATING: _("Taking part"),
    Status.DECLINED: _("Place not accepted"),
    Status.LEFT: _("Left the program"),
    Status.WITHDRAWN: _("Withdrawn by you"),
}

TONES: dict[str, str] = {
    Status.DRAFT: "turn",
    Status.SUBMITTED: "info",
    Status.RETURNED: "turn",
    Status.IN_REVIEW: "info",
    Status.SCORED: "info",
    Status.RECOMMENDED: "success",
    Status.NOT_RECOMMENDED: "warning",
    Status.SELECTED: "success",
    Status.WAITLISTED: "warning",
    Status.NOT_SELECTED: "neutral",
    Status.PARTICIPATING: "success",
    Status.DECLINED: "neutral",
    Status.LEFT: "neutral",
    Status.WITHDRAWN: "neutral",
}
