"""The real servers behind the portal, on the database of the test that runs."""

import contextlib
import email
import os
import socket
import sys
import time
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

from django.db import connection
from kombu import pools

from eptportal.celery import app
from eptportal.local import paths, valkey
from eptportal.local.processes import Child, Supervisor

HOST = "127.0.0.1"
PYTHON = (sys.executable, "-m")
SINK = "eptportal.local.smtp_sink"


class Services:
    """Valkey, SMTP sink, worker, beat and web of one test, each a process of its own.

    Whatever was started ends with the `with` block. Settings come from the environment alone, as
    they do in production.
    """

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        self.maildir = folder / "mail"
        self.smtp_port = free_port()
        self.broker_url = paths.broker_url(folder)
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "eptportal.settings.dev",
            "EPT_LOCAL_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.broker_url,
            "EMAIL_URL": f"smtp://{HOST}:{self.smtp_port}",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.supervisor = Supervisor(folder / "log", self._environment, folder / "pids")

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *exc_info) -> None:
        self.supervisor.stop()

    def start_broker(self) -> Child:
        """Start Valkey and wait until it answers."""
        address = paths.broker_socket(self.folder)
        child = self.supervisor.start("queue", valkey.command(address))
        self.supervisor.wait_until("queue", lambda: valkey.answers(address), 20)
        return child

    def start_sink(self, *command: str) -> Child:
        """Start the SMTP sink, or `command` in its place, and wait until it accepts."""
        command = command or (*PYTHON, SINK)
        options = ("--maildir", str(self.maildir), "--port", str(self.smtp_port))
        child = self.supervisor.start("mail", [*command, *options])
        self.supervisor.wait_until("mail", lambda: accepts(self.smtp_port), 20)
        return child

    def start_worker(self, name: str = "worker") -> Child:
        """Start a Celery worker and wait until it listens."""
        celery = [*PYTHON, "celery", "-A", "eptportal", "worker", "-c", "1", "-l", "INFO"]
        quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        child = self.supervisor.start(name, [*celery, *quick])
        self.supervisor.wait_until(name, lambda: " ready." in child.log.read_text(), 40)
        return child

    def start_beat(self) -> Child:
        """Start the schedule; its first sweep comes one period later."""
        schedule = str(self.folder / "schedule")
        celery = [*PYTHON, "celery", "-A", "eptportal", "beat", "-l", "INFO"]
        return self.supervisor.start("beat", [*celery, "--pidfile=", "-s", schedule])

    def start_web(self, port: int = 0) -> str:
        """Start gunicorn, on a port of its choice unless told; return its address when it answers."""
        port = port or free_port()
        gunicorn = [*PYTHON, "gunicorn", "eptportal.wsgi", "--bind", f"{HOST}:{port}"]
        options = ["--workers", "1", "--threads", "2", "--no-control-socket"]
        self.supervisor.start("web", [*gunicorn, *options])
        self.supervisor.wait_until("web", lambda: accepts(port), 40)
        return f"http://{HOST}:{port}"

    def kill(self, name: str) -> None:
        """End a program and its children at once (SIGKILL), as a crash would."""
        child = self.supervisor.children.pop(name)
        os.killpg(child.process.pid, 9)
        child.process.wait()

    def mail(self) -> list[EmailMessage]:
        """Return the messages that the sink keeps, in the order of their arrival."""
        found = sorted(self.maildir.glob("new/*"), key=lambda path: path.name)
        return [
            email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in found
        ]

    def mail_to(self, address: str) -> list[EmailMessage]:
        """Return the messages to `address`, in the order of their arrival."""
        return [message for message in self.mail() if message["To"] == address]

    def wait_for_mail(self, address: str, count: int = 1, seconds: float = 20) -> EmailMessage:
        """Wait until `count` messages to `address` are there; return the last of them."""
        wait_until(lambda: len(self.mail_to(address)) >= count, f"mail to {address}", seconds)
        return self.mail_to(address)[-1]


@contextlib.contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Let this process send its tasks to `url`."""
    before = app.conf.broker_url
    _use_broker(url)
    try:
        yield
    finally:
        _use_broker(before)


def database_url() -> str:
    """Return the DATABASE_URL of the database that this test writes to."""
    found = connection.settings_dict
    return f"postgresql://{found['USER']}@/{found['HOST']}/{found['NAME']}"


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    """Tell whether somebody listens on a local TCP port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def wait_until(condition, what: str, seconds: float = 20) -> None:
    """Wait until `condition()` holds; fail the test, naming `what`, when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} seconds in vain: {what}."
        time.sleep(0.05)


def _use_broker(url: str) -> None:
    app.conf.broker_url = url
    pools.reset()
    app._after_fork()  # forget the pools of the other address
