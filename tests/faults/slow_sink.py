"""The SMTP sink, but every message takes it a while: it can be caught in the middle of a batch."""

import asyncio
import sys

from eptportal.local import smtp_sink

SECONDS = 0.5


class SlowHandler(smtp_sink.MaildirHandler):
    """Keeps the message, then lets the sender wait for the answer."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        reply = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(SECONDS)
        return reply


if __name__ == "__main__":
    smtp_sink.MaildirHandler = SlowHandler
    sys.exit(smtp_sink.main())
