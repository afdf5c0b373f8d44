"""承認が署名になるまで。"""

import multiprocessing
import os
import re
import shutil
import subprocess
from datetime import timedelta
from io import BytesIO
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from urllib.parse import urlsplit

import pikepdf
import pytest
import yaml

from config.embedded import pki as authority
from signing import network, responders
from signing.sealing import Approval, Sealed, Sealer, SealingRefused, SealingUnavailable
from signing.trust import Trust
from signing.verification import verify

from .conftest import APPROVED_AT, approval, sealer_of, serve, stop


def test_every_revision_starts_with_the_bytes_before_it(contract: bytes, approved: Sealed, concluded: Sealed):
    assert approved.pdf.startswith(contract)
    assert concluded.pdf.startswith(approved.pdf)
    assert len(concluded.pdf) > len(approved.pdf) > len(contract)


def test_the_signature_looks_as_the_guides_show_it(concluded: Sealed):
    with pikepdf.open(BytesIO(concluded.pdf)) as pdf:
        first, second, stamp = pdf.Root.AcroForm.Fields

        assert [str(each.T) for each in (first, second, stamp)] == [
            "FIELD_2336416_0",
            "FIELD_2336416_1",
            "TIMESTAMP_2336416_1",
        ]
        assert [int(each) for each in first.Rect] == [0, 0, 0, 0]
        assert first.P.objgen == pdf.pages[0].obj.objgen
        assert (
            str(first.V.Reason)
            == "契約 太郎 様 taro@kensetsu.example.jp が2026-03-05 10:20:30 +09:00 JSTに承認しました"
        )
        assert str(first.V.Location) == "日本"
        assert str(first.V.M) == "D:20260305102030+09'00'"
        assert str(first.V.SubFilter) == "/ETSI.CAdES.detached"
        assert str(stamp.V.SubFilter) == "/ETSI.RFC3161"


def test_signing_leaves_the_properties_of_the_document_alone(contract: bytes, concluded: Sealed):
    with pikepdf.open(BytesIO(contract)) as before, pikepdf.open(BytesIO(concluded.pdf)) as after:
        assert str(before.docinfo.Title) == str(after.docinfo.Title) == "工事請負契約書"
        assert before.Root.Metadata.read_bytes() == after.Root.Metadata.read_bytes()


def test_one_act_is_one_revision(contract: bytes, approved: Sealed, concluded: Sealed):
    assert [pdf.count(b"%%EOF") for pdf in (contract, approved.pdf, concluded.pdf)] == [1, 2, 4]


def test_the_token_time_is_returned(approved: Sealed, concluded: Sealed):
    assert abs(network.now() - approved.timestamped_at) < timedelta(minutes=5)
    assert approved.archived_at is None
    assert concluded.archived_at is not None
    assert concluded.archived_at >= concluded.timestamped_at > approved.timestamped_at
    assert concluded.tsa == "Musubi Timestamp Service"


def test_a_document_with_a_thousand_bookmarks_is_sealed_and_verified(sealer: Sealer, trust: Trust):
    document = _with_bookmarks(1000)

    sealed = sealer.approve(document, approval(), final=True)

    assert verify(sealed.pdf, trust=trust).level == "PAdES-B-LTA"


def test_a_word_file_with_hybrid_cross_references_is_sealed_and_verified(sealer: Sealer, trust: Trust):
    document = _hybrid()

    once = sealer.approve(document, approval(0), final=False)
    twice = sealer.approve(once.pdf, approval(1), final=True)

    report = verify(twice.pdf, trust=trust)
    assert (report.verdict, report.level, report.problems) == ("VALID", "PAdES-B-LTA", ())


def test_fresh_evidence_is_used_again(pki: authority.PkiPaths, contract: bytes, monkeypatch: pytest.MonkeyPatch):
    sealer = sealer_of(pki)
    sealer.approve(contract, approval(), final=True)

    def ask(*_arguments: object, **_named: object) -> None:
        raise AssertionError("asked for OCSP or CRL again")

    monkeypatch.setattr(responders, "ask", ask)

    assert sealer.approve(contract, approval(), final=True).archived_at is not None


