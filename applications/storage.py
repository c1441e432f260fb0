"""Where the bytes of attachments are: Django's default storage (a local folder, or S3), random names.

The storage knows neither the person's name for a file nor its application.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import File
from django.core.files.storage import default_storage

CHUNK = 64 * 1024
logger = logging.getLogger(__name__)


def measure(file: File, *, limit: int) -> tuple[int, str]:
    """Return the bytes of `file` and their SHA-256 (hexadecimal), reading it piece by piece.

    Stops after `limit` bytes: then the size is that of what was read, more than `limit`, and the hash
    is of no use. Leaves the file at its start.
    """
    found, size = hashlib.sha256(), 0
    file.seek(0)
    while size <= limit and (piece := file.read(CHUNK)):
        found.update(piece)
        size += len(piece)
    file.seek(0)
    return size, found.hexdigest()


@contextmanager
def kept(file: File) -> Iterator[str]:
    """Store `file` under a random name, and take it out again when the block does not succeed."""
    token = secrets.token_hex(20)
    name = default_storage.save(f"{token[:2]}/{token[2:]}", file)
    try:
        yield name
    except BaseException:
        _discard(name)
        raise


def open_stored(name: str) -> File:
    """Return the stored file, opened to read bytes. Raises FileNotFoundError when it is not there."""
    return default_storage.open(name, "rb")


def _discard(name: str) -> None:
    try:
        default_storage.delete(name)
    except Exception:  # what went wrong first is what the caller has to hear
        logger.exception("A stored file without a row could not be removed: %s", name)
