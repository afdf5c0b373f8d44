"""Contracts of other vendors come in one by one, verified, beside our own, or not at all."""

import io
import zipfile
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.archive import searching
from contracts.archive.asking import Wanted
from contracts.models import ArchiveEntry, Custody, DocumentText, ForeignContract, ImportJob, ImportKind
from contracts.reading import content_of
from contracts.services.checking import papers
from contracts.services.keeping import terms
from contracts.services.register import import_elsewhere, importing
from contracts.services.register.import_rows import digest
from contracts.services.register.importing import ImportRefused
from contracts.states import ImportState
from tests import factories
from tests.stories import story
from vault import files
from vault.models import StoredFile

pytestmark = pytest.mark.django_db
HEAD = "ファイル名,契約日,取引先,契約金額,件名,区分,契約番号,履行完了日"
ROW = '{file},令和3年7月1日,㈱髙﨑建設,"11,000,000",元町橋橋梁補修工事,建設工事,第12号,{done}'


@pytest.fixture
def tosu(db):
    tenant = factories.city("tosu")
    factories.rule_set(tenant, retention={"period": "five_years", "count_from": "fiscal_year", "kinds": {}})
    return tenant


@pytest.fixture
def clerk(tosu):
    return factories.staff(tosu, Role.DRAFTER)


def row(file="契約書.pdf", done="") -> str:
    return ROW.format(file=file, done=done)


