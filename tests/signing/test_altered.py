"""書き換えの手口の一つ一つに、決まった判定と符号が出る。"""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import cms

from signing.results import Report
from signing.sealing import Sealer
from signing.trust import Trust
from signing.verification import verify

from . import altering
from .altering import Update, updated
from .conftest import Grown, approval, approve

BOTH = ["FIELD_2336416_0", "FIELD_2336416_1"]


def codes(report: Report) -> set[str]:
    """Gather every code of a report."""
    return {problem.code for part in (report, *report.signatures, *report.timestamps) for problem in part.problems}


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch):
    """Let the sealer sign over what its own check would refuse, as another program would."""
    monkeypatch.setattr("signing.sealable._refusal", lambda *_asked: "")


AFTER: dict[Update, str] = {
    altering.title: "metadata_changed",
    altering.xmp_title: "metadata_changed",
    altering.page_content: "changed",
    altering.content_stream: "changed",
    altering.overlay: "changed",
    altering.new_page: "changed",
    altering.other_pages: "changed",
    altering.font: "changed",
    altering.open_action: "changed",
    altering.certified: "changed",
    altering.widget_with_action: "changed",
    altering.visible_field: "visible_field",
    altering.borrowed_signature: "unreadable",
    altering.another_text_field: "changed",
    altering.first_field_removed: "hidden_signature",
    altering.reason_of_the_first: "coverage",
    altering.renamed_field: "changed",
    altering.unreferenced_object: "changed",
    altering.other_generation: "changed",
}


@pytest.mark.parametrize("update", AFTER, ids=lambda each: each.__name__)
def test_a_change_after_the_last_signature_is_noticed(update: Update, concluded: Grown, trust: Trust):
    report = verify(updated(concluded.pdf, update), trust=trust)

    assert report.verdict == "INVALID"
    assert {AFTER[update]} <= codes(report)


# 世代番号の飛んだ文書と、一つの署名を二つの欄が見せる文書は、むすび自身には読めず、署名も付かない。
BETWEEN = [each for each in AFTER if each not in {altering.other_generation, altering.borrowed_signature}]


@pytest.mark.parametrize("update", BETWEEN, ids=lambda each: each.__name__)
def test_a_change_between_two_signatures_is_noticed(
    update: Update, sealer: Sealer, approved: Grown, trust: Trust, unguarded: None
):
    altered = updated(approved.pdf, update)

    report = verify(approve(sealer, altered, approval(1), final=True).pdf, trust=trust)

    assert report.verdict == "INVALID"
    assert report.level != "PAdES-B-LTA"
    assert {AFTER[update]} <= codes(report)


def test_metadata_that_cannot_be_compared_leaves_the_question_open(
    sealer: Sealer, approved: Grown, trust: Trust, unguarded: None
):
    altered = updated(approved.pdf, altering.new_metadata)

    report = verify(approve(sealer, altered, approval(1), final=True).pdf, trust=trust)

    assert (report.verdict, codes(report)) == ("INDETERMINATE", {"metadata_unclear"})


def test_evidence_added_later_should_be_covered_by_a_timestamp(concluded: Grown, trust: Trust):
    report = verify(updated(concluded.pdf, altering.evidence), trust=trust)

    assert (report.verdict, codes(report)) == ("INDETERMINATE", {"uncovered_evidence"})


def test_evidence_added_between_two_signatures_is_allowed(
    sealer: Sealer, approved: Grown, trust: Trust, unguarded: None
):
    grown = updated(approved.pdf, altering.evidence)

    report = verify(approve(sealer, grown, approval(1), final=True).pdf, trust=trust)

    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")


def test_evidence_taken_away_leaves_the_question_open(concluded: Grown, trust: Trust):
    report = verify(updated(concluded.pdf, altering.no_evidence), trust=trust)

    assert (report.verdict, report.level) == ("INDETERMINATE", "PAdES-B-T")
    assert {"uncovered_evidence", "timestamp.no_revocation"} <= codes(report)


