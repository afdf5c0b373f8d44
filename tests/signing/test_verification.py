"""書き換えられた文書は合格しない。壊れた文書は例外にならない。"""

import json
import random
import re
import socket
from datetime import UTC, datetime, timedelta

import pytest

from config.embedded import pki as authority
from signing import network
from signing.trust import Trust
from signing.verification import verify

from .conftest import Grown

BOTH = ["FIELD_2336416_0", "FIELD_2336416_1"]


def test_a_concluded_contract_is_valid_and_lasts(concluded: Grown, trust: Trust):
    report = verify(concluded.pdf, trust=trust, expected_fields=BOTH, required_level="PAdES-B-LTA")

    assert (report.verdict, report.level, report.problems) == ("VALID", "PAdES-B-LTA", ())
    assert report.headline == "署名済みであり、すべての署名が有効です。"
    first, second = report.signatures
    assert (first.field, first.revision, first.signer) == ("FIELD_2336416_0", 2, "Musubi Sign Dept.")
    assert first.reason.startswith("契約 太郎 様 taro@kensetsu.example.jp が2026-03-05 10:20:30 +09:00 JST")
    assert (first.location, first.tsa, first.ltv, first.intact) == ("日本", "Musubi Timestamp Service", True, True)
    assert first.signed_at == datetime(2026, 3, 5, 1, 20, 30, tzinfo=UTC)
    assert second.timestamp_at == concluded.sealed.timestamped_at
    assert [each.subject for each in first.chain][0::2] == ["Musubi Sign Dept.", "Musubi Trial Root CA"]
    (stamp,) = report.timestamps
    assert (stamp.at, stamp.covers, stamp.revision) == (concluded.sealed.archived_at, "ファイル全体", 4)


def test_a_contract_one_side_has_approved_is_valid_for_the_long_term(approved: Grown, trust: Trust):
    report = verify(approved.pdf, trust=trust)

    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LT")


def test_each_revision_can_be_taken_out_and_verified(contract: bytes, approved: Grown, concluded: Grown, trust: Trust):
    revisions = verify(concluded.pdf, trust=trust).revisions

    assert [each.number for each in revisions] == [1, 2, 3, 4]
    assert concluded.pdf[: revisions[0].size] == contract
    assert concluded.pdf[: revisions[1].size] == approved.pdf
    reports = [verify(concluded.pdf[: revision.size], trust=trust) for revision in revisions]
    assert [each.sha256 for each in reports] == [each.sha256 for each in revisions]
    assert [(str(each.verdict), each.level) for each in reports] == [
        ("UNSIGNED", ""), ("VALID", "PAdES-B-LT"), ("VALID", "PAdES-B-LT"), ("VALID", "PAdES-B-LTA"),
    ]  # fmt: skip


def test_the_report_is_plain_json(concluded: Grown, trust: Trust):
    plain = json.loads(json.dumps(verify(concluded.pdf, trust=trust).to_dict()))

    assert (plain["verdict"], plain["label"], plain["signatures"][0]["verdict"]) == ("VALID", "合格", "VALID")
    altered = json.loads(json.dumps(verify(concluded.pdf + b"\n", trust=trust).to_dict()))
    assert (altered["problems"], altered["codes"]) == (
        ["最後の署名の後ろに、署名に覆われていないデータがあります。"], ["uncovered_tail"],
    )  # fmt: skip


def test_a_contract_is_still_valid_in_ten_years_and_undecided_when_the_last_timestamp_has_expired(
    concluded: Grown, trust: Trust
):
    now = network.now()

    assert verify(concluded.pdf, trust=trust, at=now + timedelta(days=3650)).level == "PAdES-B-LTA"
    late = verify(concluded.pdf, trust=trust, at=now + timedelta(days=365 * 12))
    assert (late.verdict, late.level) == ("INDETERMINATE", "PAdES-B-T")
    assert "タイムスタンプの証明書の有効期限が切れています。" in late.timestamps[0].problems


def test_verifying_asks_nobody(concluded: Grown, trust: Trust, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_arguments: object) -> None:
        raise AssertionError("verification used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert verify(concluded.pdf, trust=trust).verdict == "VALID"


def test_a_document_without_signatures_says_so(contract: bytes, trust: Trust):
    report = verify(contract, trust=trust)

    assert (report.verdict, report.headline) == ("UNSIGNED", "この文書には署名がありません。")


def test_signatures_under_another_root_are_undecided(concluded: Grown, stranger: authority.PkiPaths):
    report = verify(concluded.pdf, trust=Trust.load([stranger.trust_roots]))

    assert (report.verdict, report.level) == ("INDETERMINATE", "PAdES-B-B")
    assert "信頼するルート証明書につながりません。" in report.signatures[0].problems


def test_a_flipped_byte_anywhere_is_noticed(concluded: Grown, trust: Trust):
    # 最後のトークンを収めた隙間だけは誰にも覆われない（16進の大文字と小文字など、意味の変わらない違いがありうる）。
    gap = re.findall(rb"/ByteRange \[0 (\d+) (\d+) ", concluded.pdf)[-1]
    covered = [*range(int(gap[0])), *range(int(gap[1]), len(concluded.pdf))]
    dice = random.Random(2336416)
    for _throw in range(30):
        altered = bytearray(concluded.pdf)
        altered[dice.choice(covered)] ^= 1 << dice.randrange(8)

        assert verify(bytes(altered), trust=trust).verdict != "VALID"


def test_a_cut_file_is_noticed(concluded: Grown, trust: Trust):
    for share in (0.1, 0.5, 0.8, 0.95, 0.999):
        assert verify(concluded.pdf[: int(len(concluded.pdf) * share)], trust=trust).verdict != "VALID"


def test_cut_off_signatures_are_noticed_by_what_was_expected(approved: Grown, concluded: Grown, trust: Trust):
    without_stamp = concluded.pdf[: verify(concluded.pdf, trust=trust).revisions[2].size]

    stripped = verify(without_stamp, trust=trust, expected_fields=BOTH, required_level="PAdES-B-LTA")
    lonely = verify(approved.pdf, trust=trust, expected_fields=BOTH)

    assert (stripped.verdict, stripped.level) == ("INVALID", "PAdES-B-LT")
    assert lonely.verdict == "INVALID"
    assert "足りない" in lonely.problems[0]


def test_hostile_bytes_never_raise(contract: bytes, concluded: Grown, trust: Trust):
    dice = random.Random(900)
    hostile = [b"", b"%PDF-", b"%PDF-1.7\n" + b"[" * 100_000, b"PK\x03\x04" * 50, bytes(10_000)]
    for _throw in range(25):
        pieces = bytearray(dice.choice([contract, concluded.pdf]))
        for _cut in range(dice.randrange(1, 6)):
            at = dice.randrange(len(pieces))
            pieces[at : at + dice.randrange(400)] = dice.randbytes(dice.randrange(400))
        hostile.append(bytes(pieces))

    verdicts = {str(verify(each, trust=trust).verdict) for each in hostile}

    assert "VALID" not in verdicts
