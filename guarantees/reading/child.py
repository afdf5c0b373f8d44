"""Read a PDF given on stdin, alone in a process whose memory and time are limited; write one JSON object to stdout."""

import json
import resource
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # -I は自分の置き場を見ない

MEBIBYTE = 1024 * 1024
MEMORY_BYTES = 768 * MEBIBYTE
CPU_SECONDS = 20


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # 何も書かない。読んだキーはパイプだけを通る
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(pdf: bytes) -> dict[str, Any]:
    from guarantees.reading import extraction, judging

    try:
        return judging.judge(extraction.pages(pdf))
    except extraction.Locked:
        return {"why": "locked"}
    except extraction.Broken:
        return {"why": "broken"}


def main() -> None:
    """Read under limits."""
    _limit()
    sys.stdout.write(json.dumps(_answer(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
