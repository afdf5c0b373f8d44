"""Names on the papers against the names of the contract: folded, forgiving spelling, never guessing (R89, R105)."""

import re
from collections.abc import Iterable
from dataclasses import replace

from contracts.folding import search_key
from guarantees.rules.expected import Expected
from guarantees.rules.lines import UNREAD, Finding, Line

HONORIFIC = re.compile(r"\s*(様|殿|御中|宛)\s*$")
# 「〇〇県△△市長」は「△△市長」のこと。
PREFECTURE = re.compile(r"^(北海道|東京都|(?:京都|大阪)府|(?:神奈川|和歌山|鹿児島|\w{2})県)(?=\w{1,7}?[市区町村])")
# ほかの団体の長を名指ししていると言えるのは、団体と職名がそろうときだけ。
HEAD = re.compile(r"\w{1,8}?[都道府県市区町村](?:長|知事)|\w{2,4}(?:省|庁)|\w{2,6}整備局")


def beneficiary(read: str | None, notice: str | None, expected: Expected) -> Line:
    """Compare 被保証者 and the notice's 発注者 with the city."""
    fits = Line(
        name="beneficiary",
        subject="被保証者",
        outcome=Finding.FITS,
        text="発注者と一致しています。",
        notice=notice or "",
        read=read or "",
        expected=expected.beneficiaries[0],
    )
    for paper, written in (("証書の被保証者", read), ("お知らせの発注者", notice)):
        if written and (text := _stranger(paper, written, expected)):
            return replace(fits, outcome=Finding.SHORT, text=text)
    if not read:
        return replace(fits, outcome=Finding.UNSURE, text=UNREAD)
    for paper, written in (("証書", read), ("お知らせ", notice)):
        if written and not _is_city(written, expected):
            text = f"{paper}の書き方が発注者の名と異なります。{expected.city}のことか、ご確認ください。"
            return replace(fits, outcome=Finding.UNSURE, text=text)
    return fits


def _is_city(written: str, expected: Expected) -> bool:
    return _key_of_party(written) in {search_key(name) for name in expected.beneficiaries}


def _stranger(paper: str, written: str, expected: Expected) -> str:
    """Say that a paper names another body, when it surely does; nothing otherwise."""
    if search_key(expected.city) in search_key(written) or not HEAD.search(_plain_party(written)):
        return ""
    return f"{paper}が「{written}」です。{expected.city}あての証書ではありません。"


def _plain_party(written: str) -> str:
    return PREFECTURE.sub("", HONORIFIC.sub("", written).strip())


def _key_of_party(written: str) -> str:
    return search_key(_plain_party(written))


def applicant(read: str | None, expected: Expected) -> Line:
    """Compare 保証契約者 with the contractor."""
    outcome, text = Finding.FITS, "受注者と一致しています。"
    if not read:
        outcome, text = Finding.BLANK, ""
    elif search_key(HONORIFIC.sub("", read)) not in {search_key(name) for name in expected.applicants}:
        outcome, text = Finding.UNSURE, "保証契約者が受注者と異なります。同じ会社か、ご確認ください。"
    subject, other = "保証契約者", expected.applicants[0]
    return Line(name="applicant_name", subject=subject, outcome=outcome, text=text, read=read or "", expected=other)


def work_title(read: str | None, notice: str | None, expected: Expected) -> Line:
    """Compare 工事名 of both papers with the case."""
    outcome, text = Finding.FITS, "契約の工事名と一致しています。"
    key = search_key(expected.work_title)
    different = [paper for paper, title in (("証書", read), ("お知らせ", notice)) if title and search_key(title) != key]
    if different:
        outcome = Finding.UNSURE
        text = f"{'と'.join(different)}の工事名が契約と異なります。別の工事の保証ではないか、ご確認ください。"
    elif not read:
        outcome, text = Finding.UNSURE, UNREAD
    return Line(
        name="work_title",
        subject="工事名",
        outcome=outcome,
        text=text,
        notice=notice or "",
        read=read or "",
        expected=expected.work_title,
    )


def guarantor(read: str | None, notice: str | None, expected: Expected) -> Line:
    """Compare 保証機関 of both papers with the institution registered, and with those the city takes."""
    outcome, text = (Finding.FITS, "登録された保証機関と一致しています。") if read or notice else (Finding.BLANK, "")
    for paper, written in (("証書", read), ("お知らせ", notice)):
        if written and not _names(written, [expected.institution]):
            outcome, text = _other_institution(paper, written, expected)
            break
    return Line(
        name="guarantor",
        subject="保証機関",
        outcome=outcome,
        text=text,
        notice=notice or "",
        read=read or "",
        expected=expected.institution,
    )


def _other_institution(paper: str, written: str, expected: Expected) -> tuple[Finding, str]:
    if _names(written, expected.institutions):
        return Finding.SHORT, f"{paper}の保証機関は、登録された{expected.institution}ではありません。"
    return Finding.SHORT, f"{paper}の「{written}」は、{expected.city}が電子保証を受け付ける保証機関ではありません。"


def _names(written: str, institutions: Iterable[str]) -> bool:
    return any(search_key(name) in search_key(written) for name in institutions)