# 署名をはがす、つぶす、入れ替える


def test_the_citys_signature_cut_off_is_missed(concluded: Grown, approved: Grown, trust: Trust):
    report = verify(approved.pdf, trust=trust, expected_fields=BOTH, required_level="PAdES-B-LTA")

    assert (report.verdict, codes(report)) == ("INVALID", {"unexpected_signatures", "level_too_low"})


def test_a_zeroed_signature_is_no_signature(concluded: Grown, approved: Grown, trust: Trust):
    start, end = altering.gap(approved.pdf)
    zeroed = approved.pdf[: start + 1] + b"0" * (end - start - 2) + approved.pdf[end - 1 :]

    report = verify(zeroed, trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"unreadable_signature"})


def test_an_exchanged_timestamp_is_noticed(sealer: Sealer, contract: bytes, approved: Grown, trust: Trust):
    other = approve(sealer, contract, approval(0), final=False)

    report = verify(altering.with_token(approved.pdf, altering.token_of(other.pdf)), trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"timestamp.altered"})


def test_a_signatures_timestamp_copied_from_the_other_party_is_noticed(concluded: Grown, trust: Trust):
    """pdfsig and mutool accept this one."""
    report = verify(altering.with_token(concluded.pdf, altering.token_of(concluded.pdf, 1)), trust=trust)

    assert report.verdict == "INVALID"
    assert {"timestamp.altered", "altered"} <= codes(report)


def test_a_signature_without_a_timestamp_proves_no_time(approved: Grown, trust: Trust):
    report = verify(altering.with_token(approved.pdf, None), trust=trust)

    assert (report.verdict, report.level, codes(report)) == ("INDETERMINATE", "PAdES-B-B", {"no_timestamp"})


def test_a_token_of_another_hash_is_noticed(approved: Grown, trust: Trust):
    token = altering.token_of(approved.pdf)
    signer = token["content"]["signer_infos"][0]
    signer["signature"] = bytes(signer["signature"].native[::-1])

    report = verify(altering.with_token(approved.pdf, token), trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"timestamp.forged"})


def test_a_document_timestamp_of_another_document_is_noticed(
    sealer: Sealer, approved: Grown, concluded: Grown, trust: Trust
):
    other = approve(sealer, approved.pdf, approval(1), final=True)

    report = verify(altering.with_container(concluded.pdf, altering.container(other.pdf, 2), 2), trust=trust)

    assert (report.verdict, report.level, codes(report)) == ("INVALID", "PAdES-B-LT", {"altered"})
    assert [each.verdict for each in (*report.signatures, *report.timestamps)] == ["VALID", "VALID", "INVALID"]


def test_a_forged_signature_value_is_noticed(approved: Grown, trust: Trust):
    def reverse(info: cms.SignerInfo) -> None:
        info["signature"] = info["signature"].native[::-1]

    report = verify(altering.remade(approved.pdf, reverse), trust=trust)

    assert report.verdict == "INVALID"
    assert "forged" in codes(report)


def test_bytes_hidden_behind_a_signature_in_its_gap_are_noticed(approved: Grown, trust: Trust):
    _start, end = altering.gap(approved.pdf)

    report = verify(approved.pdf[: end - 3] + b"ff" + approved.pdf[end - 1 :], trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"unreadable_signature"})


@pytest.mark.parametrize("kind", ["signed_data", "tst_info"])
def test_a_signature_of_another_content_type_is_noticed(kind: str, approved: Grown, trust: Trust):
    made = cms.ContentInfo.load(altering.container(approved.pdf))
    made["content"]["encap_content_info"] = {"content_type": kind}

    report = verify(altering.with_container(approved.pdf, made.dump(force=True)), trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"malformed"})


