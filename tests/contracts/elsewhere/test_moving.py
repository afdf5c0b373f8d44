"""Operators move thousands of contracts from a folder, one by one, and go on where they were stopped."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from accounts.tenancy import acting_for
from audit.models import Event
from contracts.models import ArchiveEntry, Custody, DocumentText, ForeignContract, ImportJob
from contracts.services.keeping import terms
from contracts.services.register import moving
from tests import factories
from tests.contracts.elsewhere.test_taking_in import HEAD, row
from vault import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def tosu(db):
    tenant = factories.city("tosu")
    factories.rule_set(tenant, retention={"period": "five_years", "count_from": "fiscal_year", "kinds": {}})
    return tenant


@pytest.fixture
def clerk(tosu):
    return factories.staff(tosu, Role.ADMINISTRATOR)


@pytest.fixture
def laid(tmp_path):
    """Lay papers by their names without .pdf in a folder, under an index of the rows beside it."""

    def lay(*rows: str, **papers: bytes):
        folder = tmp_path / "契約書"
        folder.mkdir(exist_ok=True)
        for name, content in papers.items():
            (folder / f"{name}.pdf").write_bytes(content)
        (tmp_path / "索引.csv").write_text("\r\n".join([HEAD, *rows]), encoding="utf-8-sig")
        return tmp_path / "索引.csv", folder

    return lay


def run(paths, clerk, *options: str, city="tosu") -> tuple[str, str, int]:
    """Run the command; what it said, what it complained of, and how it ended."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_elsewhere", city, *map(str, paths), "--by", clerk.email, *options, stdout=out, stderr=err)
    except CommandError as refused:
        return out.getvalue(), err.getvalue() + str(refused), refused.returncode
    return out.getvalue(), err.getvalue(), 0


def happened(tosu, action: str) -> list[Event]:
    return list(Event.objects.filter(tenant_id=tosu.pk, action=action))


def three(laid):
    papers = {"一": factories.pdf(1), "二": factories.pdf(2), "三": factories.pdf(3)}
    return laid(row("一.pdf"), row("二.pdf", done="R4.3.25"), row("三.pdf"), **papers)


def test_each_contract_of_a_folder_comes_in_as_from_the_page(tosu, clerk, laid):
    paths = three(laid)
    out, err, code = run(paths, clerk)

    taken = ForeignContract.unscoped.get(name="二.pdf")
    assert (code, err) == (0, "")
    assert "取り込みました。令和3年7月1日" in out
    assert "電子署名なし" in out
    assert "取り込んだ契約 3件、すでにある契約 0件、取り込めない行 0件" in out
    assert files.read(taken.file) == (paths[1] / "二.pdf").read_bytes()
    assert (taken.taken_in_by_id, taken.verdict) == (clerk.user_id, "UNSIGNED")
    assert Custody.unscoped.get(foreign=taken).ends_date is not None
    assert {ArchiveEntry.unscoped.count(), DocumentText.unscoped.count(), len(happened(tosu, "foreign.taken_in"))} == {
        3
    }
    job, (told,) = ImportJob.unscoped.get(), happened(tosu, "import.applied")
    assert told.subject == f"import:{job.pk}"
    assert (json.loads(told.data)["new"], len(job.report["rows"]), job.file) == (3, 3, None)


def test_a_dry_run_tells_each_verdict_and_writes_nothing(tosu, clerk, laid):
    out, _, code = run(three(laid), clerk, "--dry-run")

    assert code == 0
    assert out.count("取り込めます。") == 3
    assert "書き込んでいません（--dry-run）。" in out
    assert not ForeignContract.unscoped.exists()
    assert not ImportJob.unscoped.exists()
    assert not happened(tosu, "import.applied")


def test_bad_rows_say_why_and_the_command_ends_with_1(tosu, clerk, laid):
    papers = {
        "良い": factories.pdf(),
        "壊れた": b"%PDF-1.7 nonsense",
        "双子": factories.pdf(),
        "余り": factories.pdf(2),
    }
    papers["双子"] = papers["良い"]
    paths = laid(row("良い.pdf"), row("壊れた.pdf"), row("双子.pdf"), row("無い.pdf"), row("リンク.pdf"), **papers)
    (paths[1] / "リンク.pdf").symlink_to(paths[0])

    out, err, code = run(paths, clerk)

    assert code == 1
    assert [each.name for each in ForeignContract.unscoped.all()] == ["良い.pdf"]
    for reason in (
        "PDFとして開けない",
        "2行目のファイルと、内容が同じ",
        "いっしょに届いていません",
        "ファイルではありません",
    ):
        assert reason in err
    assert "索引に無いファイルは取り込みません: 余り.pdf。" in out
    assert "取り込んだ契約 1件、すでにある契約 0件、取り込めない行 4件" in out
    assert ImportJob.unscoped.get().report["counts"]["refused"] == 4

    out, err, code = run(paths, clerk)
    assert ("2行目のファイルと、内容が同じ" in err, code) == (True, 1)
    assert "すでにある契約 1件、取り込めない行 4件" in out


