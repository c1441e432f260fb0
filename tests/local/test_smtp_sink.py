"""The mail sink, over a real connection, and the reader of what it keeps."""

import signal
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage

import pytest

from eptportal.local import maildir, smtp_sink

pytestmark = pytest.mark.processes


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_sink(folder, port):
    module = "eptportal.local.smtp_sink"
    command = [sys.executable, "-m", module, "--maildir", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert "Mail sink on" in process.stdout.readline()
    return process


@pytest.fixture
def sink(tmp_path):
    port = free_port()
    process = start_sink(tmp_path / "mail", port)
    yield process, port
    process.kill()
    process.communicate()


def compose(subject, text="Hello"):
    mail = EmailMessage()
    mail["From"] = "EPT Portal <no-reply@portal.example>"
    mail["To"] = "Ana Muñoz <ana@practice.example>"
    mail["Subject"] = subject
    mail["Date"] = "Fri, 08 Dec 2023 17:00:00 -0800"
    mail.set_content(text)
    return mail


def test_a_sent_message_is_read_back_whole(sink, tmp_path):
    with smtplib.SMTP("127.0.0.1", sink[1], timeout=10) as client:
        client.send_message(compose("Your application – received", "Reference EPT1-0001\n.\nÑ"))
    [summary] = maildir.messages(tmp_path / "mail", 10)
    assert summary["subject"] == "Your application – received"
    assert summary["to"] == "Ana Muñoz <ana@practice.example>"
    assert summary["sender"] == "EPT Portal <no-reply@portal.example>"
    assert summary["date"].isoformat() == "2023-12-08T17:00:00-08:00"
    whole = maildir.message(tmp_path / "mail", summary["key"])
    assert whole["text"] == "Reference EPT1-0001\n.\nÑ\n"
    assert {name: whole[name] for name in summary} == summary


def test_the_envelope_is_kept_above_the_message(sink, tmp_path):
    with smtplib.SMTP("127.0.0.1", sink[1], timeout=10) as client:
        client.send_message(compose("Copy"), to_addrs=["hidden@practice.example"])
    [path] = (tmp_path / "mail" / "new").iterdir()
    assert b"Delivered-To: hidden@practice.example\r\n" in path.read_bytes()


def test_messages_are_newest_first_and_limited(sink, tmp_path):
    with smtplib.SMTP("127.0.0.1", sink[1], timeout=10) as client:
        for number in range(12):
            client.send_message(compose(f"Message {number}"))
    subjects = [mail["subject"] for mail in maildir.messages(tmp_path / "mail", 3)]
    assert subjects == ["Message 11", "Message 10", "Message 9"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0(sink, number):
    process, _ = sink
    process.send_signal(number)
    assert process.wait(10) == 0


def test_an_accepted_message_survives_kill_9(sink, tmp_path):
    process, port = sink
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(compose("Kept"))
        process.kill()
        process.wait()
    assert [mail["subject"] for mail in maildir.messages(tmp_path / "mail", 10)] == ["Kept"]


def test_a_taken_port_is_one_sentence_and_status_1(sink, tmp_path):
    words = ["--maildir", str(tmp_path / "other"), "--port", str(sink[1])]
    command = [sys.executable, "-m", "eptportal.local.smtp_sink", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"can't use port {sink[1]}" in done.stderr


def test_store_leaves_no_draft_and_orders_keys_by_time(tmp_path):
    folder = smtp_sink.prepare(tmp_path / "mail")
    keys = [smtp_sink.store(folder, b"Subject: x\r\n\r\n") for _ in range(3)]
    assert keys == sorted(keys)
    assert list((folder / "tmp").iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_message_of_an_unknown_key_is_a_key_error(tmp_path):
    for key in ("nothing", "../../etc/passwd"):
        with pytest.raises(KeyError):
            maildir.message(tmp_path, key)


def test_messages_without_a_maildir_is_empty(tmp_path):
    assert maildir.messages(tmp_path / "none", 10) == []


def test_a_message_without_headers_is_listed(tmp_path):
    folder = smtp_sink.prepare(tmp_path / "mail")
    smtp_sink.store(folder, b"Delivered-To: a@b.example\r\n\r\nBody")
    [mail] = maildir.messages(folder, 5)
    assert (mail["to"], mail["subject"], mail["date"]) == ("a@b.example", "", None)


def test_a_date_of_unknown_zone_is_utc(tmp_path):
    folder = smtp_sink.prepare(tmp_path / "mail")
    smtp_sink.store(folder, b"Date: Sat, 09 Dec 2023 01:00:00 -0000\r\n\r\n")
    smtp_sink.store(folder, b"Date: some day\r\n\r\n")
    nonsense, sent = maildir.messages(folder, 5)
    assert nonsense["date"] is None
    assert sent["date"].isoformat() == "2023-12-09T01:00:00+00:00"
