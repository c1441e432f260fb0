"""Template tags of the interface: components, icons, and how money, times and numbers are written.

``{% ui "badge" label=… %}`` renders a component; ``{% uiblock "card" title=… %}…{% enduiblock %}``
one that holds content; ``{% icon "check" %}`` a decorative icon of the vendored sprite.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.engine import Engine
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import times
from core.components import COMPONENTS, Component

register = template.Library()
CENT = Decimal("0.01")
EMPTY = "–"
SLOT = "\0%s\0"  # no text that is shown holds a NUL: forms and the database refuse it
SLOTS = re.compile(SLOT % r"\w+")


class ComponentNode(template.Node):
    """Renders one component with exactly its declared properties; nothing else is in scope."""

    def __init__(self, name: str, props: dict[str, FilterExpression], nodelist: NodeList | None):
        self.name = name
        self.props = props
        self.nodelist = nodelist or NodeList()

    def render(self, context: Context) -> SafeString:
        component = COMPONENTS[self.name]
        values = dict(component.optional)
        values |= {name: value.resolve(context) for name, value in self.props.items()}
        if component.simplify is not None:
            values = component.simplify(values)
        if component.repeats:
            return _with_slots(self.name, component, values)
        if component.content != "none":
            values["content"] = self.nodelist.render(context)
        if component.prepare is not None:
            values |= component.prepare(values)
        page = context.template.engine.get_template(f"components/{self.name}.html")
        return page.render(Context(values, autoescape=True))


def _with_slots(name: str, component: Component, values: dict[str, Any]) -> SafeString:
    """Return what is kept of a component, with the HTML that differs each time put in."""
    slots = {SLOT % slot: values.pop(slot) for slot in component.slots}
    html = _kept(name, get_language(), tuple(_key(values)))
    return SafeString(SLOTS.sub(lambda at: slots.get(at[0], ""), html)) if slots else html


def _key(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield properties as something that can be looked up: texts, or tuples that never change."""
    return ((k, v if isinstance(v, tuple) else str(v)) for k, v in values.items())


@lru_cache(maxsize=2048)
def _kept(name: str, language: str | None, values: tuple[tuple[str, Any], ...]) -> SafeString:
    """Render a component that repeats; the same properties are rendered once per process and language."""
    component, props = COMPONENTS[name], dict(values)
    props |= {slot: SafeString(SLOT % slot) for slot in component.slots}
    if component.prepare is not None:
        props |= component.prepare(props)
    page = Engine.get_default().get_template(f"components/{name}.html")
    return page.render(Context(props, autoescape=True))


def check_props(name: str, component: Component, given: set[str]) -> None:
    """Refuse a property the component does not declare, and the lack of one it needs.

    Raises ``TemplateSyntaxError`` that names the component and the property.
    """
    unknown = sorted(given - component.names())
    if unknown:
        message = f"Component “{name}” takes no “{unknown[0]}”; it takes "
        raise template.TemplateSyntaxError(message + ", ".join(sorted(component.names())) + ".")
    missing = [prop for prop in component.required if prop not in given]
    if missing:
        raise template.TemplateSyntaxError(f"Component “{name}” needs “{missing[0]}”.")


def parse_component(parser: Parser, token: Token, *, block: bool) -> ComponentNode:
    """Parse ``{% ui "name" prop=value … %}`` and check its properties against the registry."""
    tag, *bits = token.split_contents()
    if not bits or bits[0][0] not in "\"'":
        raise template.TemplateSyntaxError(f"{tag} needs the name of a component in quotes.")
    name = bits.pop(0)[1:-1]
    component = COMPONENTS.get(name)
    if component is None:
        raise template.TemplateSyntaxError(f"There is no component “{name}”.")
    if component.content == ("none" if block else "required"):
        used = "ui" if block else "uiblock"
        raise template.TemplateSyntaxError(f"Component “{name}” is used with {used}, not {tag}.")
    props = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"{tag} “{name}” does not understand “{bits[0]}”.")
    check_props(name, component, set(props))
    nodelist = None
    if block:
        nodelist = parser.parse(("enduiblock",))
        parser.delete_first_token()
    return ComponentNode(name, props, nodelist)


@register.tag("ui")
def ui_tag(parser: Parser, token: Token) -> ComponentNode:
    """``{% ui "badge" label=… tone=… %}``: render a component without content."""
    return parse_component(parser, token, block=False)


@register.tag("uiblock")
def uiblock_tag(parser: Parser, token: Token) -> ComponentNode:
    """``{% uiblock "card" title=… %}…{% enduiblock %}``: render a component around content."""
    return parse_component(parser, token, block=True)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon of the sprite: hidden from screen readers unless it has a label."""
    url = static("vendor/uswds/icons.svg")
    if label:
        html = '<svg class="usa-icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>'
        return format_html(html, label, url, name)
    html = (
        '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    )
    return format_html(html, url, name)


@register.filter
def dollars(value: Any, style: str = "") -> str:
    """Return dollars as ``$280,600``, with cents when they are not zero, as ``$0.50``.

    ``amount|dollars:"cents"`` always has cents, ``$11,224.00``. ``None`` is a dash.
    """
    if value is None or value == "":
        return EMPTY
    amount = Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)
    sign = "-" if amount < 0 else ""
    text = f"{abs(amount):,.2f}" if style == "cents" or amount % 1 else f"{abs(amount):,.0f}"
    return f"{sign}${text}"


@register.filter
def pacific(value: datetime | None) -> str:
    """Return an aware time as ``Fri, Dec 8, 2023, 5:00 pm PT``; ``None`` is a dash."""
    return times.long(value) if value else EMPTY


@register.filter
def pacific_short(value: datetime | None) -> str:
    """Return an aware time as ``Dec 8, 5:00 pm PT``; ``None`` is a dash."""
    return times.short(value) if value else EMPTY


@register.filter
def day(value: date | None) -> str:
    """Return a date, or the Pacific date of a time, as ``Dec 8, 2023``; ``None`` is a dash."""
    return times.day(value) if value else EMPTY


@register.filter
def number(value: Any) -> str:
    """Return a number with thousands separators, ``10,000``; ``None`` is a dash."""
    if value is None or value == "":
        return EMPTY
    return f"{value:,}"


@register.filter
def named(value: Any, labels: dict[str, Any]) -> str:
    """Return the labels of a stored value or of a list of them; a value without one stands itself."""
    values = [value] if isinstance(value, str) else value or []
    return ", ".join(str(labels.get(one, one)) for one in values) or EMPTY
