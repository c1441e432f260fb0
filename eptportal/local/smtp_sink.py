"""A mail server that delivers nowhere: it keeps every message in a Maildir for people to read.

Run it as `python -m eptportal.local.smtp_sink --maildir DIR --port N`; SIGTERM or Ctrl-C ends it. A
message is on disk (fsync) before the sender hears "250", so killing this server loses none.
"""

import asyncio
import itertools
import os
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from eptportal.local.paths import private_dir
from eptportal.local.terminal import Parser

HOST = "127.0.0.1"
FOLDERS = ("tmp", "new", "cur")
_counter = itertools.count()


class MaildirHandler:
    """Stores each accepted message whole, below two lines that say who sent it to whom."""

    def __init__(self, maildir: Path):
        self.maildir = prepare(maildir)

    async def handle_DATA(  # noqa: N802 - aiosmtpd names the hook
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message; the reply to the sender comes only after it is on disk."""
        store(self.maildir, _with_envelope(envelope))
        return "250 Message kept"


def prepare(maildir: Path) -> Path:
    """Return `maildir` with its three folders, readable by its owner only."""
    for folder in FOLDERS:
        private_dir(maildir / folder)
    private_dir(maildir)
    return maildir


def store(maildir: Path, message: bytes) -> str:
    """Write `message` to `maildir` durably and return its key (keys sort by time of arrival)."""
    key = f"{time.time_ns():020d}.{os.getpid()}_{next(_counter):06d}"
    draft, kept = maildir / "tmp" / key, maildir / "new" / key
    with draft.open("xb") as output:
        output.write(message)
        output.flush()
        os.fsync(output.fileno())
    draft.rename(kept)
    folder = os.open(kept.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key


async def serve(maildir: Path, port: int) -> None:
    """Accept mail on 127.0.0.1:`port` until SIGTERM or SIGINT."""
    handler = MaildirHandler(maildir)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, ident="EPT portal mail sink"), HOST, port
    )
    print(f"Mail sink on {HOST}:{port}, messages in {maildir}", flush=True)
    await stopped.wait()
    server.close()


def main(argv: list[str] | None = None) -> int:
    """Run the sink; returns the exit status (1 with one sentence when the port is taken)."""
    parser = Parser(prog="smtp_sink", description=__doc__.splitlines()[0])
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(argv)
    try:
        asyncio.run(serve(options.maildir, options.port))
    except OSError as error:
        print(f"The mail sink can't use port {options.port}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


def _with_envelope(envelope: Envelope) -> bytes:
    lines = [f"Return-Path: <{envelope.mail_from}>"]
    lines += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
    head = "".join(f"{line}\r\n" for line in lines).encode()
    content = envelope.original_content or b""
    return head + content


if __name__ == "__main__":
    sys.exit(main())
