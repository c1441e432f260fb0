"""The terminal during the demo: one line per step, and a Ctrl-C that only the demo hears."""

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator


class Parser(argparse.ArgumentParser):
    """Answers wrong arguments with one line and exit status 2."""

    def error(self, message: str):
        """Print `message` and exit."""
        self.exit(2, f"{self.prog}: {message}. See --help.\n")


@contextlib.contextmanager
def step(doing: str, done: str, *, talks: bool = False) -> Iterator[None]:
    """Print `doing …`, and replace it by `✓ done (1.2 s)` when the block ends well.

    Without a terminal only the second line is printed. A step that `talks`, such as one with a bar
    of its own, keeps its first line and what it says.
    """
    live = sys.stdout.isatty() and not talks
    started = time.monotonic()
    if live or talks:
        print(f"  {doing} …", end="" if live else "\n", flush=True)
    try:
        yield
    except BaseException:
        if live:
            print(flush=True)
        raise
    clear = "\r\x1b[K" if live else ""
    print(f"{clear}✓ {done} ({time.monotonic() - started:.1f} s)", flush=True)


@contextlib.contextmanager
def foreground() -> Iterator[None]:
    """Make this process the only one that Ctrl-C reaches, so that `make` ends with its status.

    Otherwise make hears the same Ctrl-C and reports a failure. Nothing happens without a terminal,
    when another process group has it, or when this process leads its group already.
    """
    before = os.getpgrp()
    if before == os.getpid() or not _has_terminal(before):
        yield
        return
    suspend = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    write = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(sys.stdin.fileno(), os.getpid())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(sys.stdin.fileno(), before)
        signal.signal(signal.SIGTSTP, suspend)
        signal.signal(signal.SIGTTOU, write)


def _has_terminal(group: int) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return os.tcgetpgrp(sys.stdin.fileno()) == group
