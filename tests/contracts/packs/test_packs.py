"""A pack opened in an empty folder tells everything about its cases, and proves itself without us."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from audit.models import Event
from contracts.models import Document, ForeignContract
from contracts.packs import papers
from contracts.packs.writing import pack
from contracts.reading import content_of
from signing import setup
from tests import factories
from tests.architecture.scene import written
from tests.contracts.elsewhere.test_taking_in import apply, package, preview, row
from tests.contracts.packs.conftest import KEY, NOTICE, SCREEN
from tests.stories import Story
from vault.errors import Damaged, Destroyed

RECORD = "記録.html"


def begun(told: Story, *threads: str, by=None):
    auditor = by or factories.staff(told.tenant, Role.AUDITOR)
    wanted = threads or (told.case.thread,)
    return pack(wanted, title="定期監査", actor=auditor, at=timezone.now(), trust=setup.trust())


def taken(told: Story, *threads: str, by=None) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(begun(told, *threads, by=by))))


def member(archive: zipfile.ZipFile, ending: str) -> str:
    (name,) = (name for name in archive.namelist() if name.endswith(ending))
    return name


def verified(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", *options, "verify.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PYTHONUTF8": "1"}, check=False)


def test_an_opened_pack_verifies_outside_the_project(told, tmp_path):
    taken(told).extractall(tmp_path)

    alone, with_packages = verified(tmp_path, "-S"), verified(tmp_path)

    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "pyhanko がないので" in alone.stdout
    assert with_packages.returncode == 0, with_packages.stdout + with_packages.stderr
    assert "まだ錨に" not in with_packages.stdout
    for certificate in tmp_path.rglob("*合意締結証明書.pdf"):
        assert f"{certificate.relative_to(tmp_path)}: PDF の署名" in with_packages.stdout


def test_a_pack_with_a_file_exchanged_does_not_verify(told, tmp_path):
    taken(told).extractall(tmp_path)
    page = next(tmp_path.rglob(RECORD))
    page.write_text(page.read_text().replace("11,000,000", "12,000,000"))

    assert verified(tmp_path, "-S").returncode == 1


def test_a_pack_holds_every_paper_as_it_is_kept(told):
    archive = taken(told)

    for document in Document.unscoped.filter(version=told.version):
        assert archive.read(member(archive, f"_{document.order}_{document.title}.pdf")) == content_of(document)
    held = {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert {each.paper.sha256 for each in told.consent.submissions.select_related("paper")} <= held
    assert hashlib.sha256(SCREEN).hexdigest() in held


def test_the_manifest_lists_every_file_and_the_event_that_named_it(told):
    archive = taken(told)
    manifest = json.loads(archive.read("manifest.json"))
    listed = {each["path"]: each for each in manifest["files"]}

    assert set(listed) == set(archive.namelist()) - {"manifest.json"}
    for name, each in listed.items():
        content = archive.read(name)
        assert (each["size"], each["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        if "契約書類" in name or "承諾書/" in name:
            event = Event.objects.get(tenant_id=told.tenant.pk, seq=each["event"])
            assert each["sha256"] in event.text


def test_the_record_tells_approvals_signers_consent_guarantee_and_log(told):
    archive = taken(told)
    page, record = (
        archive.read(member(archive, RECORD)).decode(),
        json.loads(archive.read(member(archive, "/記録.json"))),
    )

    (agreement,) = record["agreements"]
    assert [act["who"] for step in agreement["approvals"] for act in step["acts"]] == [told.approver.name]
    assert [signer["party"] for signer in agreement["signers"]] == ["受注者", "発注者"]
    assert record["consents"][0]["state"] == "承諾済"
    assert [line["number"] for line in record["保証"] if line["number"]] == ["2012345678"]
    for text in (told.approver.name, told.signatory.name, "承諾済", "2012345678", "検証のうえ締結を確定", "保証を照合"):
        assert text in page


def test_our_own_verdict_stands_in_the_pack_for_people_and_for_machines(told):
    archive = taken(told)
    page = archive.read(member(archive, "検証結果.html")).decode()
    verdicts = json.loads(archive.read(member(archive, "検証結果.json")))

    signed = [each for each in verdicts if each["report"]]
    assert [each["report"]["verdict"] for each in signed] == ["VALID"] * 3
    assert all(each["report"]["sha256"] == each["recorded_sha256"] for each in signed)
    assert page.count("合格：") == 3


def test_nothing_in_a_pack_opens_a_guarantee(told):
    archive = taken(told)

    for name in archive.namelist():
        assert KEY.encode() not in archive.read(name), name
    assert NOTICE not in [archive.read(name) for name in archive.namelist()]
    assert "認証キーが書かれているため" in archive.read(member(archive, RECORD)).decode()


def test_the_pages_of_a_pack_lead_only_to_files_in_it(told):
    archive = taken(told)

    for page in (name for name in archive.namelist() if name.endswith(".html")):
        text = archive.read(page).decode()
        folder = Path(page).parent
        for address in re.findall(r'(?:href|src)="([^"]+)"', text):
            target = (folder / unquote(address)).as_posix().replace("0001_" + folder.name[5:] + "/../", "")
            assert target in archive.namelist(), (page, address)
        assert not re.search(r"https?:|<script|@import|url\(", text)


def test_the_index_has_room_for_the_auditor(told):
    archive = taken(told)
    (row,) = csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")))

    assert (row["工事番号"], row["署名の検証"], row["承諾"]) == (told.case.number, "合格", "承諾済")
    assert (row["契約金額（円）"], row["確認（記入欄）"], row["所見（記入欄）"]) == ("11000000", "", "")
    assert row["フォルダー"] + "/" + RECORD in archive.namelist()


def test_a_pack_writes_nothing_but_who_took_it(told):
    auditor = factories.staff(told.tenant, Role.AUDITOR)
    before = written()

    taken(told, by=auditor)

    assert set(written() - before) == {"audit_event", "audit_head"}
    last = Event.objects.of_thread(told.tenant.pk, told.case.thread).first()
    assert (last.action, auditor.name in last.actor_name) == ("pack.taken", True)


def test_a_case_of_another_city_is_not_packed(told):
    usuki = factories.city("usuki")
    stranger = factories.staff(usuki, *Role)

    archive = taken(told, by=stranger)

    assert set(archive.namelist()) == {"verify.py", "index.csv", "index.html", "manifest.json"}


@pytest.mark.parametrize(
    ("trouble", "said"), [(Damaged, "壊れているため入れていません"), (Destroyed, "保存期間が満了し廃棄済み")]
)
def test_what_is_damaged_or_disposed_of_is_left_out_and_said(told, monkeypatch, trouble, said):
    spoiled = Document.unscoped.get(version=told.version, order=2)
    real = papers.reading.mapped

    def mapped(document):
        if document == spoiled:
            raise trouble("試験")
        return real(document)

    monkeypatch.setattr(papers.reading, "mapped", mapped)
    archive = taken(told)

    assert not [name for name in archive.namelist() if name.endswith(f"_2_{spoiled.title}.pdf")]
    for page in ("index.html", "index.csv", member(archive, RECORD)):
        assert said in archive.read(page).decode()


def test_a_contract_of_elsewhere_is_packed_with_its_paper_and_what_was_found_in_it(told, tmp_path):
    clerk, content = factories.staff(told.tenant, Role.DRAFTER), factories.pdf(2)
    factories.rule_set(told.tenant, retention={"period": "five_years", "count_from": "fiscal_year", "kinds": {}})
    apply(preview(clerk, package(row(), 契約書=content)), clerk)
    foreign = ForeignContract.unscoped.get()

    archive = taken(told, told.case.thread, foreign.subject)

    assert archive.read(member(archive, "0002_第12号/契約書類/契約書.pdf")) == content
    assert "元町橋橋梁補修工事" in archive.read(member(archive, "0002_第12号/記録.html")).decode()
    last = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))[-1]
    assert (last["相手方"], last["契約確定日時・契約日"], last["署名の検証"]) == (
        "㈱髙﨑建設",
        "2021-07-01",
        "署名なし",
    )
    archive.extractall(tmp_path)
    assert verified(tmp_path, "-S").returncode == 0


def test_the_first_bytes_leave_before_anything_is_read(told):
    auditor = factories.staff(told.tenant, Role.AUDITOR)

    with CaptureQueriesContext(connection) as asked:
        first = next(begun(told, by=auditor))

    assert first.startswith(b"PK")
    assert len(asked) == 0


def test_one_file_is_fetched_when_the_one_before_has_left(told, monkeypatch):
    fetched, real = [], papers.fetch
    monkeypatch.setattr(papers, "fetch", lambda paper, **about: fetched.append(paper.path) or real(paper, **about))
    out = b""

    for piece in begun(told):
        out += piece
        assert all(path.rpartition("/")[2].encode() in out for path in fetched[:-1])
    assert len(fetched) >= 5


def test_the_questions_asked_for_a_case_do_not_depend_on_how_many_came_before(told):
    others = [factories.case(told.tenant, by=told.drafter).thread for _ in range(4)]
    auditor = factories.staff(told.tenant, Role.AUDITOR)

    def questions(*threads: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            taken(told, *threads, by=auditor)
        return len(asked)

    assert questions(*others[1:]) == 3 * questions(others[0])


@pytest.mark.parametrize(
    "number", ["../../etc", "=cmd|' /C calc'!A0", "CON", "鳥工\u202e第1号", "長" * 60], ids=range(5)
)
def test_hostile_numbers_stay_inside_the_folder(told, number):
    odd = factories.case(told.tenant, by=told.drafter, number=number)

    archive = taken(told, odd.thread)

    (folder,) = {name.split("/")[0] for name in archive.namelist() if "/" in name}
    assert folder.startswith("0001_")
    assert not set(folder) & set('/\\:*?"<>|')
    (row,) = csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")))
    assert not row["工事番号"].startswith("=")
