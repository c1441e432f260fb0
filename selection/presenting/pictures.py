"""Where the bars, lines and counties of the workbench's pictures are. Percent and whole units; no markup.

Percent strings always have a point, whatever the language. Each picture comes with the rows of its table.
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.components import percent
from selection.engine import Result
from selection.engine.judging import CODE
from selection.engine.measuring import Step, cost_curve
from selection.enums import Reason
from selection.presenting import dollars

MAP = Path(__file__).resolve().parent.parent / "data" / "california-counties.json"
HEADROOM = 1.08
TICKS = 8
LEVELS = 4
LABELLED_COUNTIES = 10
WAITING = (Reason.NEAR, Reason.OVER_BUDGET, Reason.TIE_BREAK)
Json = dict[str, Any]


def histogram(result: Result) -> Json | None:
    """Return one stacked bar for each adjusted score: selected, waiting, and the rest; None if empty."""
    if not len(result.pool):
        return None
    scores = result.adjusted
    low, high = _ends(result)
    length = high - low + 1
    waiting = np.isin(result.codes, [CODE[reason] for reason in WAITING])
    parts = [
        np.bincount(scores[mask] - low, minlength=length)
        for mask in (result.is_in, waiting, ~result.is_in & ~waiting)
    ]
    top = int(sum(parts).max())  # type: ignore[union-attr]
    rows = [
        {"score": low + i, "selected": int(a), "waiting": int(b), "rest": int(c)}
        for i, (a, b, c) in enumerate(zip(*parts, strict=True))
        if a or b or c
    ]
    line = result.rules.line
    return {
        "rows": rows,
        "box": f"0 0 {length} {math.ceil(top * HEADROOM)}",
        "bars": [bar for row in rows for bar in _bars(row, low, math.ceil(top * HEADROOM))],
        "ticks": _ticks(low, high, length),
        "line": _place(line - low, length),
        "line_at_right": line - low > 0.6 * length,
        "has_line": low <= line <= high + 1,
        "top": top,
        "top_y": percent(100 - 100 * top / math.ceil(top * HEADROOM)),
    }


def curve(result: Result) -> Json | None:
    """Return cost by threshold as a line, with the budget and the chosen threshold; None if empty."""
    if not len(result.pool):
        return None
    low, high = _ends(result)
    steps = sorted(
        (step for step in cost_curve(result) if low <= step.threshold <= high),
        key=lambda step: step.threshold,
    )
    if not steps:
        return None
    rules, length = result.rules, max(high - low, 1)
    budget = rules.budget
    most = float(max(steps[0].cost, budget or 0)) * HEADROOM or 1.0
    here = next((step for step in steps if step.threshold == rules.threshold), None)
    at = None if here is None else here.threshold - low
    return {
        "steps": [_row(step, rules.threshold) for step in reversed(steps)],
        "points": _points(steps, low, length, most),
        "most": dollars(steps[0].cost),
        "most_y": percent(100 - 100 * float(steps[0].cost) / most),
        "budget_y": None if budget is None else percent(100 - 100 * float(budget) / most),
        "here": None if here is None else _row(here, rules.threshold),
        "here_x": None if at is None else percent(100 * at / length),
        "here_y": None if here is None else percent(100 - 100 * float(here.cost) / most),
        "here_at_right": at is not None and at > 0.55 * length,
        "ticks": _ticks(low, high, length, centred=False),
        "budget_label_high": budget is not None and float(budget) / most < 0.9,
    }


def county_map(result: Result) -> Json:
    """Return every county with how many applied and are selected, shaded in four steps by the latter."""
    shapes = _shapes()
    counted = {
        name: (int((mask & result.is_in).sum()), int(mask.sum()))
        for name in shapes["counties"]
        if (mask := result.pool.having("county", name)).any()
    }
    breaks = _breaks(max((selected for selected, _all in counted.values()), default=0))
    most = sorted(counted, key=lambda name: (-counted[name][0], name))
    named = {name for name in most[:LABELLED_COUNTIES] if counted[name][0]}
    counties = [
        {
            "name": name,
            "path": shape["path"],
            "x": shape["label"][0],
            "y": shape["label"][1],
            "selected": counted.get(name, (0, 0))[0],
            "applied": counted.get(name, (0, 0))[1],
            "level": _level(counted.get(name), breaks),
            "labelled": name in named,
        }
        for name, shape in shapes["counties"].items()
    ]
    return {
        "width": shapes["width"],
        "height": shapes["height"],
        "counties": counties,
        "rows": sorted(
            (one for one in counties if one["applied"]),
            key=lambda one: (-one["selected"], -one["applied"], one["name"]),
        ),
        "key": _map_key(breaks),
        "without": len(shapes["counties"]) - len(counted),
    }


@cache
def _shapes() -> Json:
    return json.loads(MAP.read_text())


def _ends(result: Result) -> tuple[int, int]:
    """Return the lowest and highest score drawn; the line is always within."""
    line = result.rules.line
    found = int(result.adjusted.min()), int(result.adjusted.max())
    return min(found[0], max(line - 1, 0)), min(max(found[1], line), found[1] + 60)


def _bars(row: Json, low: int, height: int) -> list[Json]:
    bars, y = [], height
    for kind in ("selected", "waiting", "rest"):
        if row[kind]:
            y -= row[kind]
            bars.append({"kind": kind, "x": row["score"] - low, "y": y, "height": row[kind]})
    return bars


def _ticks(low: int, high: int, length: int, *, centred: bool = True) -> list[Json]:
    span = max(high - low, 1)
    step = next((s for s in (1, 2, 5, 10, 20, 50, 100) if span / s <= TICKS), 200)
    first = math.ceil(low / step) * step
    middle = 0.5 if centred else 0
    return [
        {"label": score, "x": _place(score - low + middle, length)}
        for score in range(first, high + 1, step)
    ]


def _place(units: float, length: int) -> str:
    return percent(100 * units / length)


def _points(steps: Sequence[Step], low: int, length: int, most: float) -> str:
    """Return the line in a box of 1,000 by 1,000."""
    return " ".join(
        f"{1000 * (s.threshold - low) / length:.1f},{1000 - 1000 * float(s.cost) / most:.1f}"
        for s in steps
    )


def _row(step: Step, threshold: int) -> Json:
    return {
        "threshold": step.threshold,
        "selected": step.selected,
        "cost": dollars(step.cost),
        "here": step.threshold == threshold,
    }


def _breaks(top: int) -> list[int]:
    """Return the least number of each shade: equal steps of the logarithm, as few counties have most."""
    raw = [1, *(math.ceil(top ** (step / LEVELS)) for step in range(1, LEVELS))]
    found: list[int] = []
    for value in raw:
        if (found[-1] if found else 0) < value <= top:
            found.append(value)
    return found


def _level(counted: tuple[int, int] | None, breaks: Sequence[int]) -> str:
    if counted is None:
        return "none"
    selected = counted[0]
    if not selected:
        return "zero"
    level = sum(selected >= one for one in breaks)
    return str(level + LEVELS - len(breaks))


def _map_key(breaks: Sequence[int]) -> list[Json]:
    if not breaks:
        return []
    spare = LEVELS - len(breaks)
    ends = [*(one - 1 for one in breaks[1:]), None]
    return [
        {"level": str(i + 1 + spare), "first": first, "last": last}
        for i, (first, last) in enumerate(zip(breaks, ends, strict=True))
    ]