def package(*rows: str, head=HEAD, **papers: bytes) -> bytes:
    """Pack papers by their names without .pdf, under an index of the rows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("索引.csv", "\r\n".join([head, *rows]))
        for name, content in papers.items():
            made.writestr(f"{name}.pdf", content)
    return out.getvalue()


def preview(clerk, content: bytes) -> ImportJob:
    return importing.preview(
        actor=clerk, at=timezone.now(), kind=ImportKind.ELSEWHERE, name="他社の契約.zip", content=content
    )


def apply(job, clerk) -> ImportJob:
    return importing.apply(job, actor=clerk, at=timezone.now(), seen=digest(job.report))


def reasons(job) -> list[str]:
    return [reason for each in job.report["rows"] for _, reason in each["problems"]]


def test_a_contract_comes_in_as_it_is_beside_our_own(tosu, clerk):
    content = factories.pdf(2)
    apply(preview(clerk, package(row(done="R4.3.25"), 契約書=content)), clerk)

    taken = ForeignContract.unscoped.get()
    assert files.read(taken.file) == content
    assert (taken.pages, taken.verdict, taken.report["told"]) == (2, "UNSIGNED", "電子署名なし")
    assert (taken.party, taken.amount, taken.concluded_date) == ("㈱髙﨑建設", 11_000_000, date(2021, 7, 1))
    found = searching.search(Wanted(parties=("高崎建設",)), actor=clerk)
    entry = ArchiveEntry.unscoped.get(subject=taken.subject)
    assert [each.pk for each in found.entries] == [entry.pk]
    assert entry.case is None
    assert Custody.unscoped.get(foreign=taken).ends_date == date(2027, 3, 31)
    assert DocumentText.unscoped.get().subject == taken.subject
    assert Event.objects.filter(tenant_id=tosu.pk, action="import.applied").exists()
    assert list(papers.flaws([taken.file], tenant_id=tosu.pk)) == [], "the nightly check finds it in the journal"


def test_a_dry_run_writes_no_contract_and_tells_the_verdict_of_each(clerk):
    job = preview(clerk, package(row(), 契約書=factories.pdf()))

    assert not ForeignContract.unscoped.exists()
    assert "電子署名なし" in job.report["rows"][0]["notes"]


def test_a_signed_contract_tells_by_whom_and_when(db):
    told = story().concluded()
    version = told.version
    content = content_of(version.documents.order_by("order").first())
    job = preview(told.drafter, package(row(), 契約書=content))
    apply(job, told.drafter)

    taken = ForeignContract.unscoped.get()
    assert taken.verdict == "VALID"
    assert "署名の検証: 合格" in taken.report["told"]
    assert "タイムスタンプ" in taken.report["told"]
    assert "署名者" in taken.report["told"]


def test_an_altered_contract_comes_in_with_what_is_wrong_with_it(db):
    told = story().concluded()
    content = bytearray(content_of(told.version.documents.order_by("order").first()))
    content[content.index(b"/MediaBox") + 11] ^= 1
    job = preview(told.drafter, package(row(), 契約書=bytes(content)))

    assert "不合格" in "".join(job.report["rows"][0]["notes"] + reasons(job))


def test_good_rows_come_in_and_each_bad_row_says_why(clerk):
    papers = {"良い": factories.pdf(), "壊れた": b"%PDF-1.7 nonsense", "鍵付き": factories.pdf(password="x")}
    rows = [row("良い.pdf"), row("壊れた.pdf"), row("鍵付き.pdf"), row("無い.pdf")]
    job = apply(preview(clerk, package(*rows, **papers)), clerk)

    assert [each.name for each in ForeignContract.unscoped.all()] == ["良い.pdf"]
    told = " ".join(reasons(job))
    assert "PDFとして開けない" in told
    assert "パスワードなどの保護" in told
    assert "いっしょに届いていません" in told


def test_the_same_bytes_come_in_once(clerk):
    content = factories.pdf()
    twins = preview(clerk, package(row("一.pdf"), row("二.pdf"), 一=content, 二=content))
    assert any("内容が同じ" in reason for reason in reasons(twins))
    apply(twins, clerk)

    again = preview(clerk, package(row(), 契約書=content))

    assert any("すでに取り込まれています（元町橋" in reason for reason in reasons(again))
    with pytest.raises(ImportRefused, match="取り込む行がありません"):
        apply(again, clerk)


def test_a_formula_in_the_index_is_refused(clerk):
    wicked = row().replace("元町橋橋梁補修工事", '"=HYPERLINK(""http://example.jp"")"')

    job = preview(clerk, package(wicked, 契約書=factories.pdf()))

    assert any("計算式" in reason for reason in reasons(job))


def test_a_file_that_no_row_names_is_told_and_left_out(clerk):
    job = apply(preview(clerk, package(row(), 契約書=factories.pdf(), 余り=factories.pdf(2))), clerk)

    assert "余り.pdf" in job.report["remarks"][0]
    assert ForeignContract.unscoped.count() == 1


@pytest.mark.parametrize("end", [apply, lambda job, clerk: importing.discard(job, actor=clerk, at=timezone.now())])
def test_the_package_is_not_kept_beyond_its_import(clerk, end):
    job = end(preview(clerk, package(row(), 契約書=factories.pdf())), clerk)

    assert job.file is None
    assert not StoredFile.objects.filter(sha256=job.sha256).exists()


def test_a_crash_in_the_middle_takes_nothing_in_and_it_may_be_tried_again(clerk, monkeypatch):
    content = package(row("一.pdf"), row("二.pdf"), 一=factories.pdf(), 二=factories.pdf(2))
    job = preview(clerk, content)
    begun = []

    def die(foreign, **_later):
        begun.append(foreign.pk)
        if len(begun) > 1:
            raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(terms, "begin", die)
        with pytest.raises(SystemExit):
            apply(job, clerk)
    job.refresh_from_db()
    assert (ForeignContract.unscoped.count(), ArchiveEntry.unscoped.count(), job.state) == (0, 0, ImportState.PREVIEWED)

    apply(job, clerk)

    assert ForeignContract.unscoped.count() == 2


def test_what_was_verified_in_the_dry_run_is_not_verified_again(clerk, monkeypatch):
    job = preview(clerk, package(row(), 契約書=factories.pdf()))
    monkeypatch.setattr(import_elsewhere, "verify", None)

    assert apply(job, clerk).state == ImportState.APPLIED


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.APPROVER, Role.SIGNATORY, Role.GUARANTEE_OFFICER])
def test_others_take_nothing_in(tosu, role):
    with pytest.raises(PermissionDenied):
        preview(factories.staff(tosu, role), package(row(), 契約書=factories.pdf()))


def test_an_empty_package_says_so(clerk):
    with pytest.raises(ImportRefused, match="PDF が一つも"):
        preview(clerk, package(row()))
