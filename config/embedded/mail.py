"""The mail sink of one machine: SMTP that keeps every message as a file, and a page to read them.

`python -m config.embedded.mail DIRECTORY SMTP_SOCKET WEB_SOCKET`: the sockets listen already, and are inherited.
"""

import asyncio
import itertools
import sys
import time
from pathlib import Path
from socket import socket

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded import mailbox_page

MAX_BYTES = 30 * 1024 * 1024


class Sink:
    """Write each message to the directory; file names sort by arrival."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.arrivals = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep the message with the addresses it was really sent to, then accept it."""
        content = envelope.content
        assert isinstance(content, bytes)
        # 宛先の見出しは偽れるので、配達先は封筒（RFC 5321）から書く。
        delivered = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        name = f"{time.time_ns()}-{next(self.arrivals):04d}.eml"
        partial = self.directory / f".{name}"
        partial.write_bytes(delivered.encode() + content)
        partial.rename(self.directory / name)
        return "250 Message accepted"


def inherited(number: str) -> socket:
    """Take over a socket that the parent has opened."""
    return socket(fileno=int(number))


async def serve(*, directory: Path, smtp: socket, page: socket) -> None:
    """Receive and show mail until cancelled."""
    directory.mkdir(parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    sink = Sink(directory)
    await loop.create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True, data_size_limit=MAX_BYTES, hostname="localhost", loop=loop),
        sock=smtp,
    )
    runner = web.AppRunner(mailbox_page.application(directory), access_log=None)
    await runner.setup()
    await web.SockSite(runner, page).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(directory=Path(sys.argv[1]), smtp=inherited(sys.argv[2]), page=inherited(sys.argv[3])))
