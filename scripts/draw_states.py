"""docs/states.md を、コードの状態遷移の表から描く。

`python scripts/draw_states.py` が書き、tests/architecture/test_docs.py が古くなっていないことを確かめる。
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db.models import TextChoices

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from contracts import states as contract_states  # noqa: E402
from guarantees import states as guarantee_states  # noqa: E402

PAGE = ROOT / "docs/states.md"
LIVES: tuple[tuple[str, str, Mapping[str, frozenset[str]]], ...] = (
    ("案件（Case）", "contracts/states.py の CASE", contract_states.CASE),
    ("承諾書（Consent）", "contracts/states.py の CONSENT", contract_states.CONSENT),
    ("契約（Contract）", "contracts/states.py の CONTRACT", contract_states.CONTRACT),
    ("契約の版（ContractVersion）", "contracts/states.py の VERSION", contract_states.VERSION),
    ("決裁の段（ApprovalStep）", "contracts/states.py の APPROVAL", contract_states.APPROVAL),
    ("署名の順番（SigningStep）", "contracts/states.py の STEP", contract_states.STEP),
    ("署名者の変更の申出（SignerChange）", "contracts/states.py の CHANGE", contract_states.CHANGE),
    ("封印の仕事（SigningJob）", "contracts/states.py の JOB", contract_states.JOB),
    ("取込み（ImportJob）", "contracts/states.py の IMPORT", contract_states.IMPORT),
    ("廃棄の起案（Disposal）", "contracts/states.py の DISPOSAL", contract_states.DISPOSAL),
    ("廃棄するもの（DisposalItem）", "contracts/states.py の DISPOSAL_ITEM", contract_states.DISPOSAL_ITEM),
    ("まとめた操作の一件（Deed）", "contracts/states.py の DEED", contract_states.DEED),
    ("保証（Guarantee）", "guarantees/states.py の GUARANTEE", guarantee_states.GUARANTEE),
    ("保証申込（Application）", "guarantees/states.py の APPLICATION", guarantee_states.APPLICATION),
    ("発行した証書（IssuedCertificate）", "guarantees/states.py の ISSUE", guarantee_states.ISSUE),
    ("前払金（AdvancePayment）", "guarantees/states.py の ADVANCE", guarantee_states.ADVANCE),
)
HEAD = """# 状態の移り変わり

この頁はコードの表から描いています。直すときは表を直し、`.venv/bin/python scripts/draw_states.py` で描き直してください。
表にない移り方は、Python（`move_to`）とデータベースのトリガーの両方が断ります。
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(_section(*life) for life in LIVES)])


def _section(title: str, source: str, table: Mapping[str, frozenset[str]]) -> str:
    return f"## {title}\n\n{source}\n\n```mermaid\nstateDiagram-v2\n" + "\n".join(_lines(table)) + "\n```\n"


def _lines(table: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Draw one life; it begins in its first row and where no row leads, and ends where a row leads nowhere."""
    for state in table:
        assert isinstance(state, TextChoices)
        yield f'    state "{state.label}" as {state.value}'
    led_to = frozenset[str]().union(*table.values())
    for number, state in enumerate(table):
        if number == 0 or state not in led_to:
            yield f"    [*] --> {state!s}"
    for before, following in table.items():
        for after in [each for each in table if each in following]:
            yield f"    {before!s} --> {after!s}"
        if not following:
            yield f"    {before!s} --> [*]"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
