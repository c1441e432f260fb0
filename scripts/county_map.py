"""Write the map of California's counties from a `us-atlas` package: `python -m scripts.county_map DIR`.

DIR is the unpacked npm package us-atlas (ISC licence); it holds `counties-albers-10m.json`, a TopoJSON file
of the counties of the United States in an Albers projection. Of California's 58 counties, each becomes one
SVG path with whole coordinates in a box that is 1,000 wide. Neighbours share their simplified arcs, so that
no gap opens between them.
"""

import itertools
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

STATE = "06"
WIDTH = 1000
TOLERANCE = 0.16  # units of the source; the state is about 170 wide
LEAST_AREA = 2.0  # smaller islands are left out; the largest ring of a county always stays
TARGET = Path(__file__).resolve().parent.parent / "selection" / "data" / "california-counties.json"

Point = tuple[float, float]
Ring = list[Point]


def main(folder: Path) -> None:
    """Read the package in `folder` and write the map."""
    atlas = json.loads((folder / "counties-albers-10m.json").read_text())
    arcs = [simplified(arc) for arc in decoded(atlas)]
    counties = {
        one["properties"]["name"]: rings_of(one, arcs)
        for one in atlas["objects"]["counties"]["geometries"]
        if one["id"].startswith(STATE)
    }
    found = document(counties)
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    TARGET.write_text(text + "\n")
    print(f"{len(counties)} counties, {len(text):,} bytes in {TARGET.name}")


def decoded(atlas: dict[str, Any]) -> list[Ring]:
    """Return the atlas' arcs as points; each is stored as steps from the one before."""
    (kx, ky), (dx, dy) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = []
    for steps in atlas["arcs"]:
        x = y = 0
        arc = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            arc.append((x * kx + dx, y * ky + dy))
        arcs.append(arc)
    return arcs


def simplified(arc: Sequence[Point]) -> Ring:
    """Return an arc without the points that lie closer than the tolerance (Douglas and Peucker 1973)."""
    if len(arc) < 3:
        return list(arc)
    first, last = arc[0], arc[-1]
    distances = [_distance(point, first, last) for point in arc[1:-1]]
    farthest = max(range(len(distances)), key=distances.__getitem__) + 1
    if distances[farthest - 1] <= TOLERANCE:
        return [first, last]
    return simplified(arc[: farthest + 1])[:-1] + simplified(arc[farthest:])


def rings_of(geometry: dict[str, Any], arcs: Sequence[Ring]) -> list[Ring]:
    """Return the outlines of a county, largest first, without small islands."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    rings = [_joined(ring, arcs) for polygon in polygons for ring in polygon]
    rings.sort(key=lambda ring: -abs(_area(ring)))
    return [rings[0], *(ring for ring in rings[1:] if abs(_area(ring)) >= LEAST_AREA)]


def document(counties: dict[str, list[Ring]]) -> dict[str, Any]:
    """Return width, height, and for each county its path and a point for a label inside it."""
    everything = [point for rings in counties.values() for ring in rings for point in ring]
    left, top = (min(point[axis] for point in everything) for axis in (0, 1))
    right, bottom = (max(point[axis] for point in everything) for axis in (0, 1))
    scale = WIDTH / (right - left)

    def placed(ring: Iterable[Point]) -> list[tuple[int, int]]:
        return [(round((x - left) * scale), round((y - top) * scale)) for x, y in ring]

    shapes = {}
    for name, rings in sorted(counties.items()):
        drawn = [placed(ring) for ring in rings]
        shapes[name] = {"path": "".join(map(_path, drawn)), "label": _middle(drawn[0])}
    return {"width": WIDTH, "height": round((bottom - top) * scale), "counties": shapes}


def _joined(indices: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    ring: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc if not ring else arc[1:]
    return ring


def _path(ring: Sequence[tuple[int, int]]) -> str:
    """Return a ring as relative steps; the last point is the first again."""
    x, y = ring[0]
    steps = []
    for nx, ny in ring[1:-1]:
        if (nx, ny) != (x, y):
            steps.append(f"{nx - x} {ny - y}")
            x, y = nx, ny
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps).replace(' -', '-')}z"


def _middle(ring: Sequence[tuple[int, int]]) -> list[int]:
    """Return the point inside a ring that is farthest from its outline, on a coarse grid."""
    left, right = min(x for x, _y in ring), max(x for x, _y in ring)
    top, bottom = min(y for _x, y in ring), max(y for _x, y in ring)
    parts = 24
    grid = [
        (left + (right - left) * i / parts, top + (bottom - top) * j / parts)
        for i in range(1, parts)
        for j in range(1, parts)
    ]
    inside = [point for point in grid if _inside(point, ring)]
    best = max(inside, key=lambda point: _clearance(point, ring))
    return [round(best[0]), round(best[1])]


def _inside(point: Point, ring: Sequence[Point]) -> bool:
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def _clearance(point: Point, ring: Sequence[Point]) -> float:
    return min(_distance(point, a, b) for a, b in itertools.pairwise(ring))


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point lies from the line between two others."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    t = 0.0 if not length else max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / length))
    return ((x - x1 - t * dx) ** 2 + (y - y1 - t * dy) ** 2) ** 0.5


def _area(ring: Sequence[Point]) -> float:
    pairs = itertools.pairwise(ring)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m scripts.county_map DIR, where DIR is the package us-atlas.")
    main(Path(sys.argv[1]))
