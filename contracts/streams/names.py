"""Names of files that Windows, macOS and ZIP archives all take."""

import re

# ファイルの名前に使えない字（Windows と RFC 6266 の引用符の両方を避ける）
UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
LONGEST = 60


def file_name(*parts: str) -> str:
    """Join what is not empty with 「_」, at most LONGEST characters each; no folder, no hidden file, no empty name."""
    kept = (UNFIT.sub("-", part.strip())[:LONGEST].strip(". ") for part in parts)
    return "_".join(part for part in kept if part) or "-"
