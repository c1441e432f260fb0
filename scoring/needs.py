"""What a program lead may have to look after, in the order in which a page lists it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Need(models.TextChoices):
    """One reason why an application waits for the lead. `scoring.queries.needs` says when it holds."""

    UNASSIGNED = "unassigned", _("Not assigned yet")
    CONFLICT = "conflict", _("Needs a new reviewer: conflict of interest")
    DECLINED = "declined", _("Needs a new reviewer: somebody declined")
    CORRECTED = "corrected", _("Corrected by the practice, review not resumed")
    OVERDUE = "overdue", _("Review late")
    AT_RISK = "at_risk", _("Review not started, due within a week")
    UNDECLARED = "undeclared", _("Reviewer has not answered on conflicts")
    DIFFERENCE = "difference", _("Sheets too far apart")
    TO_CONFIRM = "to_confirm", _("Sheets in, score not confirmed")
    VOID_SHEET = "void_sheet", _("Score holds a void sheet")
    SENT_BACK = "sent_back", _("Sent back by DHCS")
    TO_RECOMMEND = "to_recommend", _("Scored, no recommendation prepared")
    TO_HAND_OVER = "to_hand_over", _("Recommendation prepared, not handed over")