def test_another_algorithm_than_the_signed_one_is_noticed(approved: Grown, trust: Trust):
    """RFC 6211: the value would be right under either name."""

    def rename(info: cms.SignerInfo) -> None:
        info["signature_algorithm"] = {"algorithm": "rsassa_pkcs1v15"}

    report = verify(altering.remade(approved.pdf, rename), trust=trust)

    assert (report.verdict, codes(report)) == ("INVALID", {"malformed"})


def test_a_signature_copied_into_another_document_is_noticed(concluded: Grown, trust: Trust):
    with pikepdf.open(BytesIO(concluded.pdf)) as pdf:
        pdf.docinfo["/Title"] = "別の契約書"
        output = BytesIO()
        pdf.save(output)

    assert verify(output.getvalue(), trust=trust).verdict == "INVALID"


# 範囲を動かす（SWA）、後ろに足す（ISA）、辞書を壊す（USF）


def test_a_wider_gap_hides_nothing(approved: Grown, trust: Trust):
    """SWA: the second range is moved on, and what the attacker wrote stands in the gap."""
    start, end = altering.gap(approved.pdf)
    room = b"\n5 0 obj\n<</Hidden true>>\nendobj\n"
    moved = approved.pdf[:end] + room + approved.pdf[end:]
    found = altering.GAP.search(moved)
    shifted = b"/ByteRange [0 %d %d %s]" % (start, end + len(room), found[3])
    moved = moved[: found.start()] + shifted.ljust(len(found[0])) + moved[found.end() :]

    assert verify(moved, trust=trust).verdict == "INVALID"


APPENDED: dict[str, Callable[[bytes], bytes]] = {
    "a line": lambda _pdf: b"\n",
    "a comment": lambda _pdf: b"% note\n",
    "an object": lambda _pdf: b"\n9999 0 obj\n<<>>\nendobj\n",
    "another beginning": lambda _pdf: b"%PDF-1.7\n",
    "objects and a trailer without a table": lambda _pdf: (
        b"\n3 0 obj\n<</Type/Page>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    ),
    "an object and the old table again": lambda pdf: (
        b"\n3 0 obj\n<</Type/Page>>\nendobj\n" + pdf[pdf.rindex(b"startxref") :]
    ),
    "the signature once more": lambda pdf: (
        b"\n" + pdf[pdf.rindex(b" 0 obj", 0, altering.gap(pdf)[0]) - 4 : altering.gap(pdf)[1]] + b">>\nendobj\n"
    ),
    "five kilobytes": lambda _pdf: bytes(5000),
}


@pytest.mark.parametrize("tail", APPENDED)
def test_bytes_after_the_last_signature_are_noticed(tail: str, concluded: Grown, trust: Trust):
    report = verify(concluded.pdf + APPENDED[tail](concluded.pdf), trust=trust)

    assert report.verdict == "INVALID"


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (rb"/ByteRange \[0 ", b"/ByteRange [1 "),
        (rb"/ByteRange \[0 \d", b"/ByteRange [0 -"),
        (rb"/ByteRange \[", b"/ByteRangX ["),
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange null"),
        (rb"/Contents <3", b"/Contents <Z"),
        (rb"/Contents <", b"/Contentx <"),
        (rb"/SubFilter\s?/ETSI.CAdES.detached", b"/SubFilter/ETSI.CAdES.detachex"),
        (rb"/Type\s?/DocTimeStamp", b"/Type/DocTimeStampX"),
        (rb"/FT\s?/Sig", b"/FT/Tx"),
        (rb"/V (\d)", rb"/W \1"),
    ],
)
def test_forged_signature_dictionaries_never_pass(pattern: bytes, replacement: bytes, concluded: Grown, trust: Trust):
    forged = re.sub(pattern, lambda found: found.expand(replacement).ljust(len(found[0])), concluded.pdf)
    assert forged != concluded.pdf

    assert verify(forged, trust=trust).verdict != "VALID"
