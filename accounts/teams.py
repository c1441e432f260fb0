"""Who may bring whom into an organisation, and what each role can do there. Data only.

A team is the people of one organisation; its managers invite, change roles and remove. DHCS and the
program office are staffed by `manage.py add_person` and by their administrators, not by invitation.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import OrganisationKind, Role

# Role of who invites → roles that it may give, the most usual one first.
MAY_INVITE: dict[str, tuple[str, ...]] = {
    Role.PRACTICE_OWNER: (Role.PRACTICE_CONTRIBUTOR, Role.PRACTICE_OWNER),
    Role.MCP_LEAD: (Role.MCP_REVIEWER, Role.MCP_LEAD),
}
# Kind of organisation → the role that it is never left without.
KEEPER: dict[str, str] = {
    OrganisationKind.PRACTICE: Role.PRACTICE_OWNER,
    OrganisationKind.MCP: Role.MCP_LEAD,
}
# Kind of organisation → the page of its people.
TEAM_PAGE: dict[str, str] = {
    OrganisationKind.PRACTICE: "accounts:people",
    OrganisationKind.MCP: "scoring:team",
}
ABILITIES: Mapping[str, str | Promise] = {
    Role.PRACTICE_OWNER: _(
        "Can fill in the application, sign and submit it, and invite or remove people."
    ),
    Role.PRACTICE_CONTRIBUTOR: _(
        "Can fill in the application and add files. Cannot sign or submit it."
    ),
    Role.MCP_LEAD: _(
        "Can assign reviewers, confirm scores, hand applications over to DHCS, and invite people."
    ),
    Role.MCP_REVIEWER: _("Can score the applications that a lead assigns."),
}
