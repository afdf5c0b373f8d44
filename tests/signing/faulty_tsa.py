"""間違った答えを返す TSA。道の名が、間違え方。"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from aiohttp import web
from asn1crypto import tsp
from certomancer.registry import ArchLabel, CertLabel, KeyLabel
from certomancer.services import TimeStamper

from config.embedded import pki as authority
from signing import network

REPLY = "application/timestamp-reply"
REJECTED = bytes.fromhex("30053003020102")  # RFC 3161 2.4.2: 断るときはトークンがない


class FaultyTsa:
    """Answer as the address says: /ok, /imprint, /nonce, …; count what was asked."""

    def __init__(self, paths: authority.PkiPaths) -> None:
        self._pki = authority.load(paths.directory).get_pki_arch(ArchLabel(authority.ARCHITECTURE))
        self.asked: list[str] = []
        self.port = 0

    def url(self, fault: str) -> str:
        return f"http://127.0.0.1:{self.port}/{fault}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        fault = request.match_info["fault"]
        self.asked.append(fault)
        query = tsp.TimeStampReq.load(await request.read())
        match fault:
            case "http500":
                return web.Response(status=500)
            case "redirect":
                return web.Response(status=302, headers={"Location": "/ok"})
            case "html":
                return web.Response(body=b"<html>maintenance</html>", content_type="text/html")
            case "garbage":
                return web.Response(body=b"\x30\x03abc", content_type=REPLY)
            case "empty":
                return web.Response(body=b"", content_type=REPLY)
            case "rejected":
                return web.Response(body=REJECTED, content_type=REPLY)
            case "huge":
                return web.Response(body=b"\x30\x84\x0c\x00\x00\x00" + bytes(20_000_000), content_type=REPLY)
            case "hang":
                await asyncio.sleep(30)
            case "drip":
                return await self._drip(request)
        return web.Response(body=self.token(query, fault), content_type=REPLY)

    def token(self, query: tsp.TimeStampReq, fault: str) -> bytes:
        if fault == "nonce":
            query["nonce"] = 12345
        if fault == "no_nonce":
            del query["nonce"]
        if fault == "imprint":
            query["message_imprint"]["hashed_message"] = bytes(32)
        response = self._stamper(fault).request_tsa_response(query)
        if fault == "mods":
            response["status"]["status"] = "granted_with_mods"
        der = bytearray(response.dump(force=True))
        if fault == "broken_signature":
            der[-5] ^= 0x55
        return bytes(der)

    def _stamper(self, fault: str) -> TimeStamper:
        who = "signer" if fault == "purpose" else "tsa"
        late = {"fast": timedelta(minutes=5), "slow": -timedelta(minutes=5)}.get(fault, timedelta(0))
        return TimeStamper(
            self._pki.get_cert(CertLabel(who)),
            self._pki.key_set.get_private_key(KeyLabel(who)),
            certs_to_embed=[self._pki.get_cert(CertLabel("tsa-ca"))],
            fixed_dt=network.now() + late,
        )

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": REPLY})
        await response.prepare(request)
        for _byte in range(100):
            await response.write(b"\x30")
            await asyncio.sleep(0.2)
        return response


@contextmanager
def running(paths: authority.PkiPaths) -> Iterator[FaultyTsa]:
    """Serve in a thread on a free loopback port."""
    tsa = FaultyTsa(paths)
    loop = asyncio.new_event_loop()
    runner: list[web.AppRunner] = []

    async def start() -> None:
        app = web.Application()
        app.router.add_post("/{fault}", tsa.answer)
        runner.append(web.AppRunner(app, shutdown_timeout=0.1))
        await runner[0].setup()
        site = web.TCPSite(runner[0], "127.0.0.1", 0)
        await site.start()
        tsa.port = runner[0].addresses[0][1]

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield tsa
    finally:
        asyncio.run_coroutine_threadsafe(_end(runner[0]), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(runner: web.AppRunner) -> None:
    await runner.cleanup()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
