"""The components a page is built from, and the properties each one takes.

``{% ui "badge" label=… %}`` (``core.templatetags.ui``) renders ``templates/components/badge.html``
with exactly the properties declared here; a property that is missing or unknown is an error when
the template is compiled. ``/dev/components/`` shows each one in several states.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Props = dict[str, Any]
TONES = ("neutral", "info", "success", "warning", "error", "turn")
TONE_ICONS = {
    "neutral": "radio_button_unchecked",
    "info": "info",
    "success": "check_circle",
    "warning": "warning",
    "error": "error",
    "turn": "arrow_forward",
}
SPARE_HEIGHT = 12.0
LABELLED_BINS = 7


@dataclass(frozen=True)
class Component:
    """One component: required property names and optional ones with defaults.

    ``content`` is ``none`` (used with ``ui``), ``required`` (with ``uiblock``) or ``optional``.
    A component that ``repeats`` many times on a page (its properties are short texts, or tuples of what
    never changes) is rendered once for the same properties and language, and kept. ``simplify`` makes
    such properties from those given; of these, ``slots`` name HTML that differs each time (a control
    with its text): it is put into what is kept.
    ``prepare`` returns what the template needs beyond the properties, such as positions in a
    picture (always percent strings with a point, whatever the language).
    """

    required: tuple[str, ...] = ()
    optional: Mapping[str, Any] = field(default_factory=dict)
    content: str = "none"
    repeats: bool = False
    simplify: Callable[[Props], Props] | None = None
    slots: tuple[str, ...] = ()
    prepare: Callable[[Props], Props] | None = None

    def names(self) -> set[str]:
        """Return every property the component takes."""
        return {*self.required, *self.optional}


def percent(value: float) -> str:
    """Return a number as an SVG length, ``40.8`` → ``40.80%``."""
    return f"{value:.2f}%"


def with_tone_icon(props: Props) -> Props:
    """Return the icon given or the one of the tone, as colour alone never tells a status."""
    tone = props["tone"] if props["tone"] in TONES else "neutral"
    return {"tone": tone, "icon": props.get("icon") or TONE_ICONS[tone]}


def share_done(props: Props) -> Props:
    """Return the width of the filled part of a progress bar, 0 % when there is nothing to do."""
    total = props["total"] or 0
    return {"width": percent(100 * props["done"] / total if total else 0)}


def target_rows(props: Props) -> Props:
    """Return one row per item: bar length and target position in percent of the full width."""
    return {
        "rows": [
            {
                "item": item,
                "width": percent(min(max(item["share"], 0), 100)),
                "target": None if item.get("target") is None else percent(item["target"]),
            }
            for item in props["items"]
        ]
    }


def bin_bars(bins: Sequence[Mapping[str, Any]]) -> list[Props]:
    """Return the bars of a histogram: left edge, width, top and height, in percent of the picture.

    The highest bar leaves ``SPARE_HEIGHT`` percent free for its count.
    """
    highest = max((one["count"] for one in bins), default=0) or 1
    step = 100 / len(bins) if bins else 100
    every = max(1, -(-len(bins) // LABELLED_BINS))
    bars = []
    for index, one in enumerate(bins):
        height = (100 - SPARE_HEIGHT) * one["count"] / highest
        bars.append(
            {
                "bin": one,
                "x": percent(index * step + step * 0.06),
                "width": percent(step * 0.88),
                "middle": percent((index + 0.5) * step),
                "y": percent(100 - height),
                "label_y": percent(100 - height - 2),
                "height": percent(height),
                "labelled": index % every == 0,
            }
        )
    return bars


def histogram_picture(props: Props) -> Props:
    """Return the bars and the position of the line: left of the first selected bin, or ``None``."""
    bins = props["bins"]
    first = next((index for index, one in enumerate(bins) if one["selected"]), None)
    at = None if first is None else 100 * first / len(bins)
    return {
        "bars": bin_bars(bins),
        "line": None if at is None else percent(at),
        "line_at_right": at is not None and at > 60,
    }


def score_rows(props: Props) -> Props:
    """Return one row per item: its number as text and the bar's length in percent of the maximum."""
    rows = []
    for item in props["items"]:
        value, most = item["value"], float(props["maximum"])
        share = 0 if value is None else min(max(100 * float(value) / most, 0), 100)
        rows.append({"item": item, "width": percent(share), "text": item["text"] or "–"})
    return {"rows": rows}


