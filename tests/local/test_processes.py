"""The supervisor: starts, names the dead, stops in order, cleans up after a killed one."""

import os
import signal
import subprocess
import sys
import time

import pytest

from eptportal.local.postgres import LocalServerError
from eptportal.local.processes import Supervisor, ended, interrupts_on_signals, stop_leftovers

pytestmark = pytest.mark.processes

FOREVER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)"
)
SAYS_WHEN_IT_STOPS = (
    "import pathlib, signal, sys, time\n"
    "def stop(*_):\n"
    "    with pathlib.Path({path!r}).open('a') as out: out.write({name!r} + '\\n')\n"
    "    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, stop)\n"
    "print('up', flush=True)\n"
    "time.sleep(60)\n"
)


def python(code):
    return [sys.executable, "-c", code]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def supervisor(tmp_path):
    with Supervisor(tmp_path / "log", os.environ, tmp_path / "pids") as found:
        yield found


def start(supervisor, name, code, **options):
    child = supervisor.start(name, python(code), **options)
    supervisor.wait_until(name, lambda: "up" in child.log.read_text(), 20)
    return child


def test_output_goes_to_the_childs_log(supervisor, tmp_path):
    child = start(supervisor, "web", FOREVER)
    assert child.log == tmp_path / "log" / "web.log"
    assert child.last_lines() == "up"
    assert child.runs


def test_stop_ends_children_from_the_last_to_the_first(supervisor, tmp_path):
    order = tmp_path / "order"
    for name in ("database", "worker", "web"):
        start(supervisor, name, SAYS_WHEN_IT_STOPS.format(path=str(order), name=name))
    supervisor.stop()
    assert order.read_text().split() == ["web", "worker", "database"]
    assert supervisor.children == {}
    assert not (tmp_path / "pids").exists()


def test_stop_kills_a_child_that_does_not_listen(supervisor):
    child = start(supervisor, "stubborn", STUBBORN, grace=0.2)
    supervisor.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_stop_takes_grandchildren_along(supervisor):
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]);"
    child = start(supervisor, "parent", code + "print(p.pid, flush=True); p.wait()")
    supervisor.wait_until("parent", lambda: len(child.log.read_text().split()) == 2, 20)
    [grandchild] = [int(word) for word in child.log.read_text().split() if word.isdigit()]
    supervisor.stop()
    deadline = time.monotonic() + 5
    while _runs(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(grandchild)


def _runs(pid):
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")


def test_watch_returns_the_child_that_died_and_ended_says_why(supervisor):
    start(supervisor, "web", FOREVER)
    supervisor.start("worker", python("print('no broker'); raise SystemExit(3)"))
    dead = supervisor.watch(pause=0.05)
    assert dead.name == "worker"
    sentence = ended(dead)
    assert "The worker stopped by itself (exit status 3)." in sentence
    assert sentence.endswith("no broker")


def test_wait_until_names_a_child_that_ends_first(supervisor):
    supervisor.start("web", python("raise SystemExit('port taken')"))
    with pytest.raises(LocalServerError, match="The web stopped by itself"):
        supervisor.wait_until("web", lambda: False, 20)


def test_wait_until_gives_up_in_time(supervisor):
    supervisor.start("web", python(FOREVER))
    with pytest.raises(LocalServerError, match="did not answer in 0 seconds"):
        supervisor.wait_until("web", lambda: False, 0.1)


def test_stop_leftovers_ends_the_children_of_a_killed_supervisor(supervisor, tmp_path):
    child = start(supervisor, "web", FOREVER)
    assert stop_leftovers(tmp_path / "pids") == [child.process.pid]
    assert child.process.wait(5) == -signal.SIGKILL
    assert stop_leftovers(tmp_path / "pids") == []


def test_stop_leftovers_spares_a_process_that_took_over_the_number(tmp_path):
    register = tmp_path / "pids"
    register.write_text(f"{os.getpid()} /usr/bin/some-other-program\n")
    assert stop_leftovers(register) == []
    assert alive(os.getpid())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_become_an_interrupt(number):
    before = signal.getsignal(number)
    with interrupts_on_signals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
        time.sleep(1)
    assert signal.getsignal(number) == before
