"""Look inside an uploaded PDF, alone in a process whose memory and time are limited, and put it in order.

Called with a directory that holds `received.pdf` (and `trust.pem` when earlier signatures may be accepted). Writes
`kept.pdf` when something had to be changed, and one JSON object to stdout: {"pages", "changes", "warnings"} or
{"refused", "detail"}.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # -I は自分の置き場を見ない

MOST_INFLATED = 64 * 1024 * 1024


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
    from signing.limits import limit

    room = Path(sys.argv[1])
    limit((room / "received.pdf").stat().st_size)
    sys.stdout.write(json.dumps(_answer(room)))


if __name__ == "__main__":
    main()
