"""The embedded PostgreSQL: starts once, stays private, stops with its last user."""

import os
import stat
import subprocess
import sys

import psycopg
import pytest

from eptportal.local import postgres
from eptportal.local.paths import SOCKET_PATH_LIMIT, database_settings, socket_dir
from eptportal.settings.base import env

pytestmark = pytest.mark.processes

USER = """
import sys
from pathlib import Path
from eptportal.local.postgres import Cluster, ensure_running
data, sockets = map(Path, sys.argv[1:])
cluster = Cluster(data, sockets, "portal", "eptportal", durable=False)
ensure_running(cluster)
print(cluster.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path):
    found = postgres.Cluster(
        data=tmp_path / "postgres",
        sockets=socket_dir(tmp_path),
        user="portal",
        database="eptportal",
        durable=False,
    )
    yield found
    postgres.release(found)
    postgres.stop(found)


def use(cluster):
    """Start another process that uses the cluster until its input ends."""
    command = [sys.executable, "-c", USER, str(cluster.data), str(cluster.sockets)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def let_go(process):
    process.communicate(timeout=60)
    return process.returncode


def connect(cluster):
    return psycopg.connect(host=str(cluster.sockets), user=cluster.user, dbname=cluster.database)


def test_it_starts_private_and_stops_with_its_only_user(cluster):
    postgres.ensure_running(cluster)
    with connect(cluster) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    for private in (cluster.sockets, cluster.data, cluster.data.parent):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    pid = cluster.pid
    postgres.ensure_running(cluster)
    assert cluster.pid == pid
    postgres.release(cluster)
    assert cluster.pid is None


def test_two_processes_at_once_share_one_server(cluster):
    first, second = use(cluster), use(cluster)
    pids = {first.stdout.readline(), second.stdout.readline()}
    assert pids == {f"{cluster.pid}\n"}
    assert let_go(first) == 0
    with connect(cluster) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()
    assert let_go(second) == 0
    assert cluster.pid is None


def test_data_survives_a_restart(cluster):
    postgres.ensure_running(cluster)
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Muñoz' AS name")
    connection.close()
    postgres.release(cluster)
    postgres.ensure_running(cluster)
    with connect(cluster) as connection:
        assert connection.execute("SELECT upper(name) FROM kept").fetchone() == ("MUÑOZ",)
    connection.close()


def test_a_killed_user_does_not_stop_the_next(cluster):
    first = use(cluster)
    pid = first.stdout.readline()
    first.kill()
    first.communicate()
    second = use(cluster)
    assert second.stdout.readline() == pid
    assert let_go(second) == 0
    assert cluster.pid is None


def test_binaries_prefers_the_folder_of_the_environment(monkeypatch, tmp_path):
    (tmp_path / "initdb").touch()
    monkeypatch.setenv("PORTAL_PG_BIN", str(tmp_path))
    assert postgres.binaries() == tmp_path


def test_a_deep_folder_keeps_its_sockets_in_a_short_one(tmp_path):
    deep = tmp_path / ("x" * 120)
    assert len(str(socket_dir(deep))) <= SOCKET_PATH_LIMIT
    assert socket_dir(deep) != socket_dir(tmp_path / ("y" * 120))
    assert f"-{os.getuid()}-" in socket_dir(deep).name


def test_database_url_replaces_the_embedded_server(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://someone:secret@db.example:5433/portal")
    settings = database_settings(env, tmp_path)
    assert settings["HOST"] == "db.example"
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert "EMBEDDED" not in settings
