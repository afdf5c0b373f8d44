"""The words left in a phrase: the city's own names of kinds and departments, contractors, numbers, and plain text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contracts.folding import LEGAL_FORM, search_key
from contracts.phrases.chips import Chip, Field

ABBREVIATED = re.compile(r"\((?:株|有|同|資|名|社|財|一社|一財|公社|公財|特非)\)")
LABELS = {
    Field.PARTY: "取引先|受注者|契約者|相手方|業者",
    Field.TITLE: "件名|工事名|業務名",
    Field.NUMBER: "工事番号|契約番号|番号",
}
LABELLED = {field: re.compile(rf"(?<!\S)(?:{words})[:=]\s?(?P<rest>[^\s「」\"]+)") for field, words in LABELS.items()}
NUMBERED = re.compile(r"\S{0,12}第[0-9-]{1,12}号")
TRADES = (
    "建設|組|工務店|興業|工業|土木|建工|技建|技研|電設|電工|電業|造園|造園土木|塗装|舗道|産業|商事|商会|商店|コンサルタント|コンサルタンツ|"
    "設計事務所|測量設計|事務所|製作所|企業体|JV|ホールディングス|エンジニアリング|テクノ"
)
COMPANY = re.compile(rf".+?(?:{TRADES})")
# 「庁舎建設」は会社でなく件名。橋・館・園の一字は名字に多い（髙橋建設）ので、語として数えない。
WORKS = re.compile(
    ".*(?:道路|橋梁|歩道橋|庁舎|校舎|学校|住宅|団地|ダム|公園|広場|施設|会館|公民館|図書館|体育館|センター|保育園|下水道|水道|河川|トンネル|堤防|港湾|新築|増築|改築|"
    f"仮設|骨|足|枠)(?:{TRADES})"
)
JOINTS = re.compile("が(?:受注|契約|締結|施工)した|が請け負った|(?:と|に)(?:契約|締結|発注)した|との|の|で|と|が")
# 文の中で条件をつなぐだけの語。
FILLERS = {"", "もの", "案件", "契約", "分", "一覧", "全部", "すべて", "かつ", "で", "の", "が", "と", "中"}
# 一続きの長い文は、切り分けずに一つの語とする（手間が長さの二乗になるため）。
LONGEST_PIECE = 60
LONE_FORM = re.compile(rf"(?:{LEGAL_FORM.pattern}|{ABBREVIATED.pattern})")
ORDERS = {
    "新しい順": "-date", "古い順": "date", "日付順": "-date", "高い順": "-amount", "安い順": "amount",
    "金額順": "-amount", "金額の高い順": "-amount", "金額の安い順": "amount", "件名順": "title", "取引先順": "party",
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """The names a city uses, each with the code that stands for it; they are met folded, as written by anyone."""

    names: Mapping[Field, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def folded(self) -> dict[str, tuple[Field, Any]]:
        """The names folded for matching."""
        return {search_key(name): (field, code) for field, names in self.names.items() for name, code in names.items()}

    def find(self, text: str) -> tuple[Field, Any] | None:
        """Return the field and the code of a name, met whole; None when the city has no such name."""
        return self.folded.get(search_key(text))


def find_labelled(text: str) -> Iterator[tuple[int, int, Chip]]:
    """Yield where a subject is named before its words: 「工事番号:R7-12」 is no month."""
    for subject, labelled in LABELLED.items():
        for found in labelled.finditer(text):
            yield found.start(), found.end(), Chip(subject, found[0], found["rest"])


def read_words(piece: str, *, vocabulary: Vocabulary) -> Iterator[Chip]:
    """Read a piece without spaces; 「松尾建設の橋梁工事」 is a contractor and a word, 「橋梁の補修」 one word."""
    if piece in FILLERS:
        return
    if len(piece) > LONGEST_PIECE:
        yield Chip(Field.WORD, piece, piece)
        return
    if chip := _understood(piece, vocabulary):
        yield chip
        return
    for joint in JOINTS.finditer(piece):
        left, rest = piece[: joint.start()], piece[joint.end() :]
        if chip := _understood(left, vocabulary):
            yield chip
            yield from read_words(rest, vocabulary=vocabulary)
            return
    owner, _, owned = piece.rpartition("の")
    if owner and (chip := _understood(owned, vocabulary)):
        yield from (Chip(Field.WORD, owner, owner), chip)
    else:
        yield Chip(Field.WORD, piece, piece)


def join_forms(pieces: list[str]) -> list[str]:
    """Give 「株式会社」 standing alone back to its name: the company before it, else what comes after."""
    joined: list[str] = []
    waiting = ""
    for piece in pieces:
        if not LONE_FORM.fullmatch(piece):
            joined.append(waiting + piece)
            waiting = ""
        elif joined and COMPANY.fullmatch(joined[-1]):
            joined[-1] += piece
        else:
            waiting += piece
    return [*joined, waiting] if waiting else joined


def _understood(piece: str, vocabulary: Vocabulary) -> Chip | None:
    if piece in ORDERS:
        return Chip(Field.ORDER, piece, ORDERS[piece])
    if known := vocabulary.find(piece):
        return Chip(known[0], piece, known[1])
    if NUMBERED.fullmatch(piece):
        return Chip(Field.NUMBER, piece, piece)
    return Chip(Field.PARTY, piece, piece) if _is_party(piece) else None


def _is_party(piece: str) -> bool:
    if "の" in piece or not search_key(LEGAL_FORM.sub("", ABBREVIATED.sub("", piece))):
        return False
    if ABBREVIATED.search(piece) or LEGAL_FORM.search(piece):
        return True
    return COMPANY.fullmatch(piece) is not None and WORKS.fullmatch(piece) is None
