"""`make demo`: the whole portal on this machine, with a synthetic cohort, until Ctrl-C.

Run again it continues with the same data; `--reset` starts over. Real servers replace the embedded
ones when DATABASE_URL, REDIS_URL or EMAIL_URL is set.
"""

import argparse
import contextlib
import fcntl
import io
import os
import shutil
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings as live
from django.core.management import CommandError, call_command
from django.db import connection

from eptportal.local import paths, postgres, valkey
from eptportal.local.processes import Supervisor, ended, interrupts_on_signals, stop_leftovers
from eptportal.local.terminal import Parser, foreground, step
from eptportal.settings import dev as settings

HOST = "127.0.0.1"
SINK_PORT = 8025
DEFINITION = "programs/definitions/ept-cohort-1.yaml"
HPI_SAMPLE = "programs/data/hpi_sample.csv"
SEEDS = (  # cohort 2 is open and in every state; cohort 1 waits for its decisions
    ("--cycle", "cohort-2", "--applications", "120", "--seed", "2", "--showcase"),
    ("--cycle", "cohort-1", "--applications", "719", "--seed", "1", "--through", "scored"),
)
CYCLE_MODEL = ("programs", "Cycle")
RESET = ("postgres", "mail", "media", "log", "beat")
WEB_SECONDS = 60
WEB = ("--workers", "2", "--threads", "4", "--worker-class", "gthread", "--no-control-socket")


class DemoError(RuntimeError):
    """The demo can't run; the message says why and what helps."""


