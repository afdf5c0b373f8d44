"""The papers with which a contract is still concluded in time when the electronic way is closed (緊急時の紙の一式)."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import pikepdf

from contracts.documents.drawing import render_consent, render_contract
from contracts.documents.papers import ConsentPaper, ContractPaper
from contracts.documents.printing import print_pdf


@dataclass(frozen=True, kw_only=True)
class Firm:
    """Whom to ring up on the contractor's side."""

    name: str
    signer: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the city's rules say about such a day."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class KitPaper:
    """A case's sheet of what to do, its contract for seals, and the consent forms that are still owed."""

    prepared_at: datetime
    city: str
    desk: str
    desk_phone: str
    deadline_date: date | None
    deadline_working: str
    firms: tuple[Firm, ...]
    attached: tuple[str, ...]
    duty_reason: str
    advice: tuple[Advice, ...]
    contract: ContractPaper
    consents: tuple[ConsentPaper, ...]


def render_kit(paper: KitPaper) -> bytes:
    """Print the whole kit as one file, in the order in which it is used; raises as render_contract does."""
    context = {"paper": paper, "title": f"緊急時の紙の一式 {paper.contract.title}"}
    sheet = print_pdf("contracts/pdf/kit.html", context, styles=["kit.css"])
    return joined([sheet, render_contract(paper.contract), *map(render_consent, paper.consents)])


def joined(parts: Iterable[bytes]) -> bytes:
    """Put papers that are to be printed behind one another into one file, in their order."""
    first, *others = parts
    with pikepdf.open(io.BytesIO(first)) as whole:
        for part in others:
            with pikepdf.open(io.BytesIO(part)) as more:
                whole.pages.extend(more.pages)
        # 頁を足した後は、構造の目印が全体を表さない。印刷して使う紙なので、名乗りごと外す。
        for key in ("/StructTreeRoot", "/MarkInfo", "/Outlines"):
            if key in whole.Root:
                del whole.Root[key]
        with whole.open_metadata(set_pikepdf_as_editor=False) as meta:
            for claim in [name for name in meta if "pdfaid" in name or "pdfuaid" in name]:
                del meta[claim]
        output = io.BytesIO()
        whole.save(output, deterministic_id=True)
    return output.getvalue()