def test_a_container_that_is_too_small_is_made_larger(
    sealer: Sealer, contract: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("signing.sealing.CONTAINER_HEX_DIGITS", 6000)

    sealed = sealer.approve(contract, approval(), final=True)

    assert verify(sealed.pdf, trust=trust).level == "PAdES-B-LTA"


def test_the_same_step_is_not_signed_twice(sealer: Sealer, approved: Sealed):
    with pytest.raises(SealingRefused, match="既に付いています"):
        sealer.approve(approved.pdf, approval(0), final=False)


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_nothing_is_signed_over_a_broken_signature(sealer: Sealer, contract: bytes, approved: Sealed, where: float):
    broken = bytearray(approved.pdf)
    broken[int(len(contract) * where)] ^= 1

    with pytest.raises(SealingRefused):
        sealer.approve(bytes(broken), approval(1), final=True)


def test_nothing_is_signed_over_data_appended_after_a_signature(sealer: Sealer, approved: Sealed):
    with pytest.raises(SealingRefused, match="壊れている"):
        sealer.approve(approved.pdf + b"\n% added\n", approval(1), final=True)


def test_an_encrypted_document_is_refused_and_does_not_poison_the_next(sealer: Sealer, contract: bytes):
    with pikepdf.open(BytesIO(contract)) as pdf:
        output = BytesIO()
        pdf.save(output, encryption=pikepdf.Encryption(owner="owner", user=""))

    with pytest.raises(SealingRefused):
        sealer.approve(output.getvalue(), approval(), final=False)

    assert sealer.approve(contract, approval(), final=False).pdf.startswith(contract)


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7\n", b"\0" * 5000, b"%PDF-1.7\n" + b"[" * 50_000])
def test_what_is_not_a_document_is_refused(sealer: Sealer, junk: bytes):
    with pytest.raises(SealingRefused):
        sealer.approve(junk, approval(), final=False)


@pytest.mark.parametrize("document", ["a.b", "", "あ", "a b"])
def test_a_field_name_that_pdf_would_read_otherwise_is_a_mistake(document: str):
    with pytest.raises(ValueError, match="field name"):
        Approval(document=document, step=0, name="名", email="a@example.jp", at=APPROVED_AT)


def test_a_revoked_certificate_never_signs(tmp_path: Path, contract: bytes, stranger: authority.PkiPaths):
    paths = authority.paths(shutil.copytree(stranger.directory, tmp_path / "authority"))
    config = yaml.safe_load(paths.config.read_text())
    signer = config["pki-architectures"]["musubi"]["certs"]["signer"]
    since = (network.now() - timedelta(hours=1)).isoformat()
    signer["revocation"] = {"revoked-since": since, "reason": "key_compromise"}
    paths.config.write_text(yaml.safe_dump(config))
    child = serve(paths)
    try:
        with pytest.raises(SealingUnavailable, match="失効しています"):
            sealer_of(paths).approve(contract, approval(), final=False)
    finally:
        stop(child)


def test_without_revocation_data_nothing_is_signed(
    contract: bytes, pki: authority.PkiPaths, stranger: authority.PkiPaths
):
    with pytest.raises(SealingUnavailable, match="確認できません"):
        sealer_of(stranger, pki.tsa_url).approve(contract, approval(), final=False)


def test_a_worker_forked_after_the_parent_has_signed_signs_too(sealer: Sealer, approved: Sealed):
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    children = [context.Process(target=_approve, args=(sealer, approved.pdf, answers)) for _child in range(2)]
    for child in children:
        child.start()

    sealed = [answers.get() for _child in children]

    assert all(each.startswith(approved.pdf) for each in sealed)
    for child in children:
        child.join(10)
        assert child.exitcode == 0


def _approve(sealer: Sealer, pdf: bytes, answers: SimpleQueue) -> None:
    answers.put(sealer.approve(pdf, approval(1), final=False).pdf)


def test_poppler_says_every_signature_is_valid(concluded: Sealed, tmp_path: Path):
    file = tmp_path / "concluded.pdf"
    file.write_bytes(concluded.pdf)

    shown = subprocess.run(
        ["pdfsig", "-nocert", str(file)], capture_output=True, check=False, text=True, env=os.environ | {"LC_ALL": "C"}
    ).stdout

    assert len(re.findall(r"Signature #\d+:", shown)) == 3
    assert shown.count("Signature Validation: Signature is Valid.") == 2
    assert shown.count("Signature Type: ETSI.CAdES.detached") == 2
    assert shown.rindex("Total document signed") > shown.rindex("Signature #3")


def test_openssl_verifies_signatures_and_tokens(concluded: Sealed, pki: authority.PkiPaths, tmp_path: Path):
    outcomes = [_openssl(concluded.pdf, found, pki, tmp_path) for found in _byte_ranges(concluded.pdf)]

    assert outcomes == ["cms", "cms", "ts"]


def _byte_ranges(pdf: bytes) -> list[list[int]]:
    return [
        [int(each) for each in found.groups()]
        for found in re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    ]


def _openssl(pdf: bytes, byte_range: list[int], pki: authority.PkiPaths, directory: Path) -> str:
    _start, before, after, length = byte_range
    container, content = directory / "container.der", directory / "content.bin"
    container.write_bytes(_unpadded(bytes.fromhex(pdf[before + 1 : after - 1].decode())))
    content.write_bytes(pdf[:before] + pdf[after : after + length])
    roots = ["-CAfile", str(pki.trust_roots)]
    is_token = b"/DocTimeStamp" in pdf[pdf.rindex(b" obj", 0, before) : pdf.index(b"endobj", after)]
    if is_token:
        inputs = ["-in", str(container), "-token_in", "-data", str(content), "-untrusted", str(pki.chain)]
        subprocess.run(["openssl", "ts", "-verify", *inputs, *roots], check=True, capture_output=True)
        return "ts"
    inputs = ["-in", str(container), "-inform", "DER", "-content", str(content), "-binary", "-cades"]
    outputs = ["-purpose", "any", "-out", "/dev/null"]
    subprocess.run(["openssl", "cms", "-verify", *inputs, *roots, *outputs], check=True, capture_output=True)
    return "cms"


def _unpadded(der: bytes) -> bytes:
    count = der[1] & 0x7F
    return der[: 2 + count + int.from_bytes(der[2 : 2 + count], "big")]


def test_the_authorities_keep_their_keys_and_their_port(stranger: authority.PkiPaths):
    key = stranger.pkcs12.read_bytes()

    again = authority.create(stranger.directory, stranger.port + 1)

    assert again == stranger
    assert urlsplit(again.tsa_url).port == stranger.port
    assert again.pkcs12.read_bytes() == key
    assert again.pkcs12.stat().st_mode & 0o077 == again.passphrase.stat().st_mode & 0o077 == 0


def _with_bookmarks(number: int) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        with pdf.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(f"第{n}条", 0) for n in range(number))
        output = BytesIO()
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return output.getvalue()


def _hybrid() -> bytes:
    """Write a file the way Word does: a table for old readers, an update whose trailer names a stream for new ones."""
    body = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>",
        b"<</Length 0>>stream\n\nendstream",
    ]
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    stream_at = len(body)
    offsets.append(stream_at)
    entries = b"".join(b"\1" + offset.to_bytes(4, "big") + b"\0" for offset in offsets)
    entries = b"\0\0\0\0\0\xff" + entries
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(entries)
    body += entries + b"\nendstream\nendobj\n"
    table_at = len(body)
    body += b"xref\n0 6\n0000000000 65535 f\r\n" + b"".join(b"%010d 00000 n\r\n" % each for each in offsets)
    body += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table_at
    update_at = len(body)
    body += b"xref\n0 0\ntrailer\n<</Size 6/Root 1 0 R/Prev %d/XRefStm %d>>\n" % (table_at, stream_at)
    return body + b"startxref\n%d\n%%%%EOF\n" % update_at
