"""The front sheet (頭書) of a contract as rows, and what an amendment changes in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from accounts.refusals import Refusal
from contracts.clauses import NumberedArticle, fill, numbered
from contracts.dates import wareki, yen
from contracts.documents.papers import Conditions, ContractPaper
from contracts.documents.wording import WORKS, Words
from contracts.terms import Terms


class NothingChanged(Refusal):
    """An amendment or a correction leaves everything as it is."""


LAST_SIGNATURE = "最後の電子署名に付されたタイムスタンプの日"
WRITTEN_DAY = "この契約書の末尾に記載する契約締結日"


class Line(NamedTuple):
    """One line of a cell: its text, then an amount that is not broken, or an underlined space to be filled in."""

    text: str
    amount: str = ""
    blank: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the front sheet. An optional row is left out of it while nothing is settled."""

    label: str
    lines: tuple[Line, ...]
    style: str = ""
    is_optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One row of an amendment or a correction; without `after`, `before` is written over both columns."""

    label: str
    before: tuple[Line, ...]
    after: tuple[Line, ...] = ()
    style: str = ""


def front_sheet(paper: ContractPaper) -> list[Row]:
    """List the rows of a contract's front sheet in print order."""
    return [*identity(paper), *(row for row in condition_rows(paper, paper.conditions) if not row.is_optional)]


def identity(paper: ContractPaper) -> list[Row]:
    """List the rows that name the work."""
    words = paper.words
    return [
        _row(words.number, paper.number),
        _row(words.title, paper.title),
        _row("区分", paper.case_kind_label),
    ]


def condition_rows(paper: ContractPaper, conditions: Conditions) -> list[Row]:
    """List a row for every condition that may be settled."""
    words, terms = paper.words, conditions.terms
    return [
        _term(terms, "place", f"{words.work}場所" if words is WORKS else "履行場所", unset="設計図書のとおり"),
        Row(label=words.period, lines=tuple(_period(words, conditions))),
        Row(label=words.price, lines=_money(conditions.price, conditions.tax), style="price"),
        _term(terms, "payments", f"{words.price}の支払", unset="", optional=True),
        _row("契約保証金", conditions.guarantee or "定めない"),
        *_advances(words, terms),
        *_particulars(words, terms),
        _row(
            "適用する約款",
            conditions.clause_set
            + ("（別添の約款による。）" if paper.kind == "original" and not paper.articles else ""),
        ),
        _term(terms, "attachments", "設計図書等", unset="", optional=True),
        _term(terms, "special_terms", "特約事項", unset="なし", style="terms"),
    ]


def changes(paper: ContractPaper) -> list[Change]:
    """List what an amendment changes; raises NothingChanged when it changes nothing that is printed."""
    assert paper.before is not None  # noqa: S101 - ContractPaper が確かめた
    before = {row.label: row for row in condition_rows(paper, paper.before)}
    found: list[Change] = []
    for row in condition_rows(paper, paper.conditions):
        if before[row.label].lines != row.lines:
            found.append(Change(label=row.label, before=before[row.label].lines, after=row.lines, style=row.style))
            found += _difference(paper, paper.before) if row.label == paper.words.price else ()
    if not found:
        raise NothingChanged("変更前と変わる条件がありません。変更する条件を入力してください。")
    return found


def corrections(paper: ContractPaper) -> list[Change]:
    """List the slips and their corrections, 誤 then 正; raises NothingChanged when there are none."""
    if not paper.conditions.terms.corrections:
        raise NothingChanged("訂正する事項がありません。誤りと正しい内容を入力してください。")
    return [
        Change(label=one.item, before=_lines(one.wrong), after=_lines(one.right))
        for one in paper.conditions.terms.corrections
    ]


def articles(paper: ContractPaper) -> tuple[NumberedArticle, ...]:
    """Number the contract's clauses and fill in its values; raises ClauseRefused for a placeholder that has none."""
    values = clause_values(
        paper.conditions.terms,
        orderer=paper.orderer.name,
        contractor=paper.contractor_name,
        conclusion_day=conclusion_day(paper),
    )
    return numbered(fill(paper.articles, values))


