"""The authority of a drill: the product's own trial authority, which lies, dawdles or is silent when told to.

`python -m tests.torture.authority DIRECTORY PORT ROOM`. Every honest token is written down, so that each token in a
document can be traced to it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from asn1crypto import ocsp, tsp
from certomancer.registry import ArchLabel, ServiceLabel

from config.embedded import pki, pki_server
from tests.torture.lies import Liar
from tests.torture.room import HONEST, Room

REPLY = "application/timestamp-reply"
HUGE_BYTES = 100 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# 時刻認証局の答え方（F07 の嘘と F08 の遅れ）
LIES = (
    "500", "page", "empty", "huge", "truncated", "rejection", "nonce", "imprint", "again", "expired", "no-eku",
    "wrong-eku", "unknown-root", "tomorrow", "yesterday",
)  # fmt: skip
DELAYS = ("drip", "hang", "reset")
RESPONDER = ("500", "try-later", "unauthorized", "garbage", "reset", "empty")


def application(directory: Path, room: Room) -> web.Application:
    """Build the responders with a switch before them."""
    site = pki_server.application(directory)
    services = pki.load(directory).get_pki_arch(ArchLabel(pki.ARCHITECTURE)).service_registry

    def honest(req: tsp.TimeStampReq) -> bytes:
        return bytes(services.summon_timestamper(ServiceLabel("tsa")).request_tsa_response(req).dump())

    site.middlewares.append(_switch(room, Liar(directory, honest=honest)))
    return site


def _switch(room: Room, liar: Liar) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "/tsa/" in request.path:
            return await _stamp(request, handler, room, liar)
        if "/ocsp/" in request.path or "/crls/" in request.path:
            return await _respond(request, handler, room.mode("ocsp"))
        return await handler(request)

    return middleware


async def _stamp(request: web.Request, handler: Handler, room: Room, liar: Liar) -> web.StreamResponse:
    mode = room.mode("tsa")
    question = tsp.TimeStampReq.load(await request.read())
    if mode in liar.lies:
        room.note("tsa", gave=mode)
        return web.Response(body=liar.lies[mode](question), content_type=REPLY)
    if mode != HONEST:
        room.note("tsa", gave=mode)
        return await _dumb(request, handler, mode, REPLY)
    answer = await handler(request)
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    token = tsp.TimeStampResp.load(answer.body)["time_stamp_token"]["content"]
    info = token["encap_content_info"]["content"].parsed
    room.note("tsa", gave=HONEST, serial=str(info["serial_number"].native), of=info["gen_time"].native.timestamp())
    return answer


async def _respond(request: web.Request, handler: Handler, mode: str) -> web.StreamResponse:
    if mode == HONEST:
        return await handler(request)
    if mode in {"try-later", "unauthorized"}:
        said = ocsp.OCSPResponse({"response_status": mode.replace("-", "_")})
        return web.Response(body=said.dump(), content_type="application/ocsp-response")
    return await _dumb(request, handler, mode, "application/ocsp-response")


async def _dumb(request: web.Request, handler: Handler, mode: str, kind: str) -> web.StreamResponse:
    """Answer in one of the ways in which any server fails."""
    if mode == "500":
        return web.Response(status=500, text="Internal Server Error")
    if mode == "page":
        return web.Response(text="<html>ただいま工事中です</html>", content_type="text/html")
    if mode in {"empty", "garbage"}:
        return web.Response(body=b"" if mode == "empty" else b"\x30\x82garbage" * 50, content_type=kind)
    if mode == "hang":
        await asyncio.sleep(30)
    if mode == "huge":
        return await _poured(request, kind, chunk=b"\0" * 65536, chunks=HUGE_BYTES // 65536, pause=0)
    if mode == "drip":
        return await _poured(request, kind, chunk=b"\x30", chunks=60, pause=1)
    assert request.transport is not None
    request.transport.abort()
    return await handler(request)


async def _poured(request: web.Request, kind: str, *, chunk: bytes, chunks: int, pause: float) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": kind})
    await answer.prepare(request)
    for _ in range(chunks):
        await answer.write(chunk)
        await asyncio.sleep(pause)
    return answer


async def serve(directory: Path, port: int, room: Room) -> None:
    """Serve on 127.0.0.1 until killed."""
    runner = web.AppRunner(application(directory, room), access_log=None, keepalive_timeout=3600)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), Room(Path(sys.argv[3]))))
