"""The S3 of a drill: moto's server behind a door that lets half of the writes fail when told to.

`python -m tests.torture.store ROOM PORT`. Modes: "half" (of the writes), "down", "slow".
"""

import asyncio
import random
import sys
from pathlib import Path

import aiohttp
from aiohttp import web
from moto.server import ThreadedMotoServer

from tests.torture.room import Room

WRITES = {"PUT", "POST"}
PASSED_ON = {"host", "transfer-encoding", "content-length", "connection"}
BUSY = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
# 書く前に断る、書いてから断る、書いてから黙って切る
FAILURES = ("refused", "unsaid", "cut")


class Door:
    """Passes on what comes in, or not."""

    def __init__(self, room: Room, behind: int) -> None:
        self.room, self.behind = room, behind
        self.chance = random.Random(room.path.name)
        self.line: aiohttp.ClientSession | None = None

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Answer one request as the mode of the room says."""
        mode, body = self.room.mode("s3"), await request.read()
        if mode == "down":
            return self._busy()
        if mode == "slow":
            await asyncio.sleep(2)
        fails = mode == "half" and request.method in WRITES and self.chance.random() < 0.5
        how = self.chance.choice(FAILURES) if fails else ""
        if how:
            self.room.note("s3", failed=how, path=request.path)
        if how == "refused":
            return self._busy()
        answer = await self._pass_on(request, body)
        if how == "unsaid":
            return self._busy()
        if how == "cut" and request.transport is not None:
            request.transport.abort()
        return answer

    async def _pass_on(self, request: web.Request, body: bytes) -> web.Response:
        self.line = self.line or aiohttp.ClientSession(auto_decompress=False)
        kept = {name: value for name, value in request.headers.items() if name.lower() not in PASSED_ON}
        place = f"http://127.0.0.1:{self.behind}{request.raw_path}"
        async with self.line.request(request.method, place, data=body, headers=kept, allow_redirects=False) as answer:
            told = {name: value for name, value in answer.headers.items() if name.lower() not in PASSED_ON}
            if request.method == "HEAD":
                told["Content-Length"] = answer.headers.get("Content-Length", "0")
            return web.Response(status=answer.status, headers=told, body=await answer.read())

    @staticmethod
    def _busy() -> web.Response:
        return web.Response(status=503, text=BUSY, content_type="application/xml")


async def serve(room: Room, port: int) -> None:
    """Serve until killed."""
    kept = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    kept.start()
    site = web.Application(client_max_size=1 << 30)
    site.router.add_route("*", "/{path:.*}", Door(room, kept.get_host_and_port()[1]).enter)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Room(Path(sys.argv[1])), int(sys.argv[2])))
