"""計測用の認証局。受けた問いと開かれたつなぎを、受けた側で数える。"""

import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from config.embedded import pki_server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KINDS = {"/tsa/": "tsa", "/ocsp/": "revocation", "/crls/": "revocation", "/certs/": "revocation"}
COUNTS = "/counts"


def counting() -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    """Return a middleware that counts, and that tells its counts to whoever asks for them."""
    counted: Counter[str] = Counter()
    lines: set[object] = set()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == COUNTS:
            return web.json_response({**counted, "connections": len(lines), "cpu_ms": time.process_time() * 1000})
        if kind := next((kind for part, kind in KINDS.items() if part in request.path), None):
            counted[kind] += 1
            lines.add(request.protocol)
        return await handler(request)

    return middleware


def main(directory: str, port: str) -> None:
    """Run `python -m benchmarks.responders DIR PORT`."""
    app = pki_server.application(Path(directory))
    app.middlewares.insert(0, counting())
    web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, keepalive_timeout=3600, print=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
