"""Form controls that write themselves: the same markup as Django's templates, without a template each.

A page with many controls (a score sheet has 36 text areas) spends most of its time on them otherwise.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from django import forms
from django.utils.safestring import SafeString


class PlainTextarea(forms.Textarea):
    """A text area."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        """Return the control with the text in it."""
        attributes = written(self.build_attrs(self.attrs, attrs))
        text = escape(self.format_value(value) or "")
        return SafeString(f'<textarea name="{escape(name)}"{attributes}>\n{text}</textarea>')


def written(attributes: Mapping[str, Any]) -> str:
    """Return attributes as HTML: those that are True by their name, those that are False not at all."""
    texts = [f' {key}="{escape(str(v))}"' for key, v in attributes.items() if type(v) is not bool]
    return "".join(texts + [f" {key}" for key, value in attributes.items() if value is True])
