"""What a played story leaves behind: its PDFs verified with the shell command, and summary.json."""

import hashlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

from django.conf import settings


def summarise(*, number: str, out: Path, played_on: date, seconds: dict[str, float]) -> None:
    """Verify the concluded files with the shell command, and write summary.json.

    Raises RuntimeError when a file is not PAdES-B-LTA with two approvals and a document timestamp.
    """
    files = sorted(out.glob(f"{number}_*.pdf"))
    command = [sys.executable, "manage.py", "verify_pdf", "--json", *map(str, files)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"verify_pdf が合格しませんでした。\n{done.stdout}{done.stderr}")
    reports = json.loads(done.stdout)
    for report in reports:
        found = (report["level"], len(report["signatures"]), len(report["timestamps"]))
        if found != ("PAdES-B-LTA", 2, 1):
            raise RuntimeError(f"署名の水準が足りません: {found}")
    summary = {
        "case": number,
        "played_on": played_on.isoformat(),
        "files": [
            {
                "file": path.name,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "bytes": path.stat().st_size,
                "level": report["level"],
                "verdict": report["headline"],
            }
            for path, report in zip(files, reports, strict=True)
        ],
        "seconds": seconds,
    }
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1))