def test_a_crash_in_the_middle_then_a_second_run_gives_each_once(tosu, clerk, laid, monkeypatch):
    paths, begun, begin = three(laid), [], terms.begin

    def die(foreign, **asked):
        begun.append(foreign.pk)
        if len(begun) > 1:
            raise SystemExit
        return begin(foreign, **asked)

    with monkeypatch.context() as broken:
        broken.setattr(terms, "begin", die)
        with pytest.raises(SystemExit):
            run(paths, clerk)
    assert [each.name for each in ForeignContract.unscoped.all()] == ["一.pdf"]
    assert [each["title"] for each in ImportJob.unscoped.get().report["rows"]] == ["第12号 元町橋橋梁補修工事"]

    out, _, code = run(paths, clerk)

    assert code == 0
    assert "飛ばします。同じ内容のファイルが、すでに取り込まれています（元町橋" in out
    assert "取り込んだ契約 2件、すでにある契約 1件、取り込めない行 0件" in out
    assert sorted(each.name for each in ForeignContract.unscoped.all()) == ["一.pdf", "三.pdf", "二.pdf"]
    assert {ArchiveEntry.unscoped.count(), Custody.unscoped.count(), len(happened(tosu, "foreign.taken_in"))} == {3}


def test_a_run_that_brings_nothing_new_writes_nothing(tosu, clerk, laid):
    paths = three(laid)
    run(paths, clerk)

    out, _, code = run(paths, clerk)

    assert (code, out.count("飛ばします。")) == (0, 3)
    assert ImportJob.unscoped.count() == 1
    assert len(happened(tosu, "import.applied")) == 1


def test_rows_stand_in_one_import_for_each_batch(tosu, clerk, laid, monkeypatch):
    monkeypatch.setattr(moving, "BATCH", 2)

    run(three(laid), clerk)

    assert [len(job.report["rows"]) for job in ImportJob.unscoped.order_by("pk")] == [2, 1]
    assert len(happened(tosu, "import.applied")) == 2


def test_the_contracts_of_another_city_are_left_as_they_are(tosu, clerk, laid):
    other = factories.city("saga")
    factories.rule_set(other)
    theirs = factories.staff(other, Role.ADMINISTRATOR)
    paths = three(laid)
    run(paths, theirs, city="saga")
    before = list(ForeignContract.unscoped.filter(tenant=other).order_by("pk").values())

    out, _, code = run(paths, clerk)

    assert (code, len(before)) == (0, 3)
    assert "取り込んだ契約 3件、すでにある契約 0件" in out
    assert list(ForeignContract.unscoped.filter(tenant=other).order_by("pk").values()) == before
    with acting_for(tosu.pk):
        assert ForeignContract.unscoped.filter(tenant=tosu).count() == 3


def test_a_file_that_changes_after_its_look_is_refused(tosu, clerk, laid, monkeypatch):
    index, folder = laid(row("二.pdf"), 二=factories.pdf(2))
    look = moving.Move.look

    def then_changed(move, *asked, **at):
        planned = look(move, *asked, **at)
        (folder / "二.pdf").write_bytes(factories.pdf(9))
        return planned

    monkeypatch.setattr(moving.Move, "look", then_changed)

    _, err, code = run((index, folder), clerk)

    assert ("ファイルの中身が変わりました" in err, code) == (True, 1)
    assert not ForeignContract.unscoped.exists()
    assert not ImportJob.unscoped.exists()


def test_who_answers_for_it_must_keep_the_records_of_that_city(tosu, clerk, laid):
    paths = three(laid)
    auditor, stranger = factories.staff(tosu, Role.AUDITOR), factories.staff(factories.city("saga"), Role.ADMINISTRATOR)

    assert "役割がありません" in run(paths, auditor)[1]
    assert "登録されていません" in run(paths, stranger)[1]
    assert "自治体は登録されていません" in run(paths, clerk, city="nowhere")[1]
    assert "を読めません" in run((paths[0].parent / "無い.csv", paths[1]), clerk)[1]
    assert not ForeignContract.unscoped.exists()


def test_the_database_waits_for_no_verification(clerk, laid, monkeypatch, django_assert_num_queries):
    look = moving.Move.look

    def looked(move, *asked, **at):
        with django_assert_num_queries(0):
            return look(move, *asked, **at)

    monkeypatch.setattr(moving.Move, "look", looked)

    assert run(three(laid), clerk)[2] == 0
