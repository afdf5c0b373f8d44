"""The mail server of a drill: the trial sink, which refuses, stalls or forgets to answer when told to (F10).

`python -m tests.torture.post ROOM DIRECTORY BOUNCES BOUNCE_ADDRESS SMTP_SOCKET WEB_SOCKET`
"""

import asyncio
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded import mail
from tests.torture.room import Room

# 550 は、宛先がないと言い切る答え。混ぜると、その契約は人が直すまで進まないので、ここでは使わない
MODES = ("421", "450", "hang", "lost", "cut")
REFUSALS = {"421": "421 4.3.2 Service shutting down", "450": "450 4.2.1 Mailbox busy"}


class Moody(mail.Sink):
    """A sink that answers in the mood of the room."""

    room: Room

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := REFUSALS.get(self.room.mode("smtp")):
            return refusal
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mode, transport = self.room.mode("smtp"), server.transport
        if mode == "cut":
            transport.abort()
            return "451 cut"
        answer = await super().handle_DATA(server, session, envelope)
        if mode == "hang":
            await asyncio.sleep(25)
        if mode == "lost":
            transport.abort()
        return answer


def main(room: Path, arguments: list[str]) -> None:
    """Serve until killed."""

    def moody(*places: Any, **options: Any) -> Moody:
        sink = Moody(*places, **options)
        sink.room = Room(room)
        return sink

    directory, bounces, address, smtp, page = arguments
    with patch.object(mail, "Sink", moody):
        asyncio.run(
            mail.serve(
                directory=Path(directory),
                bounces=Path(bounces),
                bounce_address=address,
                smtp=mail.inherited(smtp),
                page=mail.inherited(page),
            )
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
