"""検索の結果を、製品の書き出しで CSV にする。新しいプロセスに一つだけさせ、余分に要った記憶も読む。"""

import json
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

ROWS, FEW, TIMES = 100_000, 4_000, 3


def run(town: int) -> dict[str, Any]:
    """Return rows, bytes, seconds in all, milliseconds to the first rows, and megabytes beyond a short table.

    Of three processes, the one in the middle by its seconds.
    """
    told = sorted((_once(town) for _ in range(TIMES)), key=lambda each: each["seconds"])
    return told[TIMES // 2]


def _once(town: int) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.archive.handing_out", str(town)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # type: ignore[no-any-return]


def main(town: str) -> None:
    """Write a short table, then a long one."""
    _write(int(town), FEW)
    before = _peak()
    told = _write(int(town), ROWS)
    print(json.dumps(told | {"extra_mb": round(_peak() - before, 1)}))


def _write(town: int, most: int) -> dict[str, Any]:
    from benchmarks.archive import ours
    from contracts.archive import exporting
    from contracts.archive.asking import Wanted
    from contracts.streams import sheets

    count = 0

    def counted() -> Any:
        nonlocal count
        for row in islice(exporting.rows(Wanted(), actor=ours.actor(town)), most):
            count += 1
            yield row

    began, first, size = time.perf_counter(), 0.0, 0
    for piece in sheets.utf8(exporting.heading(), counted()):
        if count and not first:
            first = time.perf_counter() - began
        size += len(piece)
    seconds = time.perf_counter() - began
    return {"rows": count, "bytes": size, "seconds": round(seconds, 3), "first_ms": round(first * 1000, 1)}


def _peak() -> float:
    (peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    return int(peak) * 1024 / 1e6


if __name__ == "__main__":
    import django

    django.setup()
    main(*sys.argv[1:])
