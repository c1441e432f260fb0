"""A portal of one size to measure: its data folder, its database, its seeded cycle, its server.

Every size has a folder and an embedded PostgreSQL of its own, with fsync on. A seeded folder is used
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
from pathlib import Path
from typing import Any

from eptportal.local import postgres
from eptportal.local.paths import private_dir, socket_dir
from eptportal.local.processes import Supervisor, stop_leftovers
from scripts.bench.prepare import OPEN_SUFFIX

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
SEED = "1"
OPEN_APPLICATIONS = "40"
SEEDED_BY = ("*/migrations/*.py", "selection/seeding/*.py", "programs/definitions/*")
WEB = ("--workers", "2", "--threads", "4", "--worker-class", "gthread", "--no-control-socket")
WEB_SECONDS = 60
MADE_BY_SEEDING = ("postgres", "run")
MARKER = "seeded"


@contextlib.contextmanager
def running(local: Path, size: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Serve a portal with `size` applications; gives its port and what `prepare` found.

    Raises LocalServerError or CalledProcessError when a part does not start.
    """
    folder = private_dir(private_dir(local / "bench") / f"n-{size}")
    cluster = _cluster(folder)
    register = folder / "bench.pids"
    stop_leftovers(register)
    if not _is_current(folder):
        _empty(folder, cluster)
    environment = _environment(folder)
    os.chdir(ROOT)
    postgres.ensure_running(cluster)
    try:
        _seed(folder, environment, size)
        _manage(environment, "collectstatic", "--noinput", "-v", "0")
        prepared = _output(environment, "-m", "scripts.bench.prepare", f"bench-{size}")
        with Supervisor(folder / "log", environment, register) as supervisor:
            port = _free_port()
            web = [sys.executable, "-m", "gunicorn", "eptportal.wsgi", *WEB]
            supervisor.start("web", [*web, "--bind", f"{HOST}:{port}"])
            supervisor.wait_until("web", lambda: _serves(port), WEB_SECONDS)
            yield port, json.loads(prepared)
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
        database="eptportal",
    )


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "scripts.bench.settings",
        "EPT_LOCAL_DIR": str(folder),
        "SECRET_KEY": "only-for-the-bench-" + "x" * 40,
        "FIELD_ENCRYPTION_KEY": "ZGV2ZWxvcG1lbnQta2V5LWZvci1kZW1vLW9ubHktMzI=",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": f"postgres://portal@/{socket_dir(folder)}/eptportal",
        "PGPORT": str(postgres.PORT),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "dummymail://",
        "SITE_BASE_URL": f"http://{HOST}",
        "SECURE_SSL_REDIRECT": "false",
    }


def _seed(folder: Path, environment: dict[str, str], size: int) -> None:
    if _is_current(folder):
        return
    _say(f"Seeding {size:,} applications …")
    slug = f"bench-{size}"
    common = ("--seed", SEED, "--applications")
    _manage(environment, "migrate", "-v", "0")
    _manage(environment, "seed_cohort", "--cycle", slug, *common, str(size), "--through", "scored")
    open_cycle = ("seed_cohort", "--cycle", slug + OPEN_SUFFIX)
    _manage(environment, *open_cycle, *common, OPEN_APPLICATIONS, "--showcase")
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
