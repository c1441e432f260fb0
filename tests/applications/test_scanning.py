"""Talking to clamd: every answer and every way of not answering."""

import io
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile, File

from applications import scanning
from applications.enums import Scan
from tests.applications import filing


def scan(data):
    return scanning.scan(ContentFile(data))


def test_without_a_scanner_nothing_is_checked(settings):
    settings.CLAMD_URL = ""
    assert scan(filing.EICAR) == scanning.first_state() == Scan.SKIPPED


@pytest.mark.parametrize(
    ("data", "verdict"), [(filing.PDF, Scan.CLEAN), (filing.EICAR, Scan.INFECTED)]
)
def test_every_byte_reaches_the_scanner_and_its_verdict_is_taken(clamd, data, verdict):
    large = data * 3000
    assert scan(large) == verdict
    assert clamd.received == [large]
    assert scanning.first_state() == Scan.PENDING


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR", b"stream: Can't allocate memory ERROR", b"nonsense"],
)
def test_an_error_of_the_scanner_is_no_verdict(clamd, answer):
    clamd.answer = lambda data: answer
    with pytest.raises(scanning.NotScanned):
        scan(filing.PDF)


def test_a_scanner_that_says_nothing_is_away(clamd):
    clamd.answer = lambda data: b""
    with pytest.raises(scanning.ScannerAway):
        scan(filing.PDF)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock"])
def test_a_scanner_that_cannot_be_reached_is_away(settings, url):
    settings.CLAMD_URL = url
    with pytest.raises(scanning.ScannerAway):
        scan(filing.PDF)


def test_a_unix_socket_works_as_well(settings, tmp_path):
    path = tmp_path / "clamd.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        settings.CLAMD_URL = f"unix://{path}"
        client = scanning.scanner(settings.CLAMD_URL)
        assert (client.unix_socket, client.timeout) == (str(path), scanning.TIMEOUT)


@pytest.mark.parametrize("url", ["http://clamd:3310", "clamd:3310", "tcp://", "unix://"])
def test_a_wrong_address_is_told(settings, url):
    settings.CLAMD_URL = url
    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL"):
        scanning.scan(File(io.BytesIO(b"x")))
