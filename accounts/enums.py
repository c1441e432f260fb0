"""Kinds of organisation and the roles in them."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    """What an organisation is in the program."""

    PRACTICE = "practice", _("Primary care practice")
    MCP = "mcp", _("Medi-Cal managed care plan")
    DHCS = "dhcs", _("Department of Health Care Services")
    PHLC = "phlc", _("Program office")


class Role(models.TextChoices):
    """What a person does in one organisation."""

    PRACTICE_OWNER = "practice_owner", _("Practice owner")
    PRACTICE_CONTRIBUTOR = "practice_contributor", _("Practice contributor")
    MCP_LEAD = "mcp_lead", _("MCP lead")
    MCP_REVIEWER = "mcp_reviewer", _("MCP reviewer")
    DHCS_ANALYST = "dhcs_analyst", _("DHCS analyst")
    DHCS_APPROVER = "dhcs_approver", _("DHCS approver")
    DHCS_ADMINISTRATOR = "dhcs_administrator", _("DHCS administrator")
    MILESTONE_REVIEWER = "milestone_reviewer", _("Milestone reviewer")
    AUDITOR = "auditor", _("Auditor")

    of_practice = nonmember(("practice_owner", "practice_contributor"))
    of_mcp = nonmember(("mcp_lead", "mcp_reviewer"))
    of_dhcs = nonmember(("dhcs_analyst", "dhcs_approver", "dhcs_administrator"))
    see_all = nonmember(("dhcs_analyst", "dhcs_approver", "dhcs_administrator", "auditor"))


class InvitationState(models.TextChoices):
    """What has become of an invitation. Read from its times, never stored."""

    OPEN = "open", _("waiting for an answer")
    EXPIRED = "expired", _("run out")
    ACCEPTED = "accepted", _("accepted")
    REVOKED = "revoked", _("revoked")
    REPLACED = "replaced", _("replaced by a newer one")
