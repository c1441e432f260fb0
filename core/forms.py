"""The one base of every form: how ``{% crispy form %}`` renders it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


def required_message(field: forms.Field) -> str:
    """Return the sentence for a field left empty, in place of Django's “This field is required.”"""
    if isinstance(field, forms.BooleanField):
        return _("Tick this box to go on.")
    if isinstance(field, forms.FileField):
        return _("Choose a file.")
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return _("Choose an answer.")
    return _("Enter an answer.")


OUR_MESSAGES: dict[type[forms.Field], dict[str, Any]] = {
    forms.IntegerField: {"invalid": _("Enter a whole number, such as 12.")},
    forms.DecimalField: {"invalid": _("Enter a number, such as 6.5.")},
    forms.DateField: {"invalid": _("Enter a date as month, day and year, such as 10/24/2026.")},
    forms.DateTimeField: {"invalid": _("Enter a date and a time, such as 10/24/2026 17:00.")},
    forms.EmailField: {"invalid": _("Enter an email address, such as name@practice.org.")},
    forms.URLField: {"invalid": _("Enter a web address, such as https://practice.org.")},
    forms.ChoiceField: {"invalid_choice": _("Choose one of the answers in the list.")},
    forms.MultipleChoiceField: {
        "invalid_choice": _("Choose from the answers in the list."),
        "invalid_list": _("Choose from the answers in the list."),
    },
    forms.ModelChoiceField: {"invalid_choice": _("Choose one of the answers in the list.")},
}
FOR_EVERY_FIELD: dict[str, Any] = {
    "max_length": ngettext_lazy(
        "Shorten this to %(limit_value)d character. It has %(show_value)d.",
        "Shorten this to %(limit_value)d characters. It has %(show_value)d.",
        "limit_value",
    ),
    "min_value": _("Enter %(limit_value)s or more."),
    "max_value": _("Enter %(limit_value)s or less."),
    "null_characters_not_allowed": _(
        "This text has a character that can't be stored (a null character). Type it again, or paste "
        "it as plain text."
    ),
    "max_digits": _("This number has too many digits. Enter no more than %(max)s."),
    "max_decimal_places": _("Enter no more than %(max)s digits after the decimal point."),
    "max_whole_digits": _("This number is too large. Check it."),
}


def use_our_messages(field: forms.Field) -> None:
    """Replace Django's sentences by ours, wherever the form's author did not give another one."""
    stock, ours = _messages_for(type(field))
    if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = required_message(field)
    for code, sentence in ours.items():
        if field.error_messages.get(code) is stock.get(code):
            field.error_messages[code] = sentence


@cache
def _messages_for(kind: type[forms.Field]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return Django's sentences of a kind of field, and ours, by code."""
    stock, ours = {}, dict(FOR_EVERY_FIELD)
    for base in reversed(kind.__mro__):
        stock |= getattr(base, "default_error_messages", {})
        ours |= OUR_MESSAGES.get(base, {})
    return stock, ours


class CountField(forms.IntegerField):
    """A whole number as people write it: "1020", "1,020" and "1 020" are 1020.

    A mark stands before each group of three digits and is a comma or a space (also one that does not
    break). Anything else is refused: "1.000" and "1,5" may be meant as a thousand or as a fraction.
    """

    written = re.compile(r"[0-9]+|[0-9]{1,3}([, \u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*")
    default_error_messages = {"invalid": _("Write a whole number, such as 1,240.")}

    def to_python(self, value: Any) -> int | None:
        """Return the number, without the marks between thousands."""
        if not isinstance(value, str) or not (text := value.strip()):
            return super().to_python(value)
        if not self.written.fullmatch(text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(re.sub("[^0-9]", "", text))


OUR_MESSAGES[CountField] = CountField.default_error_messages


VERSION = "version:"
LONGEST_VERSION = 9


def version_given(data: Mapping[str, str], name: str) -> int:
    """Return the version that the page was filled with, from the hidden input of field `name`.

    0 when there is none or it is no number: then nothing that is stored is overwritten.
    """
    text = data.get(VERSION + name, "")
    return int(text) if text.isdecimal() and len(text) <= LONGEST_VERSION else 0


class PortalFormMixin:
    """Gives a form the portal's crispy helper: USWDS controls, an error summary, no form tag.

    Templates write ``<form method="post" novalidate>`` and the buttons after ``{% crispy form %}``;
    the CSRF token comes with the fields when ``form_method`` is ``post``.
    A form names only its order and grouping, by ``get_layout``. The browser's own ``required``
    checks stay off so that every message is ours, in words, by the field and in the summary.
    A field that may be empty is marked "(optional)" unless it says ``needed = True`` (it is asked for
    later, at submit) or the form turns ``mark_optional`` off.
    """

    form_method = "post"
    use_required_attribute = False
    mark_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            use_our_messages(field)

    def get_layout(self) -> Layout | None:
        """Return the layout, or ``None`` to show every field in the order of the class."""
        return None

    @cached_property
    def helper(self) -> FormHelper:
        """Return the helper that ``{% crispy form %}`` looks for."""
        helper = FormHelper()
        helper.form_method = self.form_method
        helper.form_tag = False
        helper.template_pack = "uswds"
        helper.layout = self.get_layout()
        helper.render_hidden_fields = True
        return helper


class PortalForm(PortalFormMixin, forms.Form):
    """A plain form in the portal's look."""


class PortalModelForm(PortalFormMixin, forms.ModelForm):
    """A model form in the portal's look."""
