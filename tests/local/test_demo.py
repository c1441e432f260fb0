"""The demo's refusals: each is one sentence, and nothing has started."""

import fcntl
import socket

import pytest

from eptportal.local import demo


@pytest.fixture
def nothing_starts(monkeypatch, tmp_path):
    """Point the demo at an empty folder and fail when it goes past its checks."""
    monkeypatch.setattr(demo.settings, "LOCAL_DIR", tmp_path)
    monkeypatch.setattr(demo, "Supervisor", lambda *_: pytest.fail("the demo went on"))
    return tmp_path


def test_a_taken_port_names_another(nothing_starts, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo.main(["--port", str(port)]) == 1
    sentence = capsys.readouterr().err.strip()
    assert sentence == (
        f"Port {port} is taken by another program: "
        f"stop that program, or run `make demo PORT={port + 1}`."
    )


def test_a_second_demo_in_the_same_folder_is_refused(nothing_starts, capsys):
    with (nothing_starts / "demo.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert demo.main([]) == 1
    assert "A demo already runs" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port", "abc"], ["--port", "65536"], ["--nope"]])
def test_wrong_arguments_are_one_line_and_status_2(nothing_starts, capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        demo.main(arguments)
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_reset_leaves_a_database_of_the_environment_alone(nothing_starts, monkeypatch, capsys):
    monkeypatch.setitem(demo.settings.DATABASES, "default", {"ENGINE": "postgresql"})
    assert demo.main(["--port", str(demo._any_free_port()), "--reset"]) == 1
    assert "unset DATABASE_URL" in capsys.readouterr().err


def test_the_environment_points_the_children_at_the_demo(monkeypatch):
    for name in ("EMAIL_URL", "SITE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    found = demo._environment(8123, 2525)
    assert found["EMAIL_URL"] == "smtp://127.0.0.1:2525"
    assert found["SITE_BASE_URL"] == "http://127.0.0.1:8123"
    assert found["DJANGO_SETTINGS_MODULE"] == "eptportal.settings.dev"
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example:25")
    assert demo._environment(8123, 2525)["EMAIL_URL"] == "smtp://mail.example:25"
