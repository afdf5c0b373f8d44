"""Read the text inside a PDF, alone in a process whose memory and time are limited.

Called with a directory that holds `received.pdf` (and `recogniser.json`, [command, language], where pictures may be
read). Writes one JSON object to stdout: {"pages", "count", "is_cut", "scans", "recognised"} or {"unreadable": code}.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # -I は自分の置き場を見ない


def _answer(room: Path) -> dict[str, Any]:
    from pypdfium2 import PdfiumError, raw

    from signing.texts.extraction import extract

    try:
        return extract(room)
    except PdfiumError as error:
        locked = error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
        return {"unreadable": "encrypted" if locked else "damaged"}
    except MemoryError:
        return {"unreadable": "bomb"}


def main() -> None:
    """Read under limits."""
    from signing.limits import limit

    room = Path(sys.argv[1])
    limit((room / "received.pdf").stat().st_size)
    sys.stdout.write(json.dumps(_answer(room)))


if __name__ == "__main__":
    main()
