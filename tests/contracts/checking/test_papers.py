"""Papers beside the documents are held against the journal, too: who brings row and bytes into line is still found."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actors
from accounts.models import Role
from accounts.tenancy import acting_for
from contracts import holdings
from contracts.models import Consent, ConsentSubmission, Custody, DisposalRecord, ForeignContract
from contracts.services import evidence
from contracts.services.checking import disposals, papers
from contracts.services.keeping import terms
from contracts.states import ItemState
from guarantees import services as guarantees
from tests import factories
from tests.contracts.checking.test_checking import told
from vault import files
from vault.models import StoredFile

LONG_AGO = date(2000, 3, 31)
FIVE_YEARS = {"period": "five_years", "count_from": "fiscal_year", "kinds": {}}


def exchange(stored: StoredFile, content: bytes) -> StoredFile:
    """Put other bytes in the place of a file, with a key and a hash that fit them."""
    other = files.store(tenant_id=stored.tenant_id, content=content)
    values = {"sha256": other.sha256, "size": other.size, "wrapped_key": bytes(other.wrapped_key)}
    other.delete()
    StoredFile.objects.filter(pk=stored.pk).update(**values)
    return StoredFile.objects.get(pk=stored.pk)


@pytest.fixture
def foreign(concluded) -> ForeignContract:
    """Take in a contract of elsewhere, and tell the journal as the import does."""
    taken = factories.foreign(concluded.tenant, by=concluded.drafter)
    about = {"title": taken.title, "sha256": taken.sha256, "verdict": taken.verdict}
    evidence.record_in(
        taken.subject, "foreign.taken_in", subject=taken.subject, actor=concluded.drafter, at=taken.taken_in_at, **about
    )
    return taken


def test_a_consent_whose_row_and_bytes_were_altered_together_is_named(concluded, check):
    other = exchange(concluded.consent.paper, b"%PDF-1.7 forged")

    looked = check()

    assert looked.flaws == 2, "the consent, and its submission"
    assert f"電子契約利用承諾書 {concluded.consent}（{concluded.consent.pk}）: このファイル" in told(looked)
    assert other.sha256 in told(looked)


def test_a_consent_that_points_at_a_revision_of_a_contract_is_named(concluded, check, tail):
    Consent.unscoped.filter(pk=concluded.consent.pk).update(paper=tail)

    looked = check()

    assert looked.flaws == 1
    assert f"（SHA-256 {tail.sha256}）は、届いたときの操作記録に書かれていません" in told(looked)


def test_what_merely_tells_of_a_handing_over_is_no_proof_of_a_consent(concluded, check):
    consent = concluded.consent
    other = exchange(consent.paper, b"%PDF-1.7 forged")
    evidence.record(
        "consent.downloaded",
        concluded.case,
        subject=f"consent:{consent.pk}",
        actor=actors.system(consent.tenant_id),
        at=consent.submitted_at,
        sha256=other.sha256,
        paper_sha256=other.sha256,
    )

    assert check().flaws == 2


def test_an_original_that_was_received_otherwise_is_named(concluded, check):
    other = files.store(tenant_id=concluded.tenant.pk, content=b"%PDF-1.7 as somebody says it came")
    rows = ConsentSubmission.unscoped.filter(consent=concluded.consent)
    rows.update(received=other, normalised=["文書情報を除きました"])
    document = concluded.version.documents.get(order=1)
    document.received, document.normalised = other, ["文書情報を除きました"]
    document.save()

    looked = check()

    assert looked.flaws == 2
    assert "受け取ったままの承諾書" in told(looked)
    assert f"受け取ったままの文書 {document}" in told(looked)


def test_a_consent_that_was_destroyed_without_a_disposal_is_named(concluded, check):
    paper = concluded.consent.paper
    files.destroy(paper, at=timezone.now())

    looked = check()

    assert looked.flaws == 1
    assert f"鍵が壊されていますが（SHA-256 {paper.sha256}）、承認を得て廃棄した記録がありません" in told(looked)


def test_a_foreign_contract_that_was_swapped_is_named(concluded, check, foreign):
    exchange(foreign.file, b"%PDF-1.7 other terms")

    looked = check()

    assert {each["where"] for each in looked.found} == {f"よそで締結した契約 {foreign}（{foreign.pk}）"}
    assert "行の SHA-256 が、保管されたファイル" in told(looked)
    assert "届いたときの操作記録に書かれていません" in told(looked)


@pytest.fixture
def disposed(concluded, foreign) -> DisposalRecord:
    """Dispose of the foreign contract, whose term is over, by the decision of three."""
    factories.rule_set(concluded.tenant, retention=FIVE_YEARS)
    factories.staff(concluded.tenant, Role.APPROVER)
    kept = terms.begin(foreign, completed_date=LONG_AGO, actor=concluded.drafter, at=timezone.now())
    return factories.disposed(kept, by=factories.staff(concluded.tenant, Role.ADMINISTRATOR))


def test_what_was_disposed_of_is_no_flaw_where_the_journal_tells_of_it(foreign, disposed, check, monkeypatch):
    assert StoredFile.objects.get(pk=foreign.file_id).destroyed_at
    assert told(check()) == ""

    monkeypatch.setattr(disposals, "DISPOSED", "nothing")

    assert f"（SHA-256 {foreign.sha256}）、承認を得て廃棄した記録がありません" in told(check())


def test_a_record_of_disposal_that_the_journal_does_not_name_is_no_proof(concluded, disposed, check):
    paper, custody = concluded.consent.paper, Custody.unscoped.get(case=concluded.case)
    item, record = disposed.item, disposed
    item.pk, item.custody, item.state = None, custody, ItemState.LISTED
    item.save(force_insert=True)
    record.pk, record.item, record.custody = None, item, custody
    record.files = [{"name": "承諾書", "sha256": paper.sha256, "size": paper.size, "kept": False}]
    record.files_sha256 = disposals.digest(record.files)
    record.save(force_insert=True)
    files.destroy(paper, at=timezone.now())

    looked = check()

    assert looked.flaws == 1
    assert paper.sha256 in told(looked)


def test_the_papers_of_a_whole_case_may_be_disposed_of(concluded, check):
    factories.rule_set(concluded.tenant, retention=FIVE_YEARS)
    factories.staff(concluded.tenant, Role.APPROVER)
    guarantees.complete(concluded.case, actor=concluded.drafter, at=timezone.now(), completed_date=timezone.localdate())
    terms.completed(concluded.case, completed_date=LONG_AGO, actor=concluded.drafter, at=timezone.now())
    custody = Custody.unscoped.get(case=concluded.case)
    factories.disposed(custody, by=factories.staff(concluded.tenant, Role.ADMINISTRATOR))

    assert StoredFile.objects.get(pk=concluded.consent.paper_id).destroyed_at
    assert told(check()) == ""


def test_a_slice_asks_as_often_for_many_papers_as_for_one(concluded):
    stored = list(StoredFile.objects.filter(tenant_id=concluded.tenant.pk))

    def asked(*some: StoredFile) -> int:
        with (
            acting_for(concluded.tenant.pk),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            assert list(papers.flaws(some, tenant_id=concluded.tenant.pk)) == []
        return len(queries)

    assert len(stored) > 5
    assert asked(*stored) == asked(concluded.consent.paper)


def test_every_column_that_keeps_a_file_is_held_against_the_journal_or_said_not_to_be():
    every = {(each.related_model._meta.label, each.field.name) for each in holdings.relations()}
    looked_at = {(each.model._meta.label, each.column) for each in papers.known()}

    assert every - looked_at == {
        ("contracts.Revision", "tail"),  # 文書として確かめる
        ("contracts.DocumentText", "file"),  # ほかの列の写し
        ("guarantees.IssuedCertificate", "pdf"),  # 記録は証書の番号を書く。封印が中身を守る
    }