def clause_values(terms: Terms, *, orderer: str, contractor: str, conclusion_day: str) -> dict[str, str]:
    """Give every placeholder of the clauses its value."""
    names = ("delay_rate", "arbitration_body", "advance_percent", "interim_percent", "partial_payments")
    values = {name: "、".join(terms.lines(name)) or "頭書に定めるところ" for name in names}
    values |= {"orderer": orderer, "contractor": contractor}
    return values | {"place": terms.place or "設計図書のとおり", "conclusion_day": conclusion_day}


def conclusion_day(paper: ContractPaper) -> str:
    """Say which day is the contract's: the council's vote, the printed day, or that of the last signature."""
    if paper.is_provisional:
        return f"{paper.orderer.name}議会の議決のあった日"
    if paper.is_on_paper:
        return WRITTEN_DAY
    return wareki(paper.contract_date) if paper.contract_date else LAST_SIGNATURE


def _advances(words: Words, terms: Terms) -> Iterator[Row]:
    for name, label in (("advance_percent", "前払金"), ("interim_percent", "中間前払金")):
        lines = [f"{words.price}の{line}" for line in terms.lines(name)]
        is_foreign = name == "interim_percent" and words is not WORKS
        yield _row(label, *(lines or ["なし"]), optional=is_foreign and not lines)
    yield _term(terms, "partial_payments", "部分払", unset="なし")


def _particulars(words: Words, terms: Terms) -> Iterator[Row]:
    idle = f"{words.work}を{'施工しない' if words is WORKS else '行わない'}"
    is_service = words is not WORKS
    yield _term(terms, "days_off", f"{idle}日", optional=is_service)
    yield _term(terms, "hours_off", f"{idle}時間帯", optional=is_service)
    yield _term(terms, "delay_rate", "遅延損害金・遅延利息の率")
    yield _term(terms, "supplied", "注文者の負担・支給材料", optional=True)
    yield _term(terms, "risk", "危険負担の特約", optional=True)
    yield _term(terms, "demolition", "解体工事に要する費用等", unset="該当なし", optional=is_service)
    yield _term(terms, "soil_destination", "建設発生土の搬出先等", unset="該当なし", optional=is_service)
    yield _term(terms, "arbitration_body", "紛争を処理する審査会", optional=is_service)


def _period(words: Words, conditions: Conditions) -> Iterator[Line]:
    terms = conditions.terms
    yield Line(f"着手　{wareki(conditions.starts_date)}")
    yield from _condition(terms, "start_condition")
    yield Line(f"{words.finish}　{wareki(conditions.ends_date)}")
    if terms.delivery_date is not None:
        yield Line(f"引渡し　{wareki(terms.delivery_date)}")
    elif terms.delivery_condition or "delivery_date" in terms.blanks:
        yield Line("引渡し　", blank="delivery_date" in terms.blanks)
    yield from _condition(terms, "delivery_condition")


def _condition(terms: Terms, name: str) -> Iterator[Line]:
    if name in terms.blanks:
        yield Line("　　　", blank=True)
    for line in terms.lines(name) if name not in terms.blanks else ():
        yield Line(f"　　　{line}")


def _money(price: int, tax: int, *, sign: str = "") -> tuple[Line, ...]:
    return (
        Line(sign, f"金{yen(price)}"),
        Line("（うち取引に係る消費税及び地方消費税の額　", f"金{yen(tax)}）"),
    )


def _difference(paper: ContractPaper, before: Conditions) -> Iterator[Change]:
    price, tax = paper.conditions.price - before.price, paper.conditions.tax - before.tax
    if price:
        yield Change(label="増減額", before=_money(abs(price), abs(tax), sign="増額　" if price > 0 else "減額　"))


def _term(
    terms: Terms, name: str, label: str, *, unset: str = "定めない", style: str = "", optional: bool = False
) -> Row:
    if name in terms.blanks:
        return Row(label=label, lines=(Line("", blank=True),))
    lines = terms.lines(name)
    return _row(label, *(lines or (unset,)), style=style if lines else "", optional=optional and not lines)


def _row(label: str, *texts: str, style: str = "", optional: bool = False) -> Row:
    return Row(label=label, lines=tuple(map(Line, texts)), style=style, is_optional=optional)


def _lines(text: str) -> tuple[Line, ...]:
    return tuple(map(Line, text.splitlines()))
