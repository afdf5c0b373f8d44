"""What a played story leaves behind: its PDFs verified with the shell command, and summary.json."""

import hashlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

from django.conf import settings

CERTIFICATE = "合意締結証明書"


def summarise(*, number: str, out: Path, played_on: date, seconds: dict[str, float]) -> None:
    """Verify the concluded files with the shell command, and write summary.json.

    Raises RuntimeError when a file is not PAdES-B-LTA with two approvals (a certificate: one seal) and a document
    timestamp.
    """
    files = sorted(out.glob(f"{number}_*.pdf"))
    command = [sys.executable, "manage.py", "verify_pdf", "--json", *map(str, files)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"verify_pdf が合格しませんでした。\n{done.stdout}{done.stderr}")
    reports = json.loads(done.stdout)
    for path, report in zip(files, reports, strict=True):
        found = (report["level"], len(report["signatures"]), len(report["timestamps"]))
        if found != ("PAdES-B-LTA", 1 if CERTIFICATE in path.name else 2, 1):
            raise RuntimeError(f"署名の水準が足りません: {found}")
    summary = {
        "case": number,
        "played_on": played_on.isoformat(),
        "files": [
            {
                "file": path.name,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "bytes": path.stat().st_size,
                "kind": CERTIFICATE if CERTIFICATE in path.name else "契約の文書",
                "level": report["level"],
                "lasts_until": report["lasts_until"],
                "verdict": report["headline"],
            }
            for path, report in zip(files, reports, strict=True)
        ],
        "seconds": seconds,
    }
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1))
