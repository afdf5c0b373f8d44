"""大きなファイルに署名するのに要る記憶。新しいプロセスに一つだけ仕事をさせ、その最大を読む。

ファイルは写像して読むので、カーネルの読み置きも、そのまま最大に数えられる。
"""

import contextlib
import mmap
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import ours, works
from config.embedded import pki
from signing.sealable import sealable
from signing.standing import Standing
from signing.trust import Trust
from signing.verification import verify

MEBIBYTE = 1024 * 1024
MEGABYTES = 250
TASKS = {"standing": "立ち位置から署名", "body": "本体を読んで署名", "gate": "締結の前の検証"}


def extra(made: pki.PkiPaths, contract: bytes, directory: Path) -> dict[str, float]:
    """Return for each task the peak with a large file beyond the peak with a small one, in megabytes."""
    with contextlib.ExitStack() as files:
        small, large = (files.enter_context(_sealed(made, each, directory)) for each in _sizes(contract))
        return {task: round(_peak(made, task, large) - _peak(made, task, small), 1) for task in TASKS}


def _sizes(contract: bytes) -> tuple[bytes, bytes]:
    return contract, works.padded(contract, MEGABYTES)


@contextlib.contextmanager
def _sealed(made: pki.PkiPaths, pdf: bytes, directory: Path) -> Iterator[Path]:
    """Write a sealed document, and beside it its standing before it was sealed."""
    path, standing = directory / f"memory-{len(pdf)}.pdf", sealable(pdf)
    path.write_bytes(pdf + ours.tails(standing, ours.sealer(made, ours.key(made))))
    path.with_suffix(".standing").write_bytes(standing.dump())
    try:
        yield path
    finally:
        path.unlink()
        path.with_suffix(".standing").unlink()


def _peak(made: pki.PkiPaths, task: str, path: Path) -> float:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.memory", task, str(made.directory), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, env=os.environ)
    return float(done.stdout)


def main(task: str, directory: str, name: str) -> None:
    """Do one task, and tell the most memory this process has held, in megabytes."""
    made, path = pki.paths(Path(directory)), Path(name)
    with path.open("rb") as file:
        body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    sealer = ours.sealer(made, ours.key(made))
    work: dict[str, Callable[[], object]] = {
        "standing": lambda: ours.tails(_loaded(path.with_suffix(".standing")), sealer),
        "body": lambda: sealer.approve(body, ours.approval(0, "2"), final=True),
        "gate": lambda: verify(body, trust=Trust.load([made.trust_roots])),
    }
    work[task]()
    (peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(int(peak) * 1024 / 1e6)


def _loaded(path: Path) -> Standing:
    standing = Standing.load(path.read_bytes())
    assert standing is not None
    return standing


if __name__ == "__main__":
    import django

    django.setup()
    main(*sys.argv[1:])