def criterion_parts(props: Props) -> Props:
    """Return what a criterion shows in short texts, so that it can be kept, and its two text areas.

    ``needs`` is empty when no points need a comment, else ``now`` or ``later``: whether these do.
    """
    field, comment, note = props["field"], props["comment_field"], props["note_field"]
    value, found = field.value(), field.form.errors
    later = "now" if props["needs_comment"] else "later"
    note_errors = tuple(found.get(note.name, ())) if note else ()
    return {
        "code": props["code"],
        "title": props["title"],
        "judged": props["judged"],
        "max_points": props["max_points"],
        "levels": props["levels"],
        "sample": "1" if props["sample"] else "",
        "name": field.html_name,
        "id": field.auto_id,
        "value": "" if value is None else value,
        "errors": tuple(found.get(field.name, ())),
        "comment": comment.auto_id if comment else "",
        "comment_errors": tuple(found.get(comment.name, ())) if comment else (),
        "comment_control": str(comment) if comment else "",
        "comment_at": " ".join(map(str, props["comment_at"])),
        "needs": later if props["comment_at"] else "",
        "note": note.auto_id if note else "",
        "note_errors": note_errors,
        "note_open": "1" if note and (note_errors or note.value()) else "",
        "note_control": str(note) if note else "",
    }


def point_options(props: Props) -> Props:
    """Return the points that can be given, as texts."""
    return {"options": [str(points) for points in range(int(props["max_points"]) + 1)]}


COMPONENTS: dict[str, Component] = {
    "badge": Component(
        ("label",), {"tone": "neutral", "icon": ""}, repeats=True, prepare=with_tone_icon
    ),
    "breadcrumb": Component(("items",)),
    "card": Component(("title",), {"tone": ""}, content="required"),
    "checklist": Component(("items",)),
    "diff": Component(("parts",)),
    "effects": Component(("title", "items")),
    "empty_state": Component(("title", "body"), {"href": "", "action": ""}),
    "facts": Component(("items",)),
    "file_row": Component(
        ("name", "size", "href"), {"note": "", "state": "", "tone": "warning"}, content="optional"
    ),
    "filter_chips": Component(("items", "label")),
    "histogram": Component(
        ("title", "description", "bins"), {"line_label": ""}, prepare=histogram_picture
    ),
    "key_figures": Component(("items",)),
    "notice": Component(
        ("title",), {"tone": "info", "body": ""}, content="optional", prepare=with_tone_icon
    ),
    "pager": Component(("summary",), {"previous_url": "", "next_url": ""}),
    "person_row": Component(("name", "role"), {"email": "", "note": ""}),
    "progress": Component(("done", "total", "label"), prepare=share_done),
    "rubric_criterion": Component(
        ("field", "code", "title", "max_points"),
        {
            "comment_field": None,
            "note_field": None,
            "judged": "",
            "levels": (),
            "sample": False,
            "comment_at": (),
            "needs_comment": False,
        },
        repeats=True,
        simplify=criterion_parts,
        slots=("comment_control", "note_control"),
        prepare=point_options,
    ),
    "criterion_levels": Component(("levels",), {"sample": ""}, repeats=True),
    "sample_note": Component((), {"text": ""}),
    "score_bars": Component(("items", "caption", "minimum", "maximum"), prepare=score_rows),
    "section_nav": Component(("items", "label")),
    "target_bars": Component(("items", "caption"), prepare=target_rows),
    "three_numbers": Component(("mcp_score", "max_score", "priority_points", "adjusted_score")),
    "timeline": Component(("items",)),
    "what_now": Component(("title", "body", "href", "action"), {"due": ""}, content="optional"),
}
