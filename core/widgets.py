"""Form controls that write themselves: the same markup as Django's templates, without a template each.

A page with hundreds of controls (a score sheet has 144) spends most of its time on them otherwise.
"""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString


class PlainTextarea(forms.Textarea):
    """A text area."""

    def _render(self, template_name: str, context: dict[str, Any], renderer=None) -> SafeString:
        widget = context["widget"]
        attributes = flatatt(widget["attrs"])
        return format_html(
            '<textarea name="{}"{}>\n{}</textarea>',
            widget["name"],
            attributes,
            widget["value"] or "",
        )


class PlainRadios(forms.RadioSelect):
    """Radio buttons that a template takes one by one (`{{ radio.tag }}`)."""

    def _render(self, template_name: str, context: dict[str, Any], renderer=None) -> SafeString:
        if template_name != self.option_template_name:
            return super()._render(template_name, context, renderer)
        option = context["widget"]
        return format_html(
            '<input type="radio" name="{}" value="{}"{}>',
            option["name"],
            option["value"],
            flatatt(option["attrs"]),
        )
