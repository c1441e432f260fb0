"""The virus scanner: clamd at CLAMD_URL (tcp://host:3310 or unix:///run/clamd.sock), or none."""

import logging
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from clamav_client.clamd import (
    ClamdError,
    ClamdNetworkSocket,
    ClamdUnixSocket,
    ResponseError,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File

from applications.enums import Scan

PORT = 3310
TIMEOUT = 60  # seconds for each step of the talk with clamd
logger = logging.getLogger(__name__)


class ScannerAway(Exception):
    """Clamd can't be reached or broke off; the file waits for the next try."""


class NotScanned(Exception):
    """Clamd answered that it could not look at this file."""


def first_state() -> Scan:
    """Return the state of a new file: waiting, or not to be checked when there is no scanner."""
    return Scan.PENDING if settings.CLAMD_URL else Scan.SKIPPED


def scan(stream: File) -> Scan:
    """Send the bytes of `stream` to clamd and return what it says; SKIPPED without a scanner.

    Raises ScannerAway or NotScanned when there is no verdict.
    """
    if not settings.CLAMD_URL:
        return Scan.SKIPPED
    try:
        [(status, reason)] = scanner(settings.CLAMD_URL).instream(cast(BinaryIO, stream)).values()
    except ResponseError as error:
        raise NotScanned(str(error)) from error
    except (ClamdError, OSError, ValueError) as error:
        raise ScannerAway(str(error)) from error
    if status == "OK":
        return Scan.CLEAN
    if status == "FOUND":
        logger.warning("clamd found %s", reason)
        return Scan.INFECTED
    raise NotScanned(str(reason))


def scanner(url: str) -> ClamdNetworkSocket:
    """Return a client for `url`. Raises ImproperlyConfigured for one of another form."""
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return ClamdNetworkSocket(parts.hostname, parts.port or PORT, timeout=TIMEOUT)
    if parts.scheme == "unix" and parts.path:
        return ClamdUnixSocket(parts.path, timeout=TIMEOUT)
    raise ImproperlyConfigured(f"CLAMD_URL is neither tcp://host:port nor unix:///path: {url}")
