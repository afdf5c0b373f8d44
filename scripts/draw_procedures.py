"""docs/samples/procedures.md を、画面が渡すものと同じ見本（contracts/records/procedures.toml）から書く。

`python scripts/draw_procedures.py` が書き、tests/architecture/test_controls.py が古くなっていないことを確かめる。
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "contracts/records/procedures.toml"
PAGE = ROOT / "docs/samples/procedures.md"
HEAD = """この頁は `contracts/records/procedures.toml` から書いています。
受注者の画面からは、社名の入った Word で受け取れます。
"""


def page() -> str:
    """Write the sample 事務処理規程 (R17) with blanks for the firm and the day."""
    sample = tomllib.loads(SOURCE.read_text())
    lines = [f"# {sample['title']}（見本）", "", HEAD]
    lines += [f"> {note}\n>" for note in sample["notes"][:-1]] + [f"> {sample['notes'][-1]}", ""]
    for chapter in sample["chapters"]:
        lines += [f"## {chapter['title']}", ""]
        for line in chapter["paragraphs"]:
            lines += [line.replace("{firm}", "【会社名】").replace("{today}", "【年月日】"), ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
