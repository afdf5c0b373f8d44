"""承認が署名になるまで。"""

import hashlib
import multiprocessing
import random
import shutil
import socket
from collections import Counter
from datetime import timedelta
from io import BytesIO
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pikepdf
import pytest
import yaml
from asn1crypto import ocsp, x509

from config.embedded import pki as authority
from signing import network, sealable
from signing.pdf.file import File
from signing.sealing import Approval, Sealer, SealingRefused, SealingUnavailable
from signing.standing import Standing
from signing.timestamps import TimestampAuthority
from signing.trust import Trust, name_of
from signing.verification import verify

from .conftest import APPROVED_AT, Grown, approval, approve, sealer_of, serve, stop


def test_every_revision_starts_with_the_bytes_before_it(contract: bytes, approved: Grown, concluded: Grown):
    assert approved.pdf.startswith(contract)
    assert concluded.pdf.startswith(approved.pdf)
    assert len(concluded.pdf) > len(approved.pdf) > len(contract)


def test_what_is_returned_speaks_of_the_whole_document(approved: Grown, concluded: Grown):
    for grown in (approved, concluded):
        assert grown.sealed.size == len(grown.pdf)
        assert grown.sealed.sha256 == hashlib.sha256(grown.pdf).hexdigest()


def test_a_saved_standing_is_enough_to_go_on(sealer: Sealer, approved: Grown, trust: Trust):
    standing = Standing.load(approved.sealed.standing.dump())
    assert standing is not None

    sealed = sealer.approve(standing, approval(1), final=True)

    report = verify(approved.pdf + sealed.tail, trust=trust)
    assert (report.verdict, report.level, report.problems) == ("VALID", "PAdES-B-LTA", ())


def test_two_approvals_and_the_document_timestamp_cost_three_requests(
    sealer: Sealer, contract: bytes, approved: Grown, monkeypatch: pytest.MonkeyPatch
):
    asked: Counter[str] = Counter()
    ask, connect, read = network.ask, socket.create_connection, File.__init__

    def counted_ask(url: str, **options: Any) -> network.Answer:
        asked["tsa" if "/tsa/" in url else "revocation"] += 1
        return ask(url, **options)

    def counted_connect(*arguments: Any) -> socket.socket:
        asked["connection"] += 1
        return connect(*arguments)

    def counted_read(*arguments: Any) -> None:
        asked["parse"] += 1
        read(*arguments)

    monkeypatch.setattr(network, "ask", counted_ask)
    monkeypatch.setattr(socket, "create_connection", counted_connect)
    monkeypatch.setattr(File, "__init__", counted_read)

    first = sealer.approve(contract, approval(0), final=False)
    sealer.approve(first.standing, approval(1), final=True)

    assert asked == {"tsa": 3, "parse": 1}


def test_the_evidence_covers_the_signer_the_authority_and_the_responders(approved: Grown, concluded: Grown):
    with pikepdf.open(BytesIO(approved.pdf)) as pdf:
        store = pdf.Root.DSS
        names = {name_of(x509.Certificate.load(each.read_bytes())) for each in store.Certs}
        answers = [ocsp.OCSPResponse.load(each.read_bytes()) for each in store.OCSPs]
        lists = len(store.CRLs)
    with pikepdf.open(BytesIO(concluded.pdf)) as pdf:
        assert len(pdf.Root.DSS.Certs) == len(names)  # 二度目の署名は、同じ証拠を重ねて書かない

    assert names == {
        "Musubi Sign Dept.",
        "Musubi Trial Issuing CA",
        "Musubi Trial Root CA",
        "Musubi Trial OCSP Responder",
        "Musubi Timestamp Service",
        "Musubi Trial Time Stamping CA",
    }
    assert {each["response_status"].native for each in answers} == {"successful"}
    assert lists == 2


def test_the_signature_looks_as_the_guides_show_it(concluded: Grown):
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


def test_signing_leaves_the_properties_of_the_document_alone(contract: bytes, concluded: Grown):
    with pikepdf.open(BytesIO(contract)) as before, pikepdf.open(BytesIO(concluded.pdf)) as after:
        assert str(before.docinfo.Title) == str(after.docinfo.Title) == "工事請負契約書"
        assert before.Root.Metadata.read_bytes() == after.Root.Metadata.read_bytes()


def test_one_act_is_one_revision(contract: bytes, approved: Grown, concluded: Grown):
    assert [pdf.count(b"%%EOF") for pdf in (contract, approved.pdf, concluded.pdf)] == [1, 2, 4]


def test_two_approvals_and_the_document_timestamp_add_little(contract: bytes, concluded: Grown):
    assert len(concluded.pdf) - len(contract) < 50_000


def test_the_token_time_is_returned(sealer: Sealer, contract: bytes):
    before = network.now().replace(microsecond=0)
    approved = approve(sealer, contract, approval(0), final=False)
    concluded = approve(sealer, approved.pdf, approval(1), final=True)
    first, last = approved.sealed, concluded.sealed
    assert before <= first.timestamped_at <= network.now()
    assert first.archived_at is None
    assert last.archived_at is not None
    assert last.archived_at >= last.timestamped_at > first.timestamped_at
    assert last.tsa == "Musubi Timestamp Service"


