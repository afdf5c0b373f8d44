"""書き換えられた文書は合格しない。壊れた文書は例外にならない。"""

import json
import random
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from config.embedded import pki as authority
from signing import network
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from .conftest import Grown, approval, approve

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
    for revision in revisions:
        assert verify(concluded.pdf[: revision.size], trust=trust).sha256 == revision.sha256


def test_the_report_is_plain_json(concluded: Grown, trust: Trust):
    plain = json.loads(json.dumps(verify(concluded.pdf, trust=trust).to_dict()))

    assert (plain["verdict"], plain["label"], plain["signatures"][0]["verdict"]) == ("VALID", "合格", "VALID")


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


@pytest.mark.parametrize("tail", [b"\n", b"% note\n", b"\n9999 0 obj\n<<>>\nendobj\n", b"%PDF-1.7\n"])
def test_bytes_after_the_last_signature_are_noticed(tail: bytes, concluded: Grown, trust: Trust):
    assert verify(concluded.pdf + tail, trust=trust).verdict == "INVALID"


Update = Callable[[IncrementalPdfFileWriter], None]


def _title(writer: IncrementalPdfFileWriter) -> None:
    writer.trailer["/Info"]["/Title"] = pdf_string("別の契約書")
    writer.update_container(writer.trailer["/Info"])


def _page_content(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 999 999 re f"))
    writer.update_container(page)


def _content_stream(writer: IncrementalPdfFileWriter) -> None:
    ref = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
    writer.objects[(0, ref.idnum)] = generic.StreamObject(stream_data=b"0 0 999 999 re f")


def _overlay(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500))),
            pdf_name("/Contents"): pdf_string("金 100円"),
        }
    )
    listed = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
    listed.append(writer.add_object(note))
    page["/Annots"] = listed
    writer.update_container(page)


def _new_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    page = generic.DictionaryObject(
        {pdf_name("/Type"): pdf_name("/Page"), pdf_name("/Parent"): writer.root.raw_get("/Pages")}
    )
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(pages["/Count"] + 1)
    writer.update_container(pages)


def _open_action(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )
    writer.update_root()


def _widget_with_action(writer: IncrementalPdfFileWriter) -> None:
    field = generic.DictionaryObject(
        {
            pdf_name("/FT"): pdf_name("/Sig"),
            pdf_name("/T"): pdf_string("X"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 0, 0))),
            pdf_name("/AA"): generic.DictionaryObject(),
        }
    )
    _join_form(writer, field)


def _visible_field(writer: IncrementalPdfFileWriter) -> None:
    field = generic.DictionaryObject(
        {
            pdf_name("/FT"): pdf_name("/Sig"),
            pdf_name("/T"): pdf_string("X"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500))),
        }
    )
    _join_form(writer, field)


def _join_form(writer: IncrementalPdfFileWriter, field: generic.DictionaryObject) -> None:
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])
    writer.update_container(form)


