"""A small supervisor: starts named child processes, keeps their logs, stops them in order.

Each child leads a session of its own, so Ctrl-C reaches only the supervisor, which then stops the
children from the last to the first: SIGTERM to the leader, SIGKILL to its group when time is up.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eptportal.local.postgres import LocalServerError

GRACE_SECONDS = 10
POLL_SECONDS = 0.05


@dataclass
class Child:
    """One running program, the file its output goes to, and how long its end may take (seconds)."""

    name: str
    program: str
    process: subprocess.Popen
    log: Path
    grace: float

    @property
    def runs(self) -> bool:
        """Tell whether the program still runs."""
        return self.process.poll() is None

    def last_lines(self, count: int = 8) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


class Supervisor:
    """Children by name. As a context manager it stops all of them at the end of the block.

    `logs` is the folder of the log files, `environment` what every child gets, and `register` a
    file that names the running children: `stop_leftovers` ends those of a killed supervisor.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str], register: Path):
        self.logs = logs
        self.environment = dict(environment)
        self.register = register
        self.children: dict[str, Child] = {}

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *exc_info) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], *, grace: float = GRACE_SECONDS) -> Child:
        """Start `command` as `name`; its output goes to `NAME.log`, which starts afresh."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = self.children[name] = Child(name, command[0], process, log, grace)
        self._write_register()
        return child

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()` holds. Raises LocalServerError when the child ends or time is up."""
        child = self.children[name]
        deadline = time.monotonic() + seconds
        while not ready():
            if not child.runs:
                raise LocalServerError(ended(child))
            if time.monotonic() > deadline:
                raise LocalServerError(
                    f"The {name} did not answer in {seconds:.0f} seconds; its log is {child.log}."
                )
            time.sleep(POLL_SECONDS)

    def first_dead(self) -> Child | None:
        """Return a child that has ended by itself, or None while all run."""
        return next((child for child in self.children.values() if not child.runs), None)

    def watch(self, pause: float = 0.5) -> Child:
        """Sleep until a child ends by itself and return it; a signal's exception passes through."""
        while (dead := self.first_dead()) is None:
            time.sleep(pause)
        return dead

    def stop(self) -> None:
        """Stop every child, the last started first; a second Ctrl-C kills those that remain."""
        while self.children:
            child = self.children[next(reversed(self.children))]
            try:
                _end(child)
            except KeyboardInterrupt:
                for other in self.children.values():
                    _kill_group(other.process.pid)
                    other.process.wait()
                self.children.clear()
            self.children.pop(child.name, None)
        self.register.unlink(missing_ok=True)

    def _write_register(self) -> None:
        lines = [f"{child.process.pid} {child.program}" for child in self.children.values()]
        self.register.parent.mkdir(parents=True, exist_ok=True)
        self.register.write_text("\n".join(lines) + "\n")


def ended(child: Child) -> str:
    """Return the sentence that says a child ended, and the last lines it wrote."""
    return (
        f"The {child.name} stopped by itself (exit status {child.process.returncode}). "
        f"Its log is {child.log}. The last lines:\n{child.last_lines()}"
    )


def stop_leftovers(register: Path) -> list[int]:
    """Kill the children that a killed supervisor left behind, and return their process ids.

    A process counts only when it still runs the program that `register` names for its id.
    """
    stopped = []
    for line in register.read_text().splitlines() if register.exists() else []:
        pid, _, program = line.partition(" ")
        if pid.isdigit() and program and program in _command_of(int(pid)):
            _kill_group(int(pid))
            stopped.append(int(pid))
    register.unlink(missing_ok=True)
    return stopped


@contextlib.contextmanager
def interrupts_on_signals() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into KeyboardInterrupt for the length of a `with` block.

    SIGINT too, because a shell starts background jobs with it ignored.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(child: Child) -> None:
    if child.runs:
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(child.grace)
    _kill_group(child.process.pid)
    child.process.wait()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _command_of(pid: int) -> str:
    listed = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        return listed.read_text().replace("\0", " ") if listed.exists() else ""
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout
