"""What a 合意締結証明書 tells, and how anyone can check it."""

import hashlib
import json
import subprocess
from collections.abc import Iterator

import pikepdf
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from audit import extract
from audit.models import Event, Head
from contracts.models import (
    Document,
    DocumentKind,
    Renewal,
    Revision,
    SigningStep,
)
from contracts.reading import content_of
from contracts.services.versions import freezing
from signing import setup
from signing.verification import verify
from tests.contracts.services.test_amending import amend, carry_through, edit
from tests.contracts.services.test_certifying import attached, certify, row, text_of
from tests.passing import passing
from tests.stories import Story, story


@pytest.fixture(scope="module")
def certified(django_db_setup: None, django_db_blocker) -> Iterator[Story]:
    """Conclude one contract and certify it, for all."""
    with passing(django_db_blocker):
        told = story().concluded()
        assert certify(told)
        yield told


@pytest.fixture(autouse=True)
def taken_back(certified: Story, django_db_blocker) -> Iterator[None]:
    with passing(django_db_blocker):
        yield


def test_the_certificate_is_sealed_for_the_long_term_in_the_programs_own_name(certified):
    report = verify(content_of(row().document), trust=setup.trust())

    (seal,) = report.signatures
    assert (report.verdict, report.level) == ("VALID", "PAdES-B-LTA")
    assert seal.field == f"FIELD_CERTIFICATE-{certified.version.pk}_0"
    assert seal.reason.startswith("Musubi 証明 が2")
    assert seal.reason.endswith("+09:00 JSTに記録のとおりであることを証明しました")
    assert Renewal.unscoped.get(document=row().document).evidence_until == report.lasts_until


def test_it_tells_who_agreed_to_what_and_how_they_were_known(certified):
    told = text_of(content_of(row().document))

    for step in SigningStep.unscoped.all():
        for fact in (step.name, step.title, step.email, step.authentication, step.get_signature_type_display()):
            assert "".join(fact.split()) in told
    for fact in (
        certified.case.number,
        certified.case.title,
        "11,000,000円",
        "合格（PAdES-B-LTA）",
        "MusubiSignDept.",
        f"{timezone.localtime(certified.version.fixed_at):%Y-%m-%d%H:%M:%S}+09:00",
    ):
        assert fact in told


def test_it_holds_the_hash_of_every_revision_and_of_what_came_in(certified):
    told = text_of(content_of(row().document))

    signed = Revision.unscoped.exclude(document=row().document)
    assert signed.count() == 6
    assert [each.sha256 for each in signed if each.sha256 not in told] == []


def test_the_extract_of_the_log_can_be_checked_by_anyone(certified, tmp_path, capsys):
    written = attached(content_of(row().document))
    found = json.loads(written)

    events = Event.objects.filter(seq__in=[each["seq"] for each in found["events"]])
    assert {each["seq"]: each["hash"] for each in found["events"]} == {each.seq: each.hash for each in events}
    for each in found["events"]:
        assert hashlib.sha256((each["previous_hash"] + each["text"]).encode()).hexdigest() == each["hash"]
    actions = [json.loads(each["text"])["action"] for each in found["events"]]
    assert actions.count("step.instructed") == 2
    assert actions[-1] == "contract.concluded"
    assert not {"approval.acted", "contract.submitted", "contract.drafted"} & set(actions)
    path = tmp_path / "journal.json"
    path.write_text(written)
    call_command("verify_journal", extract=path)
    assert "ハッシュ値のとおり" in capsys.readouterr().out


def test_the_head_of_the_chain_is_fixed_in_the_certificate(certified):
    found = json.loads(attached(content_of(row().document)))

    sealed = Event.objects.get(action="contract.concluded")
    assert (found["head"]["seq"], found["head"]["hash"]) == (sealed.seq, sealed.hash)
    assert sealed.hash in text_of(content_of(row().document))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda it: it["events"][1].update(text=it["events"][1]["text"].replace("127.0.0.1", "127.0.0.9")), "一致"),
        (lambda it: it["events"].reverse(), "番号"),
        (lambda it: it["events"][0].update(seq=5), "番号"),
        (lambda it: it["head"].update(seq=1), "先端"),
        (lambda it: it.update(format="another"), "抜粋ではありません"),
        (lambda it: it.pop("head"), "読めません"),
    ],
)
def test_a_changed_extract_is_noticed(certified, spoil, words, tmp_path):
    found = json.loads(attached(content_of(row().document)))
    spoil(found)
    path = tmp_path / "journal.json"
    path.write_text(json.dumps(found))

    assert words in extract.flaw(path.read_text())
    with pytest.raises(CommandError, match=words):
        call_command("verify_journal", extract=path)


def test_neighbouring_events_must_join(certified):
    events = list(Event.objects.of_tenant(certified.tenant.pk).order_by("seq"))
    whole = json.loads(extract.write(events, head=Head.objects.get(tenant_id=certified.tenant.pk)))
    assert extract.flaw(json.dumps(whole)) == ""

    other = json.loads(json.dumps(whole))
    other["events"][3]["previous_hash"] = "0" * 64
    text = other["events"][3]["text"]
    other["events"][3]["hash"] = hashlib.sha256(("0" * 64 + text).encode()).hexdigest()

    assert "つながりません" in extract.flaw(json.dumps(other))


def test_the_paper_is_archivable_tagged_and_clean(certified, tmp_path):
    path = tmp_path / "certificate.pdf"
    path.write_bytes(content_of(row().document))

    checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")
    with pikepdf.open(path) as pdf:
        xmp = pdf.open_metadata()
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "U")
        assert xmp["dc:title"] == f"合意締結証明書 {certified.case.title}"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "ja"
        assert {str(each.AFRelationship) for each in pdf.Root.AF} == {"/Supplement"}


def test_it_stands_beside_the_set_that_is_signed(certified):
    version = certified.version

    assert row().document not in list(freezing.current(version))
    assert version.documents.get(kind=DocumentKind.CERTIFICATE).order == 3
    assert Document.objects.visible_to(certified.drafter).of_the_set().count() == 2


def test_a_version_gets_one_certificate_only(certified):
    assert not certify(certified)
    assert Document.unscoped.filter(kind=DocumentKind.CERTIFICATE).count() == 1


def test_an_amendment_gets_a_certificate_of_its_own(certified):
    version = amend(certified)
    edit(certified, version, amount=13_200_000)
    carry_through(certified, version)

    assert certify(certified)

    papers = Document.unscoped.filter(kind=DocumentKind.CERTIFICATE).order_by("pk")
    told = [text_of(content_of(paper)) for paper in papers]
    assert len(told) == 2
    assert "13,200,000円" in told[1]
    assert "第1回変更契約" in told[1]
