"""一台で動かすときの TSA・OCSP・CRL を、本物の HTTP でループバックにだけ出す。"""

import asyncio
import functools
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from asn1crypto import algos, keys
from certomancer import crypto_utils
from certomancer.integrations.aiohttp_animator import build_animator_app
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from config.embedded import pki


class ParsedKeyBackend(crypto_utils.PycaCryptographyBackend):
    """Parse each RSA key once; certomancer re-validates it (200 ms for 3072 bits) on every signature."""

    def generic_sign(
        self, private_key: keys.PrivateKeyInfo, tbs_bytes: bytes, sd_algo: algos.SignedDigestAlgorithm
    ) -> bytes:
        if sd_algo.signature_algo != "rsassa_pkcs1v15" or sd_algo.hash_algo != "sha256":
            return super().generic_sign(private_key, tbs_bytes, sd_algo)
        return _parsed(private_key.dump()).sign(tbs_bytes, padding.PKCS1v15(), hashes.SHA256())


@functools.cache
def _parsed(der: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_der_private_key(der, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def application(directory: Path) -> web.Application:
    """Build the responders over the authorities in the directory."""
    crypto_utils.CRYPTO_BACKEND = ParsedKeyBackend()
    authorities = pki.load(directory).pki_archs
    app = build_animator_app(authorities, with_web_ui=False, allow_time_override=False)
    app.router.add_get("/health", _health)
    app.middlewares.append(_remember_crls())
    return app


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _remember_crls() -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return a middleware that signs each CRL once an hour, the way a real CRL is a static file."""
    remembered: dict[str, tuple[float, bytes]] = {}

    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if "/crls/" not in request.path:
            return await handler(request)
        now = asyncio.get_running_loop().time()
        until, body = remembered.get(request.path, (0.0, b""))
        if until <= now:
            answer = await handler(request)
            if not isinstance(answer, web.Response) or answer.status != 200 or not isinstance(answer.body, bytes):
                return answer
            body = answer.body
            remembered[request.path] = (now + 3600, body)
        return web.Response(body=body, content_type="application/pkix-crl")

    return middleware


async def serve(directory: Path, port: int) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(application(directory), access_log=None, keepalive_timeout=3600)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await stop.wait()
    finally:
        await runner.cleanup()


def main(arguments: list[str]) -> int:
    """Run `python -m config.embedded.pki_server DIR PORT`."""
    if len(arguments) != 2 or not arguments[1].isdigit():
        print("usage: python -m config.embedded.pki_server DIR PORT", file=sys.stderr)
        return 2
    directory, port = Path(arguments[0]), int(arguments[1])
    baked = pki.paths(directory).port
    if baked != port:
        print(f"{directory} の証明書はポート {baked} のために作られています（指定: {port}）。", file=sys.stderr)
        return 2
    asyncio.run(serve(directory, port))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
