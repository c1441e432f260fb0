"""`make bench`: print one JSON object a line for every page and size, then which targets are reached.

BENCH_SIZES names the sizes (1000,10000); with BENCH_STRICT=1 a missed target ends with status 1.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from eptportal.local.postgres import LocalServerError
from eptportal.local.processes import interrupts_on_signals
from scripts.bench.figures import Line, verdicts
from scripts.bench.portal import HOST, ROOT, running
from scripts.bench.scenarios import scenarios
from scripts.bench.timing import Client, WrongAnswer, measure

DEFAULT_SIZES = "1000,10000"
MOST = 100_000


def main(environment: Mapping[str, str]) -> int:
    """Measure every size and return the exit status.

    It is 2 for sizes that can't be, 1 when nothing could be measured or, if strict, a target is missed.
    """
    wanted = environment.get("BENCH_SIZES") or DEFAULT_SIZES
    sizes = read_sizes(wanted)
    if not sizes:
        print(f"BENCH_SIZES takes whole numbers from 1 to {MOST:,}: {wanted}.", file=sys.stderr)
        return 2
    local = Path(environment.get("EPT_LOCAL_DIR") or ROOT / ".local")
    try:
        with interrupts_on_signals():
            lines = _measured(local, sizes)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except (LocalServerError, WrongAnswer, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    missed = report(lines)
    return int(missed and environment.get("BENCH_STRICT") == "1")


def read_sizes(text: str) -> list[int]:
    """Return the sizes in `text` (comma-separated), smallest first; empty when one is no size."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= MOST for part in parts):
        return []
    return sorted({int(part) for part in parts})


def report(lines: list[Line]) -> bool:
    """Write PASS or FAIL for every target to stderr; returns whether one was missed."""
    found = verdicts(lines)
    for reached, sentence in found:
        print(f"{'PASS' if reached else 'FAIL'}  {sentence}", file=sys.stderr)
    return not all(reached for reached, _sentence in found)


def _measured(local: Path, sizes: list[int]) -> list[Line]:
    """Serve every size at once, print each line when it is there, and return all of them."""
    lines = []
    with contextlib.ExitStack() as stack:
        portals = []
        for size in sizes:
            port, targets = stack.enter_context(running(local, size))
            client = stack.enter_context(contextlib.closing(Client(HOST, port)))
            portals.append([(size, client, scenario) for scenario in scenarios(targets)])
        for same_at_each_size in zip(*portals, strict=True):
            found = measure(same_at_each_size)
            for line in found:
                print(line.as_json(), flush=True)
            lines += found
    return lines


if __name__ == "__main__":
    sys.exit(main(os.environ))