def _first_field_removed(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form["/Fields"] = generic.ArrayObject(list(list.__iter__(form["/Fields"]))[1:])
    writer.update_container(form)
    writer.update_root()


def _reason_of_the_first(writer: IncrementalPdfFileWriter) -> None:
    value = writer.root["/AcroForm"]["/Fields"][0]["/V"]
    value["/Reason"] = pdf_string("別人 様が承認しました")
    writer.update_container(value)


def _unreferenced_object(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(generic.DictionaryObject({pdf_name("/Hidden"): pdf_string("later")}))


def _other_generation(writer: IncrementalPdfFileWriter) -> None:
    ref = writer.root["/Pages"]["/Kids"][0].raw_get("/Contents")
    writer.objects[(1, ref.idnum)] = generic.StreamObject(stream_data=b"0 0 999 999 re f")


UPDATES = (
    _title,
    _page_content,
    _content_stream,
    _overlay,
    _new_page,
    _open_action,
    _widget_with_action,
    _visible_field,
    _first_field_removed,
    _reason_of_the_first,
    _unreferenced_object,
    _other_generation,
)
UPDATES_BETWEEN = UPDATES[:-1]  # 世代番号の飛んだ文書には、署名そのものが付かない


class _Quiet(IncrementalPdfFileWriter):
    def _update_meta(self) -> None:
        return


def _updated(pdf: bytes, update: Update) -> bytes:
    writer = _Quiet(BytesIO(pdf), strict=False)
    update(writer)
    output = BytesIO()
    writer.write(output)
    assert output.getvalue().startswith(pdf)
    return output.getvalue()


@pytest.mark.parametrize("update", UPDATES, ids=lambda each: each.__name__)
def test_a_change_after_the_last_signature_is_noticed(update: Update, concluded: Grown, trust: Trust):
    assert verify(_updated(concluded.pdf, update), trust=trust).verdict != "VALID"


@pytest.mark.parametrize("update", UPDATES_BETWEEN, ids=lambda each: each.__name__)
def test_a_change_between_two_signatures_is_noticed(
    update: Update, sealer: Sealer, approved: Grown, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("signing.sealable._refusal", lambda _file, _body: "")
    altered = _updated(approved.pdf, update)

    sealed = approve(sealer, altered, approval(1), final=True)

    report = verify(sealed.pdf, trust=trust)
    assert report.verdict == "INVALID"
    assert report.level != "PAdES-B-LTA"


def test_a_prepared_reference_filled_in_later_is_noticed(
    sealer: Sealer, contract: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    """Shadow attack: the page already names an object that does not exist yet and that a later update provides."""
    monkeypatch.setattr("signing.sealable._refusal", lambda _file, _body: "")
    prepared = _updated(contract, lambda writer: _dangling(writer, 900))
    signed = approve(sealer, prepared, approval(0), final=False)

    def fill(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[(0, 900)] = generic.StreamObject(stream_data=b"0 0 999 999 re f")
        writer._lastobj_id = 900

    sealed = approve(sealer, _updated(signed.pdf, fill), approval(1), final=True)

    report = verify(sealed.pdf, trust=trust)
    assert report.verdict == "INVALID"
    assert any("仕込まれた参照" in each for each in report.signatures[0].problems)


def _dangling(writer: IncrementalPdfFileWriter, number: int) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    contents = generic.ArrayObject([page.raw_get("/Contents"), generic.IndirectObject(number, 0, writer.prev)])
    page["/Contents"] = contents
    writer.update_container(page)


def test_evidence_that_is_also_page_content_may_not_grow(
    sealer: Sealer, contract: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    """The store's array is at the same time the page's list of contents: adding 'evidence' would add content."""
    monkeypatch.setattr("signing.sealable._refusal", lambda _file, _body: "")

    def alias(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        shared = writer.add_object(generic.ArrayObject([page.raw_get("/Contents")]))
        page["/Contents"] = shared
        writer.update_container(page)
        store = generic.DictionaryObject({pdf_name("/VRI"): generic.DictionaryObject({pdf_name("/X"): shared})})
        writer.root["/DSS"] = writer.add_object(store)
        writer.update_root()

    def grow(writer: IncrementalPdfFileWriter) -> None:
        contents = writer.root["/Pages"]["/Kids"][0]["/Contents"]
        contents.append(writer.add_object(generic.StreamObject(stream_data=b"0 0 999 999 re f")))
        writer.update_container(contents)

    signed = approve(sealer, _updated(contract, alias), approval(0), final=False)
    assert verify(signed.pdf, trust=trust).verdict == "VALID"

    sealed = approve(sealer, _updated(signed.pdf, grow), approval(1), final=True)

    assert verify(sealed.pdf, trust=trust).verdict == "INVALID"


def test_a_signature_copied_into_another_document_is_noticed(concluded: Grown, trust: Trust):
    with pikepdf.open(BytesIO(concluded.pdf)) as pdf:
        pdf.docinfo["/Title"] = "別の契約書"
        output = BytesIO()
        pdf.save(output)

    assert verify(output.getvalue(), trust=trust).verdict == "INVALID"


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (rb"/ByteRange \[0 ", b"/ByteRange [1 "),
        (rb"/ByteRange \[0 \d", b"/ByteRange [0 -"),
        (rb"/Contents <3", b"/Contents <Z"),
        (rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /ETSI.CAdES.detachex"),
        (rb"/Type /DocTimeStamp", b"/Type /DocTimeStampX"),
        (rb"/FT /Sig", b"/FT /Tx "),
    ],
)
def test_forged_signature_dictionaries_never_raise(pattern: bytes, replacement: bytes, concluded: Grown, trust: Trust):
    forged = re.sub(pattern, replacement, concluded.pdf)

    assert verify(forged, trust=trust).verdict != "VALID"


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
