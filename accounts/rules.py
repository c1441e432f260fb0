"""The words that the rules of every app are made of. A predicate sees a hat, never a request."""

import rules

from accounts.enums import Role
from accounts.models import Invitation, Membership
from accounts.teams import MAY_INVITE


def has_role(*roles: str) -> rules.Predicate:
    """Return a predicate: the hat is active and its role is one of `roles`."""

    @rules.predicate(name=f"has_role:{'|'.join(roles)}")
    def check(hat: Membership | None) -> bool:
        return hat is not None and hat.is_active and hat.role in roles

    return check


is_practice = has_role(*Role.of_practice)
is_mcp = has_role(*Role.of_mcp)
is_lead = has_role(Role.MCP_LEAD)
is_dhcs = has_role(*Role.of_dhcs)
sees_all = has_role(*Role.see_all)
is_anybody = has_role(*Role.values)

manages_team = has_role(*MAY_INVITE)


@rules.predicate
def is_own_team(hat: Membership, of: Membership | Invitation | None) -> bool:
    """The person or the invitation belongs to the hat's organisation; None is that organisation."""
    return of is None or of.organisation_id == hat.organisation_id


rules.add_perm("accounts.wear_hat", is_anybody)
rules.add_perm("accounts.view_people", is_practice & is_own_team)
rules.add_perm("accounts.manage_people", is_practice & manages_team & is_own_team)
