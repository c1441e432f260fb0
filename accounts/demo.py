"""The demo's people: one account per role, one password, never outside the demo settings."""

from django.conf import settings

from accounts.models import Membership

DEMO_DOMAIN = "demo.example"
DEMO_PASSWORD = "demo-cohort-one"  # noqa: S105 - the demo prints it


def demo_people() -> list[dict[str, str]]:
    """Return label, email and organisation of each demo person; empty outside the demo."""
    if not settings.DEMO_SIGN_IN:
        return []
    hats = (
        Membership.objects.filter(user__email__endswith=f"@{DEMO_DOMAIN}", is_active=True)
        .select_related("user", "organisation")
        .order_by("pk")
    )
    return [
        {
            "label": str(hat.get_role_display()),
            "name": hat.user.full_name,
            "email": hat.user.email,
            "organisation": hat.organisation.name,
        }
        for hat in hats
    ]
