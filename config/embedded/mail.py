"""The mail sink of one machine: SMTP that keeps every message as a file, and a page to read them.

It answers as the world does, by the name of the address (post_office), and puts what comes back to the bounce
address (RFC 5233, with or without "+detail") into a Maildir.

`python -m config.embedded.mail DIRECTORY BOUNCES BOUNCE_ADDRESS SMTP_SOCKET WEB_SOCKET`: the sockets listen
already, and are inherited.
"""

import asyncio
import itertools
import sys
import time
from pathlib import Path
from socket import socket

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded import mailbox_page, post_office

MAX_BYTES = 30 * 1024 * 1024


class Sink:
    """Write each message to the directory; file names sort by arrival."""

    def __init__(self, directory: Path, *, bounces: Path, bounce_address: str, port: int) -> None:
        self.directory, self.bounces, self.port = directory, bounces, port
        self.local, _, self.domain = bounce_address.rpartition("@")
        self.arrivals = itertools.count(1)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Let an address in, or refuse it as its name says."""
        refusal = post_office.answer_at_the_door(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept a message, then deliver it to each address, or report why not."""
        content = envelope.content
        assert isinstance(content, bytes)
        arrived = []
        for address in envelope.rcpt_tos:
            report = post_office.report_on(address)
            if report is not None and envelope.mail_from:
                notice = post_office.write(report, content=content, sender=envelope.mail_from, recipient=address)
                self._post(notice, to=envelope.mail_from)
            if report is None or report.action == "delayed":
                arrived.append(address)
        self._deliver(content, arrived)
        return "250 Message accepted"

    def _deliver(self, content: bytes, addresses: list[str]) -> None:
        back = [address for address in addresses if self._is_return_path(address)]
        others = [address for address in addresses if address not in back]
        if back:
            self._write(content, back, into=self.bounces / "new", by_way_of=self.bounces / "tmp", suffix="")
        if others:
            self._write(content, others, into=self.directory, by_way_of=self.directory, suffix=".eml")

    def _write(self, content: bytes, addresses: list[str], *, into: Path, by_way_of: Path, suffix: str) -> None:
        # 宛先の見出しは偽れるので、配達先は封筒（RFC 5321）から書く。
        delivered = "".join(f"Delivered-To: {address}\r\n" for address in addresses)
        name = f"{time.time_ns()}-{next(self.arrivals):04d}{suffix}"
        partial = by_way_of / f".{name}.partial"  # 書きかけを *.eml として読む人がいないように
        partial.write_bytes(delivered.encode() + content)
        partial.rename(into / name)

    def _is_return_path(self, address: str) -> bool:
        local, _, domain = address.rpartition("@")
        return domain == self.domain and local.partition("+")[0] == self.local

    def _post(self, notice: bytes, *, to: str) -> None:
        # 自分につなぐので、この口が次の問いに答えられるよう、別の糸で送る
        asyncio.get_running_loop().run_in_executor(None, lambda: post_office.post(notice, to=to, port=self.port))


def inherited(number: str) -> socket:
    """Take over a socket that the parent has opened."""
    return socket(fileno=int(number))


async def serve(*, directory: Path, bounces: Path, bounce_address: str, smtp: socket, page: socket) -> None:
    """Receive and show mail until cancelled."""
    for room in (directory, *(bounces / name for name in ("tmp", "new", "cur"))):
        room.mkdir(parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    sink = Sink(directory, bounces=bounces, bounce_address=bounce_address, port=smtp.getsockname()[1])
    await loop.create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True, data_size_limit=MAX_BYTES, hostname="localhost", loop=loop),
        sock=smtp,
    )
    runner = web.AppRunner(mailbox_page.application(directory), access_log=None)
    await runner.setup()
    await web.SockSite(runner, page).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, directory, bounces, address, smtp, page = sys.argv
    asyncio.run(
        serve(
            directory=Path(directory),
            bounces=Path(bounces),
            bounce_address=address,
            smtp=inherited(smtp),
            page=inherited(page),
        )
    )
