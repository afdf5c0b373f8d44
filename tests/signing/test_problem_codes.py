"""機械が読む符号の一覧は、docs と同じ。"""

import re
from pathlib import Path

from signing.results import LABELS
from signing.verification.problems import CODES

DOCUMENT = Path(__file__).parents[2] / "docs" / "verification.md"
ROW = re.compile(r"^\| `([a-z_]+)` \| (\S+) \| (.+) \|$", re.MULTILINE)


def test_every_code_is_documented_with_its_verdict_and_sentence():
    written = [(code, verdict, text) for code, verdict, text in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]

    assert written == [(code, LABELS[problem.verdict], str(problem)) for code, problem in CODES.items()]
