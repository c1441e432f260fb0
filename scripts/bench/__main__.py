"""`make bench`: print one JSON object a line for every page and size, then which targets are reached.

BENCH_SIZES names the sizes (1000,10000), BENCH_QUEUE_SIZES those of the queue (1000,10000,100000; 0
leaves it out); RUSH_SECONDS says how long everybody saves in the deadline rush
(60; 0 leaves it out). With BENCH_STRICT=1 a missed target ends with status 1.
"""

import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eptportal.local.postgres import LocalServerError
from eptportal.local.processes import interrupts_on_signals
from scripts.bench.assignment import measured
from scripts.bench.figures import Line, Rush, verdicts
from scripts.bench.portal import HOST, ROOT, of_size, running
from scripts.bench.queueing import DEFAULT_SIZES as QUEUE_SIZES
from scripts.bench.queueing import measured as queued
from scripts.bench.recomputing import measured as recomputed
from scripts.bench.rush import rush
from scripts.bench.scenarios import scenarios
from scripts.bench.solving import measured as solved
from scripts.bench.timing import Client, WrongAnswer, measure
from scripts.bench.verifying import measured as verified

DEFAULT_SIZES = "1000,10000"
MOST = 100_000
DEFAULT_RUSH, LONGEST_RUSH = "60", 600
MOST_SECONDS = 30
MOST_RELEASE_SECONDS = 60
Verdict = tuple[bool, str]


def main(environment: Mapping[str, str]) -> int:
    """Measure every size and return the exit status.

    It is 2 for sizes or seconds that can't be, 1 when nothing could be measured or, if strict, a
    target is missed.
    """
    wanted = environment.get("BENCH_SIZES") or DEFAULT_SIZES
    sizes = read_sizes(wanted)
    if not sizes:
        print(f"BENCH_SIZES takes whole numbers from 1 to {MOST:,}: {wanted}.", file=sys.stderr)
        return 2
    seconds = read_seconds(environment.get("RUSH_SECONDS") or DEFAULT_RUSH)
    if seconds is None:
        print(f"RUSH_SECONDS takes a whole number from 0 to {LONGEST_RUSH}.", file=sys.stderr)
        return 2
    local = Path(environment.get("EPT_LOCAL_DIR") or ROOT / ".local")
    try:
        with interrupts_on_signals():
            lines = _measured(local, sizes)
            queue_lines = _queued(local, environment.get("BENCH_QUEUE_SIZES") or QUEUE_SIZES)
            rushed = _rushed(local, seconds)
            balanced = [
                *_balanced(),
                *_assigned(local, sizes[0]),
                *_released(local, sizes[-1]),
                *_verified(),
                *_solved(),
            ]
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except (LocalServerError, WrongAnswer, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    missed = report(lines, rushed, verdicts(queue_lines) + balanced)
    return int(missed and environment.get("BENCH_STRICT") == "1")


def read_sizes(text: str) -> list[int]:
    """Return the sizes in `text` (comma-separated), smallest first; empty when one is no size."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= MOST for part in parts):
        return []
    return sorted({int(part) for part in parts})


def read_seconds(text: str) -> int | None:
    """Return the whole seconds in `text`, 0 to 600, or None when it is no such number."""
    known = text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= LONGEST_RUSH
    return int(text) if known else None


def report(lines: list[Line], rushed: Rush | None, balanced: list[Verdict]) -> bool:
    """Write PASS or FAIL for every target to stderr; returns whether one was missed."""
    found = verdicts(lines) + (rushed.verdicts() if rushed else []) + balanced
    for reached, sentence in found:
        print(f"{'PASS' if reached else 'FAIL'}  {sentence}", file=sys.stderr)
    return not all(reached for reached, _sentence in found)


def _measured(local: Path, sizes: list[int]) -> list[Line]:
    """Serve every size at once, print each line when it is there, and return all of them."""
    lines = []
    with contextlib.ExitStack() as stack:
        portals = []
        for size in sizes:
            portal = stack.enter_context(running(local, of_size(size)))
            client = stack.enter_context(contextlib.closing(Client(HOST, portal.port)))
            portals.append([(size, client, scenario) for scenario in scenarios(portal.prepared)])
        for same_at_each_size in zip(*portals, strict=True):
            found = measure(same_at_each_size)
            for line in found:
                print(line.as_json(), flush=True)
            lines += found
    return lines


def _queued(local: Path, text: str) -> list[Line]:
    """Print and return the lines of the queue, unless `text` names no sizes."""
    sizes = read_sizes(text)
    return queued(local, sizes) if sizes else []


def _balanced() -> list[Verdict]:
    """Print the lines of the assignment; return what they say to its targets."""
    found: list[Verdict] = []
    for line, most_seconds in measured():
        print(line.as_json(), flush=True)
        if most_seconds is not None:
            found += line.verdicts(most_seconds)
    return found


def _verified() -> list[Verdict]:
    """Print the lines of sealing and verifying records; return what they say to their target."""
    found: list[Verdict] = []
    for line, most_seconds in verified():
        print(line.as_json(), flush=True)
        found += line.verdicts(most_seconds)
    return found


def _solved() -> list[Verdict]:
    """Print the lines of changing rules and of solving; return what they say to their targets."""
    found: list[Verdict] = []
    for line, most_seconds in itertools.chain(recomputed(), solved()):
        print(line.as_json(), flush=True)
        found += line.verdicts(most_seconds)
    return found


def _assigned(local: Path, size: int) -> list[Verdict]:
    """Prepare and apply a large assignment in a copy of the smallest database; print its line."""
    code = "from scripts.bench.assigning import main; main()"
    plan = replace(of_size(size), prepare=("django", "shell", "-v", "0", "-c", code), fresh=True)
    with running(local, plan) as portal:
        found = portal.prepared
    print(json.dumps(found), flush=True)
    what = f"{found['name']} of {found['n']:,} × {found['each']}"
    seconds = round(found["prepare_seconds"] + found["apply_seconds"], 2)
    broken = found["hard_violations"]
    return [
        (
            seconds <= MOST_SECONDS,
            f"{what}: prepared and applied in {seconds} s, target {MOST_SECONDS} s",
        ),
        (found["spread"] <= 1, f"{what}: spread {found['spread']}, target 1"),
        (broken == 0, f"{what}: {broken} hard violations, target 0"),
    ]


def _released(local: Path, size: int) -> list[Verdict]:
    """Release a whole cycle in a copy of its database; print its line."""
    code = f"from scripts.bench.releasing import main; main('bench-{size}')"
    plan = replace(of_size(size), prepare=("django", "shell", "-v", "0", "-c", code), fresh=True)
    with running(local, plan) as portal:
        found = portal.prepared
    print(json.dumps(found), flush=True)
    what, seconds = f"{found['name']} of {found['n']:,}", found["worker_seconds"]
    return [
        (
            seconds <= MOST_RELEASE_SECONDS,
            f"{what}: released and told in {seconds} s, target {MOST_RELEASE_SECONDS} s",
        ),
        (found["in_force"] == found["n"], f"{what}: {found['in_force']:,} decisions in force"),
    ]


def _rushed(local: Path, seconds: int) -> Rush | None:
    """Run and print the deadline rush, unless it takes no time."""
    if not seconds:
        return None
    found = rush(local, seconds)
    print(found.as_json(), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main(os.environ))
