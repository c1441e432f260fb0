"""What the page that asks for the password again says of the act that waits for it.

``{% kept_step redirect_field_value as step %}``: `step.does`, and `step.back` for “Do nothing”.
"""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.stepup import kept_act

register = template.Library()


@dataclass(frozen=True)
class Step:
    """The sentence that names the act ("" where none was given), and a local path to go back to."""

    does: str
    back: str


@register.simple_tag(takes_context=True)
def kept_step(context: dict[str, Any], path: str | None) -> Step:
    """Return the step that waits at `path`, as the address says it; elsewhere than here it is ignored."""
    asked = path or ""
    is_local = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    if not is_local:
        return Step("", reverse("home"))
    return Step(kept_act(context["request"], asked), asked)
