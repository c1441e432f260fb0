"""Fields that rules need: dollars as people write them, and keys in an order."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from selection.presenting.vocabulary import tie_break_words

SHOWN_KEYS = 3
LONGEST_AMOUNT = 20


class SluggedBoundField(BoundField):
    """Has an id without spaces, whatever value the field is named after."""

    @property
    def auto_id(self) -> str:
        """Return the id."""
        return f"id_{slugify(self.html_name)}"


class PointsField(forms.IntegerField):
    """Whole points for one criterion."""

    def get_bound_field(self, form: Any, name: str) -> BoundField:
        """Return the field with its data."""
        return SluggedBoundField(form, self, name)


class PercentField(forms.DecimalField):
    """A share from 0 to 100 percent, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        limits = {"min_value": 0, "max_value": 100, "max_digits": 5, "decimal_places": 2}
        super().__init__(required=False, **limits, **kwargs)

    def get_bound_field(self, form: Any, name: str) -> BoundField:
        """Return the field with its data."""
        return SluggedBoundField(form, self, name)


class DollarsInput(forms.TextInput):
    """Shows a plain amount with marks between thousands; what is anything else stays as typed."""

    def format_value(self, value: Any) -> str | None:
        """Return the text in the box."""
        text = super().format_value(value)
        whole = (text or "").partition(".")[0]
        if text and len(whole) < LONGEST_AMOUNT and whole.isascii() and whole.isdecimal():
            return f"{int(whole):,}{text[len(whole) :]}"
        return text


class DollarsField(forms.DecimalField):
    """Dollars: "97000000", "97,000,000" and "$97,000,000" are the same."""

    widget = DollarsInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        """Return the amount, without the sign and the marks between thousands."""
        if isinstance(value, str):
            value = value.strip().removeprefix("$").replace(",", "").strip()
        return super().to_python(value)


class OrderedSelects(forms.SelectMultiple):
    """One select for each place of an order, all of the same name; the first one has the field's id."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the chosen values in order."""
        return data.getlist(name)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the selects, as many as are chosen and one more, three at least."""
        chosen = [one for one in value or [] if one]
        places = min(max(SHOWN_KEYS, len(chosen) + 1), len(list(self.choices)) - 1)
        chosen += [""] * (places - len(chosen))
        one = forms.Select(choices=self.choices)
        ids = (attrs or {}).get("id", f"id_{name}")
        parts = [
            one.render(
                name,
                value,
                {
                    "class": "usa-select",
                    "id": ids if place == 0 else f"{ids}_{place}",
                    "aria-label": str(_("Equal scores, key %(n)s")) % {"n": place + 1},
                },
                renderer,
            )
            for place, value in enumerate(chosen)
        ]
        return mark_safe("".join(parts))  # noqa: S308 - rendered by Django's own widgets


class TieBreakField(forms.MultipleChoiceField):
    """The keys that order equal scores; the fixed last one, the reference, is not chosen."""

    widget = OrderedSelects

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", "–"), *tie_break_words().items()], **kwargs)

    def to_python(self, value: Any) -> list[str]:
        """Return the chosen keys without empty places."""
        return [one for one in super().to_python(value) if one]

    def validate(self, value: list[str]) -> None:
        """Refuse a key that is there twice."""
        super().validate(value)
        if len(set(value)) < len(value):
            raise ValidationError(_("Choose each key once."), code="twice")


def plain(amount: Decimal) -> str:
    """Return a decimal as people type it: no exponent, no zeros after the point that say nothing."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
