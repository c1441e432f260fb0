"""The queue of DHCS at every size, up to 100,000 applications.

The largest portal is a seeded cohort of 1,000 whose applications are multiplied (`multiply`): it has all
that the queue reads, and nothing else. BENCH_QUEUE_SIZES names the sizes (1000,10000,100000; 0: none).
"""

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from scripts.bench.figures import Line
from scripts.bench.portal import HOST, Plan, of_size, running
from scripts.bench.prepare import POPULATION
from scripts.bench.scenarios import Scenario, floor_of
from scripts.bench.timing import Client, measure

DEFAULT_SIZES = "1000,10000,100000"
SEEDED = 1000
MOST_SEEDED = 10_000
PAGE = "/queue/"


def measured(local: Path, sizes: list[int]) -> list[Line]:
    """Serve every size at once, print each line when it is there, and return all of them."""
    lines: list[Line] = []
    with contextlib.ExitStack() as stack:
        portals = []
        for size in sizes:
            portal = stack.enter_context(running(local, plan_of(size)))
            client = stack.enter_context(contextlib.closing(Client(HOST, portal.port)))
            portals.append([(size, client, one) for one in scenarios(portal.prepared)])
        for same_at_each_size in zip(*portals, strict=True):
            found = measure(same_at_each_size)
            for line in found:
                print(line.as_json(), flush=True)
            lines += found
    return lines


def plan_of(size: int) -> Plan:
    """Return the plan of a portal whose queue has `size` applications."""
    if size <= MOST_SEEDED:
        plan = of_size(size)
        slug = plan.prepare[-1]
        return replace(plan, prepare=("scripts.bench.prepare_queue", slug))
    plan = of_size(SEEDED)
    slug = plan.prepare[-1]
    return replace(
        plan,
        name=f"queue-{size}",
        prepare=("scripts.bench.prepare_queue", slug),
        afterwards=("scripts.bench.multiply", slug, str(size)),
    )


def scenarios(targets: Mapping[str, Any]) -> list[Scenario]:
    """Return every measured request for what `prepare_queue` found."""
    cycle, analyst = targets["cycle"], targets["analyst"]
    plain = floor_of("queue", cycle=cycle)
    some = {"population": POPULATION}
    part = {"HX-Request": "true"}

    def asks(name: str, query: dict[str, str], floor: str, **more: Any) -> Scenario:
        path = PAGE + (f"?{urlencode(query)}" if query else "")
        return Scenario(f"queue-{name}" if name else "queue", path, analyst, floor, **more)

    def counts(name: str, query: dict[str, str]) -> Scenario:
        path = f"{PAGE}facets/" + (f"?{urlencode(query)}" if query else "")
        floor = floor_of("facets", cycle=cycle)
        return Scenario(f"queue-{name}", path, analyst, floor, headers=part)

    return [
        asks("", {}, plain),
        asks("filtered", some, floor_of("queue", cycle=cycle, **some)),
        asks(
            "searched",
            {"q": targets["words"]},
            floor_of("queue_searched", cycle=cycle, words=targets["tsquery"]),
        ),
        asks("by-members", {"order": "-members"}, floor_of("queue_members", cycle=cycle)),
        asks("page-2", {"after": targets["after"]}, plain),
        counts("facets", {}),
        counts("facets-filtered", {**some, "hpi": "1"}),
    ]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    measured(folder, [int(size) for size in sys.argv[2].split(",")])
