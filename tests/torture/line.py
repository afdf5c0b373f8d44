"""A line to a service that can be slow, or fall silent without being cut (F19).

`python -m tests.torture.line ROOM PART PORT TARGET_PORT`. Modes of the part: "slow", "silent".
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from tests.torture.room import Room

MODES = ("slow", "silent")
# 行きと帰りで、合わせて 0.3 秒
EACH_WAY_SECONDS = 0.15


class Line:
    """Carries what comes in at one port to another, and back."""

    def __init__(self, room: Room, part: str, target: int) -> None:
        self.room, self.part, self.target = room, part, target

    async def enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        with suppress(OSError):
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._carry(reader, onward_writer), self._carry(onward_reader, writer))
        writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.room.mode(self.part) == "slow":
                    await asyncio.sleep(EACH_WAY_SECONDS)
                while self.room.mode(self.part) == "silent":
                    await asyncio.sleep(0.1)
                writer.write(data)
                await writer.drain()
        writer.close()


async def serve(line: Line, port: int) -> None:
    """Carry until killed."""
    server = await asyncio.start_server(line.enter, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Line(Room(Path(sys.argv[1])), sys.argv[2], int(sys.argv[4])), int(sys.argv[3])))
