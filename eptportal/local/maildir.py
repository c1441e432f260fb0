"""Reads the mail that the local SMTP sink keeps, for the portal's own outbox page in the demo."""

from datetime import UTC, datetime
from email import message_from_binary_file, policy
from email.message import EmailMessage
from pathlib import Path

FOLDERS = ("new", "cur")


def messages(maildir: Path, limit: int) -> list[dict]:
    """Return the newest `limit` messages, newest first; none when there is no mail yet.

    Each has `key`, `to`, `subject`, `sender` (text) and `date` (aware datetime, or None).
    """
    return [_summary(path) for path in _paths(maildir)[:limit]]


def message(maildir: Path, key: str) -> dict:
    """Return one message: the fields of `messages` and its `text`.

    Raises KeyError when there is no such message.
    """
    for path in _paths(maildir):
        if path.name == key:
            return {**_summary(path), "text": _text(_parse(path))}
    raise KeyError(key)


def _paths(maildir: Path) -> list[Path]:
    found = [path for folder in FOLDERS for path in (maildir / folder).glob("[!.]*")]
    return sorted(found, key=lambda path: path.name, reverse=True)


def _parse(path: Path) -> EmailMessage:
    with path.open("rb") as source:
        return message_from_binary_file(source, policy=policy.default)


def _summary(path: Path) -> dict:
    parsed = _parse(path)
    return {
        "key": path.name,
        "to": str(parsed["To"] or ", ".join(parsed.get_all("Delivered-To", []))),
        "subject": str(parsed["Subject"] or ""),
        "sender": str(parsed["From"] or ""),
        "date": _date(parsed),
    }


def _date(parsed: EmailMessage) -> datetime | None:
    """Return when the message was sent; `-0000`, which Django writes, means UTC."""
    header = parsed["Date"]
    if not header or header.datetime is None:
        return None
    sent = header.datetime
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def _text(parsed: EmailMessage) -> str:
    body = parsed.get_body(preferencelist=("plain", "html"))
    return body.get_content() if body else ""
