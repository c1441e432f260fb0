"""The demo's people: one account per role, one password, never outside the demo settings."""

from collections import Counter

from django.conf import settings

from accounts.models import Membership

DEMO_DOMAIN = "demo.example"
DEMO_PASSWORD = "demo-cohort-one"  # noqa: S105 - the demo prints it


def demo_people() -> list[dict[str, str]]:
    """Return label, email and organisation of each demo person; empty outside the demo.

    The label is the role; from the second person of a role on it names the person too.
    """
    if not settings.DEMO_SIGN_IN:
        return []
    hats = (
        Membership.objects.filter(user__email__endswith=f"@{DEMO_DOMAIN}", is_active=True)
        .select_related("user", "organisation")
        .order_by("pk")
    )
    roles = Counter[str]()
    return [
        {
            "label": _label(hat, roles),
            "name": hat.user.full_name,
            "email": hat.user.email,
            "organisation": hat.organisation.name,
        }
        for hat in hats
    ]


def _label(hat: Membership, roles: Counter[str]) -> str:
    roles[hat.role] += 1
    role = str(hat.get_role_display())
    return role if roles[hat.role] == 1 else f"{role} ({hat.user.full_name})"
