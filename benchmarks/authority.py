"""A certificate authority, OCSP, CRL and TSA over HTTP on loopback, in a process of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded import pki, ports
from config.embedded.children import Children
from config.embedded.stack import answering


@contextmanager
def running(root: Path) -> Iterator[pki.PkiPaths]:
    """Serve until the block ends; the keys are made at the first run and kept under `root`."""
    children = Children(ledger=root / "children.json", logs=root / "logs")
    children.sweep()
    made = pki.create(root / "pki", ports.pick())
    ports.demand(made.port, purpose="計測用の認証局", remedy=f"それを終了するか、{root}/ を消してください。")
    argv = [sys.executable, "-m", "config.embedded.pki_server", str(made.directory), str(made.port)]
    child = children.start("pki", argv)
    try:
        children.wait_until(answering(made.port), child=child, seconds=60)
        yield made
    finally:
        children.stop()
