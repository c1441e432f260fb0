"""A portal to measure: its data folder, its database, its seeded cycles, its server.

Every portal has a folder and an embedded PostgreSQL of its own, with fsync on. A seeded folder is used
again until something that the seeding is made of has changed.
"""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from eptportal.local import postgres
from eptportal.local.paths import private_dir, socket_dir
from eptportal.local.processes import Supervisor, stop_leftovers
from scripts.bench.prepare import OPEN_SUFFIX

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
SEED = "1"
SEEDED, COPY = "eptportal", "eptportal_copy"
OPEN_APPLICATIONS = "40"
SEEDED_BY = (
    *("*/migrations/*.py", "selection/seeding/*.py", "programs/definitions/*"),
    "scripts/bench/multiply.py",
)
WEB = ("--workers", "2", "--threads", "4", "--worker-class", "gthread", "--no-control-socket")
WEB_SECONDS = 60
MADE_BY_SEEDING = ("postgres", "run")
MARKER = "seeded"


@dataclass(frozen=True)
class Plan:
    """What a portal is made of: its folder's name, the cohorts to seed, the program that looks it up.

    `cohorts` are arguments of `seed_cohort` without the seed; `prepare` a module and its arguments.
    What happens in a portal with `fresh` is forgotten: it works on a copy of the seeded database.
    `afterwards` is a module and its arguments that ends the seeding.
    """

    name: str
    cohorts: tuple[tuple[str, ...], ...]
    prepare: tuple[str, ...]
    fresh: bool = False
    afterwards: tuple[str, ...] = ()

    @property
    def database(self) -> str:
        """Name of the database that is served."""
        return COPY if self.fresh else SEEDED


@dataclass(frozen=True)
class Portal:
    """A portal that is served: its port, what its `prepare` found, how to connect to its database."""

    port: int
    prepared: dict[str, Any]
    conninfo: str


def of_size(size: int) -> Plan:
    """Return the plan of a portal with `size` applications, and some in a cycle that is open."""
    slug = f"bench-{size}"
    closed = ("--cycle", slug, "--applications", str(size), "--through", "scored")
    still_open = ("--cycle", slug + OPEN_SUFFIX, "--applications", OPEN_APPLICATIONS, "--showcase")
    return Plan(f"n-{size}", (closed, still_open), ("scripts.bench.prepare", slug))


@contextlib.contextmanager
def running(local: Path, plan: Plan) -> Iterator[Portal]:
    """Serve the portal of `plan`, seeded when it is not yet.

    Raises LocalServerError or CalledProcessError when a part does not start.
    """
    folder = private_dir(private_dir(local / "bench") / plan.name)
    cluster = _cluster(folder)
    register = folder / "bench.pids"
    stop_leftovers(register)
    if not _is_current(folder):
        _empty(folder, cluster)
    os.chdir(ROOT)
    postgres.ensure_running(cluster)
    try:
        _seed(folder, plan)
        if plan.fresh:
            _copy_database(folder)
        environment = _environment(folder, plan.database)
        _manage(environment, "collectstatic", "--noinput", "-v", "0")
        prepared = _output(environment, "-m", *plan.prepare)
        with Supervisor(folder / "log", environment, register) as supervisor:
            port = _free_port()
            web = [sys.executable, "-m", "gunicorn", "eptportal.wsgi", *WEB]
            supervisor.start("web", [*web, "--bind", f"{HOST}:{port}"])
            supervisor.wait_until("web", lambda: _serves(port), WEB_SECONDS)
            yield Portal(port, json.loads(prepared), _conninfo(folder, plan.database))
    finally:
        postgres.release(cluster)


def _empty(folder: Path, cluster: postgres.Cluster) -> None:
    postgres.stop(cluster)
    (folder / MARKER).unlink(missing_ok=True)
    for name in MADE_BY_SEEDING:
        shutil.rmtree(folder / name, ignore_errors=True)


def _cluster(folder: Path) -> postgres.Cluster:
    return postgres.Cluster(
        data=folder / "postgres",
        sockets=socket_dir(folder),
        user="portal",
        database=SEEDED,
    )


def _copy_database(folder: Path) -> None:
    with psycopg.connect(_conninfo(folder, "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {COPY}")
        connection.execute(f"CREATE DATABASE {COPY} TEMPLATE {SEEDED}")


def _conninfo(folder: Path, database: str) -> str:
    return make_conninfo(
        host=str(socket_dir(folder)), port=postgres.PORT, user="portal", dbname=database
    )


def _environment(folder: Path, database: str = SEEDED) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "scripts.bench.settings",
        "EPT_LOCAL_DIR": str(folder),
        "SECRET_KEY": "only-for-the-bench-" + "x" * 40,
        "FIELD_ENCRYPTION_KEY": "ZGV2ZWxvcG1lbnQta2V5LWZvci1kZW1vLW9ubHktMzI=",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": f"postgres://portal@/{socket_dir(folder)}/{database}",
        "PGPORT": str(postgres.PORT),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "dummymail://",
        "SITE_BASE_URL": f"http://{HOST}",
        "SECURE_SSL_REDIRECT": "false",
    }


def _seed(folder: Path, plan: Plan) -> None:
    if _is_current(folder):
        return
    _say(f"Seeding {plan.name} …")
    environment = _environment(folder)
    _manage(environment, "migrate", "-v", "0")
    for cohort in plan.cohorts:
        _manage(environment, "seed_cohort", *cohort, "--seed", SEED)
    if plan.afterwards:
        _output(environment, "-m", *plan.afterwards)
    (folder / MARKER).write_text(_fingerprint())


def _is_current(folder: Path) -> bool:
    marker = folder / MARKER
    return marker.exists() and marker.read_text() == _fingerprint()


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in SEEDED_BY:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _manage(environment: dict[str, str], *arguments: str) -> None:
    _output(environment, "manage.py", *arguments)


def _output(environment: dict[str, str], *arguments: str) -> str:
    """Run a Python program and return what it printed; its complaints go to our stderr."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def _serves(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
