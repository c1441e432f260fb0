"""What a crash leaves behind must not stop the next start."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from eptportal.local import postgres
from tests.local.test_postgres import cluster, connect, let_go, use

__all__ = ["cluster"]
pytestmark = pytest.mark.processes


def test_threads_that_start_it_together_leave_no_lock_behind(cluster):
    threads = [threading.Thread(target=postgres.ensure_running, args=[cluster]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    postgres.release(cluster)
    assert cluster.pid is None


def test_a_killed_server_starts_again_in_the_same_process(cluster):
    postgres.ensure_running(cluster)
    os.kill(cluster.pid, signal.SIGKILL)
    postgres.release(cluster)
    postgres.ensure_running(cluster)
    connect(cluster).close()


def test_a_reused_process_number_is_no_server(cluster):
    assert let_go(use(cluster)) == 0
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lines = [str(other.pid), str(cluster.data), "1700000000", "5432", str(cluster.sockets), "", ""]
    (cluster.data / "postmaster.pid").write_text("\n".join(lines))
    assert cluster.pid is None
    postgres.ensure_running(cluster)
    postgres.release(cluster)
    assert other.poll() is None
    other.communicate(b"\n")


def test_a_data_folder_half_made_is_made_again(cluster):
    draft = cluster.data.with_name("postgres.new")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    postgres.ensure_running(cluster)
    connect(cluster).close()


def test_pgport_of_the_environment_does_not_matter(cluster, monkeypatch):
    other = use(cluster)
    assert other.stdout.readline() == f"{cluster.pid}\n"
    monkeypatch.setenv("PGPORT", "6000")
    postgres.ensure_running(cluster)
    assert let_go(other) == 0