def main(argv: list[str] | None = None) -> int:
    """Run the demo; returns 0 after Ctrl-C and 1, with a sentence, when something stops it."""
    options = _parse(argv)
    os.chdir(settings.BASE_DIR)
    try:
        with foreground(), interrupts_on_signals(), _only_demo(settings.LOCAL_DIR):
            _run(options)
    except KeyboardInterrupt:
        print("\n✓ The demo has stopped. Its data is kept: `make demo` continues with it.")
        return 0
    except (DemoError, postgres.LocalServerError, CommandError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = Parser(prog="demo", description=__doc__.splitlines()[0])
    port = os.environ.get("PORT") or "8000"
    parser.add_argument("--port", type=_port, default=port, help="port of the portal (8000)")
    parser.add_argument("--reset", action="store_true", help="delete the demo's data first")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")


def _run(options: argparse.Namespace) -> None:
    local = paths.private_dir(settings.LOCAL_DIR)
    register = local / "demo.pids"
    stop_leftovers(register)
    if not _is_free(options.port):
        raise DemoError(
            f"Port {options.port} is taken by another program: "
            f"stop that program, or run `make demo PORT={options.port + 1}`."
        )
    if options.reset:
        _reset(local)
    sink_port = SINK_PORT if _is_free(SINK_PORT) else _any_free_port()
    environment = _environment(options.port, sink_port)
    with _database(), Supervisor(local / "log", environment, register) as supervisor, _farewell():
        _start_broker(supervisor)
        _start_sink(supervisor, local / "mail", sink_port)
        _prepare_data(environment)
        _start_portal(supervisor, local, options.port)
        _introduce(options.port)
        raise DemoError(ended(supervisor.watch()))


@contextlib.contextmanager
def _farewell() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        print("\n  Stopping …", flush=True)
        raise


def _introduce(port: int) -> None:
    print(f"\n  The portal is at http://{HOST}:{port}/", flush=True)
    print(f"  Its mail is at   http://{HOST}:{port}/dev/outbox/\n", flush=True)
    call_command("demo_people")
    connection.close()
    print("\n  Ctrl-C stops everything.", flush=True)


@contextlib.contextmanager
def _only_demo(local: Path) -> Iterator[None]:
    """Hold the demo's lock. Raises DemoError when a demo already runs on this folder."""
    with (paths.private_dir(local) / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(
                f"A demo already runs on {local}: stop it with Ctrl-C, or set EPT_LOCAL_DIR."
            ) from error
        yield


def _environment(port: int, sink_port: int) -> dict[str, str]:
    mail = os.environ.get("EMAIL_URL") or f"smtp://{HOST}:{sink_port}"
    address = f"http://{HOST}:{port}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "eptportal.settings.dev",
        "EPT_LOCAL_DIR": str(settings.LOCAL_DIR),
        "EPT_SINK_PORT": str(sink_port),
        "EMAIL_URL": mail,
        "SITE_BASE_URL": os.environ.get("SITE_BASE_URL") or address,
        "PYTHONUNBUFFERED": "1",
    }


def _reset(local: Path) -> None:
    cluster = _cluster()
    if cluster is None:
        raise DemoError("Only the embedded database can be reset: unset DATABASE_URL first.")
    with step("Deleting the demo's data", "Old demo data deleted"):
        postgres.stop(cluster)
        for name in RESET:
            shutil.rmtree(local / name, ignore_errors=True)


def _cluster() -> postgres.Cluster | None:
    """Return the embedded cluster, or None when DATABASE_URL names a server."""
    database = settings.DATABASES["default"]
    if "EMBEDDED" not in database:
        return None
    return postgres.Cluster(
        data=Path(database["EMBEDDED"]["data"]),
        sockets=Path(database["HOST"]),
        user=database["USER"],
        database=database["NAME"],
        durable=database["EMBEDDED"]["durable"],
    )


@contextlib.contextmanager
def _database() -> Iterator[None]:
    """Keep the database up for the length of a `with` block."""
    cluster = _cluster()
    if cluster is None:
        print("✓ Database of DATABASE_URL", flush=True)
        yield
        return
    with step("Starting the database", "Database ready"):
        postgres.ensure_running(cluster)
    try:
        yield
    finally:
        connection.close()
        postgres.release(cluster)


def _start_broker(supervisor: Supervisor) -> None:
    if os.environ.get("REDIS_URL"):
        print("✓ Queue of REDIS_URL", flush=True)
        return
    address = paths.broker_socket(settings.LOCAL_DIR)
    with step("Starting the queue", "Queue ready"):
        valkey.shut_down(address)
        supervisor.start("queue", valkey.command(address))
        supervisor.wait_until("queue", lambda: valkey.answers(address), 20)


def _start_sink(supervisor: Supervisor, maildir: Path, port: int) -> None:
    if os.environ.get("EMAIL_URL"):
        print("✓ Mail server of EMAIL_URL", flush=True)
        return
    module = "eptportal.local.smtp_sink"
    with step("Starting the mail catcher", "Mail catcher ready"):
        command = [sys.executable, "-m", module, "--maildir", str(maildir), "--port", str(port)]
        supervisor.start("mail", command)
        supervisor.wait_until("mail", lambda: _accepts(port), 20)


def _prepare_data(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    with step("Loading the portal", "Portal loaded"):
        django.setup()
        live.SITE_BASE_URL = environment["SITE_BASE_URL"]
    _quietly("Updating the tables", "Tables up to date", "migrate", verbosity=0)
    _quietly("Loading the program", "Program loaded", "load_program", DEFINITION)
    _quietly("Loading the health plans", "Health plans loaded", "load_plans")
    _quietly("Loading the HPI sample", "HPI sample loaded", "import_hpi", HPI_SAMPLE)
    if apps.get_model(*CYCLE_MODEL).objects.exists():
        print("✓ Earlier demo data kept", flush=True)
        return
    with step("Making a synthetic cohort", "Cohort made", talks=True):
        for seed in SEEDS:
            call_command("seed_cohort", *seed)


def _quietly(doing: str, done: str, *command: str, **options) -> None:
    with step(doing, done):
        call_command(*command, stdout=io.StringIO(), **options)


def _start_portal(supervisor: Supervisor, local: Path, port: int) -> None:
    beat = paths.private_dir(local / "beat")
    python = [sys.executable, "-m"]
    web = [*python, "gunicorn", "eptportal.wsgi", *WEB]
    celery = [*python, "celery", "-A", "eptportal"]
    with step("Starting web, worker and schedule", "Web, worker and schedule ready"):
        supervisor.start("web", [*web, "--bind", f"{HOST}:{port}"])
        supervisor.start("worker", [*celery, "worker", "-c", "2", "-l", "INFO", "--without-gossip"])
        schedule = str(beat / "schedule")
        supervisor.start("beat", [*celery, "beat", "-l", "INFO", "--pidfile=", "-s", schedule])
        supervisor.wait_until("web", lambda: _serves(port), WEB_SECONDS)
        dead = supervisor.first_dead()
        if dead:
            raise DemoError(ended(dead))


def _serves(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
