"""Look inside an uploaded PDF, alone in a process whose memory and time are limited, and put it in order.

Called with a directory that holds `received.pdf` (and `trust.pem` when earlier signatures may be accepted). Writes
`kept.pdf` when something had to be changed, and one JSON object to stdout: {"pages", "changes", "warnings"} or
{"refused", "detail"}.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # -I は自分の置き場を見ない

MEBIBYTE = 1024 * 1024
MEMORY_BYTES = 768 * MEBIBYTE
MEMORY_PER_BYTE = 4  # ファイルを割り付ける二つの読み手と、一つの大きな流れの写しと、整えたもの
MOST_INFLATED = 64 * MEBIBYTE
CPU_SECONDS = 60
ROOM_TO_WRITE = 64 * MEBIBYTE


def _limit(size: int) -> None:
    memory, file = MEMORY_BYTES + MEMORY_PER_BYTE * size, ROOM_TO_WRITE + 2 * size
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(room: Path) -> dict[str, Any]:
    from pikepdf.settings import set_qpdf_limits

    from signing.intake.findings import Unfit
    from signing.intake.inspection import inspect

    # qpdf が自分で広げるのは、目次と object stream と XMP だけ。どれもこれほど大きくはならない。
    set_qpdf_limits(flate_max_memory=MOST_INFLATED, run_length_max_memory=MOST_INFLATED, png_max_memory=MOST_INFLATED)
    try:
        return inspect(room)
    except Unfit as unfit:
        return {"refused": unfit.code, "detail": unfit.detail}
    except MemoryError:
        return {"refused": "bomb", "detail": ""}
    except Exception:  # noqa: BLE001 - 壊れたPDFは何種類もの例外になる。どれも受け取らない理由になる
        return {"refused": "damaged", "detail": ""}


def main() -> None:
    """Inspect under limits."""
    room = Path(sys.argv[1])
    _limit((room / "received.pdf").stat().st_size)
    sys.stdout.write(json.dumps(_answer(room)))


if __name__ == "__main__":
    main()
