"""Pages of people: hats, the people of an organisation, invitations, the language."""

from accounts.views.hats import demo_sign_in

__all__ = ["demo_sign_in"]