def test_a_document_with_a_thousand_bookmarks_is_sealed_and_verified(sealer: Sealer, trust: Trust):
    grown = approve(sealer, _with_bookmarks(1000), approval(), final=True)

    assert verify(grown.pdf, trust=trust).level == "PAdES-B-LTA"


def test_a_word_file_with_hybrid_cross_references_is_sealed_and_verified(sealer: Sealer, trust: Trust):
    once = approve(sealer, _hybrid(), approval(0), final=False)
    twice = approve(sealer, once.pdf, approval(1), final=True)

    report = verify(twice.pdf, trust=trust)
    assert (report.verdict, report.level, report.problems) == ("VALID", "PAdES-B-LTA", ())


def test_a_container_is_as_large_as_it_must_be(concluded: Grown):
    with pikepdf.open(BytesIO(concluded.pdf)) as pdf:
        contents = [bytes(each.V.Contents) for each in pdf.Root.AcroForm.Fields]

    assert all(each.endswith(bytes(20)) for each in contents)
    assert all(len(each) - len(each.rstrip(b"\0")) < 200 for each in contents)


def test_a_token_that_grew_is_given_a_larger_container(
    pki: authority.PkiPaths, contract: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
):
    sealer, evidence = sealer_of(pki), TimestampAuthority.evidence
    remembered = iter([100, 100])

    def forgetful(self: TimestampAuthority) -> Any:
        found = evidence(self)
        self.token_size = next(remembered, self.token_size)
        return found

    monkeypatch.setattr(TimestampAuthority, "evidence", forgetful)

    grown = approve(sealer, contract, approval(), final=True)

    assert list(remembered) == []
    assert verify(grown.pdf, trust=trust).level == "PAdES-B-LTA"


def test_tokens_that_never_fit_end_in_a_refusal(
    pki: authority.PkiPaths, contract: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("signing.growth.SPARE_BYTES", -1000)

    with pytest.raises(SealingUnavailable, match="要求のたびに変わります"):
        sealer_of(pki).approve(contract, approval(), final=False)


def test_the_same_step_is_not_signed_twice(sealer: Sealer, approved: Grown):
    for source in (approved.pdf, approved.sealed.standing):
        with pytest.raises(SealingRefused, match="既に付いています"):
            sealer.approve(source, approval(0), final=False)


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_nothing_is_signed_over_a_broken_signature(sealer: Sealer, contract: bytes, approved: Grown, where: float):
    broken = bytearray(approved.pdf)
    broken[int(len(contract) * where)] ^= 1

    with pytest.raises(SealingRefused):
        sealer.approve(bytes(broken), approval(1), final=True)


def test_nothing_is_signed_over_data_appended_after_a_signature(sealer: Sealer, approved: Grown):
    with pytest.raises(SealingRefused, match="壊れている"):
        sealer.approve(approved.pdf + b"\n% added\n", approval(1), final=True)


def test_an_encrypted_document_is_refused_and_does_not_poison_the_next(sealer: Sealer, contract: bytes):
    with pikepdf.open(BytesIO(contract)) as pdf:
        output = BytesIO()
        pdf.save(output, encryption=pikepdf.Encryption(owner="owner", user=""))

    with pytest.raises(SealingRefused, match="暗号化された"):
        sealer.approve(output.getvalue(), approval(), final=False)

    assert sealer.approve(contract, approval(), final=False).size > len(contract)


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7\n", b"\0" * 5000, b"%PDF-1.7\n" + b"[" * 50_000])
def test_what_is_not_a_document_is_refused(sealer: Sealer, junk: bytes):
    with pytest.raises(SealingRefused):
        sealer.approve(junk, approval(), final=False)


def test_a_signature_without_contents_is_a_broken_one(sealer: Sealer, approved: Grown):
    with pytest.raises(SealingRefused, match="壊れている"):
        sealer.approve(approved.pdf.replace(b"/Contents <", b"/Kontents <"), approval(1), final=False)


def test_whatever_a_document_holds_it_is_sealable_or_refused(approved: Grown):
    dice = random.Random(4)
    tokens = [b"<<", b">>", b"[", b"]", b"null", b"-1", b"99999999999", b"(", b"obj", b"stream", b"9 0 R", b"/Type"]
    outcomes = Counter()
    for _ in range(500):
        body = bytearray(approved.pdf)
        for _change in range(dice.randint(1, 4)):
            place, token = dice.randrange(len(body) - len(approved.sealed.tail), len(body)), dice.choice(tokens)
            body[place : place + dice.choice([0, len(token), 30])] = token
        try:
            sealable.sealable(bytes(body))
        except SealingRefused as refusal:
            outcomes[str(refusal)] += 1

    assert {sealable.BROKEN, sealable.UNREADABLE} <= set(outcomes)


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


def test_a_worker_forked_after_the_parent_has_signed_signs_too(sealer: Sealer, approved: Grown, trust: Trust):
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    standing = approved.sealed.standing
    children = [context.Process(target=_approve, args=(sealer, standing, answers)) for _child in range(2)]
    for child in children:
        child.start()

    tails = [answers.get() for _child in children]

    assert [verify(approved.pdf + tail, trust=trust).verdict for tail in tails] == ["VALID", "VALID"]
    for child in children:
        child.join(10)
        assert child.exitcode == 0


def _approve(sealer: Sealer, standing: Standing, answers: SimpleQueue) -> None:
    answers.put(sealer.approve(standing, approval(1), final=False).tail)


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
