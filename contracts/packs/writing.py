"""Write a pack: case after case, each file brought from the vault, verified and passed on before the next is touched.

index.html, index.csv   what is in it
verify.py               checks it with Python alone, on any machine
manifest.json           every file with its SHA-256
0001_工事番号/          a case: 記録.html, 検証結果.html, their JSON, 操作記録.json with its proof, and the papers
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.actors import Actor
from contracts.dates import jst
from contracts.packs import ledger, pages, papers
from contracts.packs.gathering import Gathered, gather
from contracts.packs.pages import Checked, Line
from contracts.streams import sheets, zips
from contracts.streams.names import file_name
from contracts.streams.zips import File
from signing import standalone
from signing.trust import Trust
from signing.verification import verify

VERIFIER = Path(standalone.__file__).with_name("verify.py")
HEADING = (
    *("番号", "フォルダー", "工事番号", "件名", "相手方", "落札日", "契約確定日時・契約日", "契約金額（円）", "担当課"),
    *("状態", "承諾", "署名の検証", "保証", "確認（記入欄）", "所見（記入欄）"),
)


def pack(threads: Sequence[str], *, title: str, actor: Actor, at: datetime, trust: Trust) -> Iterator[bytes]:
    """Yield a ZIP of the cases and contracts with these threads of the journal, of those that the asker may see.

    `title` names the pack for its reader. It takes no transaction but short ones of its own, and holds one file at a
    time; a case is noted in the journal as it is read. What is kept damaged is left out, and said so.
    """
    book = ledger.Ledger()
    return zips.zipped(_all(book, threads, title=title, actor=actor, at=at, trust=trust), at=at)


def _all(
    book: ledger.Ledger, threads: Sequence[str], *, title: str, actor: Actor, at: datetime, trust: Trust
) -> Iterator[File]:
    yield from book.noted([("verify.py", [VERIFIER.read_bytes()])])
    lines: list[Line] = []
    for thread in threads:
        gathered = gather(thread, actor=actor, at=at)
        if gathered is not None:
            book.know(gathered.events)
            folder = file_name(f"{len(lines) + 1:04d}", gathered.case["number"] or gathered.case["title"])
            checked: list[Checked] = []
            yield from book.noted(files_of(folder, gathered, checked, actor=actor, at=at, trust=trust))
            lines.append(line_of(folder, gathered, checked))
    city = actor.organization_name
    yield from book.noted([("index.csv", sheets.utf8(HEADING, map(_row, range(1, len(lines) + 1), lines)))])
    yield from book.noted([("index.html", [pages.index(lines, title=title, city=city, by=actor.name, at=at)])])
    yield ledger.NAME, [book.written(city=city, at=at)]


def files_of(
    folder: str, gathered: Gathered, checked: list[Checked], *, actor: Actor, at: datetime, trust: Trust
) -> Iterator[File]:
    """Yield the files of a case, and tell `checked` what was found in each."""
    for paper in gathered.papers:
        content = papers.fetch(paper, tenant_id=actor.tenant_id)
        if isinstance(content, str):
            checked.append(Checked(paper, missing=content))
            continue
        checked.append(Checked(paper, verify(content, trust=trust) if paper.is_signed else None))
        yield f"{folder}/{paper.path}", papers.pieces(content)
    yield f"{folder}/{pages.RECORD}", [pages.record(gathered, checked, at=at)]
    yield f"{folder}/{pages.VERIFICATION}", [pages.verification(gathered, checked, at=at)]
    yield f"{folder}/記録.json", [_json(_told(gathered))]
    yield f"{folder}/検証結果.json", [_json(list(map(_verdict, checked)))]
    yield f"{folder}/操作記録.json", [gathered.proof.encode()]


def _told(gathered: Gathered) -> dict[str, Any]:
    sections = {section.name: section.told for section in gathered.sections}
    return {"case": gathered.case, "agreements": gathered.agreements, "consents": gathered.consents} | sections


def _verdict(checked: Checked) -> dict[str, Any]:
    told = {"path": checked.paper.path, "recorded_sha256": checked.paper.sha256, "missing": checked.missing}
    return told | {"report": checked.report.to_dict() if checked.report else None}


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def line_of(folder: str, gathered: Gathered, checked: list[Checked]) -> Line:
    """Sum a case up for the index, after its files have been written."""
    fixed = [agreement["fixed_at"] for agreement in gathered.agreements]
    return Line(
        folder=folder,
        case=gathered.case,
        agreements=gathered.agreements,
        fixed_at=fixed[-1] if fixed else gathered.case.get("concluded_date"),
        consent="・".join(dict.fromkeys(consent["state"] for consent in gathered.consents)),
        sections={section.name: section.standing for section in gathered.sections},
        checked=checked,
    )


def _row(number: int, line: Line) -> Sequence[Any]:
    return (
        number,
        line.folder,
        line.case["number"],
        line.case["title"],
        line.case["contractor"],
        line.case["awarded_date"],
        jst(line.fixed_at) if isinstance(line.fixed_at, datetime) else line.fixed_at,
        line.amount,
        line.case["department"],
        line.case["state"],
        line.consent,
        line.worst.words if line.worst else "電子署名なし",
        "・".join(filter(None, line.sections.values())),
        "",
        "",
    )
