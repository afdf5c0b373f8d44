"""A city takes everything along, and can read and prove it without this product."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import connections

from accounts import tenancy
from audit.models import Event
from config.exporting import folder, handing, placing, tables
from contracts.models import Case, Document
from contracts.reading import content_of
from guarantees.models import Guarantee
from tests.config.backups.conftest import run
from tests.config.exporting.conftest import STRANGER, Handed
from tests.contracts.packs.conftest import KEY
from tests.guarantees import seeking
from vault.models import StoredFile

pytestmark = pytest.mark.xdist_group("exports")


def table(handed: Handed, label: str) -> list[dict]:
    [model] = [each for each in placing.exported() if each._meta.label == label]
    return json.loads((handed.folder / tables.path_of(model, "json")).read_text(encoding="utf-8"))


def verified(place: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "verify.py"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, env={"PYTHONUTF8": "1"}, check=False)


def test_it_proves_itself_without_us(handed: Handed):
    answer = verified(handed.folder)

    assert answer.returncode == 0, answer.stdout
    assert "×" not in answer.stdout


def test_a_changed_file_is_noticed(handed: Handed, tmp_path):
    copy = Path(shutil.copytree(handed.folder, tmp_path / "copy"))
    [path, *_] = copy.glob("契約/case-*/契約書類/*.pdf")
    path.write_bytes(path.read_bytes() + b" ")

    assert verified(copy).returncode == 1


def test_the_manifest_names_every_file_with_its_hash(handed: Handed):
    manifest = json.loads((handed.folder / "manifest.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry for entry in manifest["files"]}

    assert set(listed) | {"manifest.json"} == handed.paths()
    for path, entry in listed.items():
        content = (handed.folder / path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["size"], entry["sha256"]), path
    assert hashlib.sha256((handed.folder / "manifest.json").read_bytes()).hexdigest() in handed.said


def test_every_concluded_document_is_there_byte_for_byte(handed: Handed):
    with tenancy.acting_for(handed.story.tenant.pk):
        concluded = Document.unscoped.filter(version__state="concluded", removed_at=None)
        wanted = {content_of(document) for document in concluded}

    there = {path.read_bytes() for path in handed.folder.glob("契約/case-*/契約書類/*.pdf")}
    assert wanted == there
    assert len(wanted) >= 3


def test_every_kept_file_is_there_by_its_hash(handed: Handed):
    with tenancy.acting_for(handed.story.tenant.pk):
        kept = set(StoredFile.objects.filter(tenant_id=handed.story.tenant.pk).values_list("sha256", flat=True))
        tails = set(Document.unscoped.filter(removed_at=None).values_list("revisions__tail__sha256", flat=True))
        notices = set(Guarantee.unscoped.get().papers.filter(slot="notice").values_list("sha256", flat=True))

    there = {path.name for path in handed.folder.glob("ファイル/*/*")}
    assert there == kept - tails - notices
    for path in handed.folder.glob("ファイル/*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_every_row_of_the_city_is_there_and_none_of_another(handed: Handed):
    for model in placing.exported():
        with tenancy.acting_for(handed.story.tenant.pk):
            kept = model._base_manager.filter(tables._of_city(model, handed.story.tenant.pk))
            rows = table(handed, model._meta.label)
            # 書き出したことの出来事は、書き出したものより後にある
            is_log = model._meta.label == "audit.Event"
            count = kept.filter(seq__lte=max(int(row["seq"]) for row in rows)).count() if is_log else kept.count()
        with (handed.folder / tables.path_of(model, "csv")).open(encoding="utf-8-sig", newline="") as file:
            heading, *cells = csv.reader(file)
        assert (len(rows), len(cells)) == (count, count), model._meta.label
        assert len(set(heading)) == len(heading) == len(placing.columns(model))
    assert {row["number"] for row in table(handed, "contracts.Case")} == {handed.story.case.number, "=1+1"}
    whole = b"".join(path.read_bytes() for path in handed.folder.rglob("*") if path.is_file())
    assert STRANGER.encode() not in whole


def test_no_spreadsheet_runs_a_cell(handed: Handed):
    for path in handed.folder.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(("=", "+", "@"))], path


def test_the_key_leaves_only_when_asked_for_with_a_reason(handed: Handed, tmp_path):
    room = seeking.files(handed.folder)
    assert seeking.found([KEY], *(content for _, content in room)) == set()

    assert "--reason" in run("export_tenant", "tosu", str(tmp_path / "no"), "--with-keys")[1]
    code, said = run(
        "export_tenant", "tosu", str(tmp_path / "keys"), "--with-keys", "--reason", "契約の終了による引渡し"
    )

    assert code == 0, said
    assert KEY in (tmp_path / "keys/認証キー.csv").read_text(encoding="utf-8-sig")
    assert "認証キーが入っています" in (tmp_path / "keys/index.html").read_text(encoding="utf-8")
    with tenancy.acting_for(handed.story.tenant.pk):
        begun = Event.objects.of_thread(handed.story.tenant.pk, "city").filter(action="city.export_begun").first()
    assert json.loads(begun.data) == {"reason": "契約の終了による引渡し", "with_keys": True}


def test_the_journal_names_the_manifest(handed: Handed):
    digest = hashlib.sha256((handed.folder / "manifest.json").read_bytes()).hexdigest()
    with tenancy.acting_for(handed.story.tenant.pk):
        events = Event.objects.of_thread(handed.story.tenant.pk, "city").filter(action="city.exported")
        assert digest in {json.loads(event.data)["manifest_sha256"] for event in events}


def test_the_pages_lead_to_every_case_and_table(handed: Handed):
    for page in [handed.folder / "index.html", *handed.folder.glob("一覧/*.html"), handed.folder / "契約/index.html"]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r'(?:href|src)="([^"#]+)"', text):
            assert (page.parent / unquote(target)).exists(), (page.name, target)
    rows = (handed.folder / "検索.js").read_text(encoding="utf-8")
    with tenancy.acting_for(handed.story.tenant.pk):
        assert all(json.dumps(case.title, ensure_ascii=False) in rows for case in Case.unscoped.all())


@pytest.mark.parametrize("fails_at", [1, 3, 40])
def test_an_interrupted_export_goes_on_and_ends_the_same(handed: Handed, tmp_path, monkeypatch, fails_at):
    put, count = folder.Folder._append, 0

    def append(self, told):
        nonlocal count
        count += 1
        if count == fails_at + 1:
            raise OSError(28, "No space left on device")
        put(self, told)

    place = tmp_path / "again"
    monkeypatch.setattr(folder.Folder, "_append", append)
    code, said = run("export_tenant", "tosu", str(place))
    assert (code, "続きから" in said, (place / "manifest.json").exists()) == (1, True, False)
    monkeypatch.undo()

    code, said = run("export_tenant", "tosu", str(place))

    assert code == 0, said
    assert verified(place).returncode == 0
    assert {each.relative_to(place).as_posix() for each in place.rglob("*") if each.is_file()} == handed.paths()


def test_a_torn_note_of_progress_is_taken_back(played, tmp_path):
    header = {"format": "x"}
    begun = folder.Folder(tmp_path / "f", header=header)
    begun.write(folder.Unit("a"), [("a.txt", [b"a"])])
    with (tmp_path / "f" / folder.PROGRESS).open("ab") as file:
        file.write(b'{"unit": "b", "fil')

    again = folder.Folder(tmp_path / "f", header=header)

    assert (again.has("a"), again.has("b"), [unit.name for unit in again.units()]) == (True, False, ["a"])


def test_a_case_to_which_something_happened_meanwhile_is_written_anew(tmp_path):
    begun = folder.Folder(tmp_path, header={})
    begun.write(folder.Unit("case:1", mark=5), [("契約/1/a.txt", [b"a"])], folder="契約/1")

    assert (begun.has("case:1", mark=5), begun.has("case:1", mark=6)) == (True, False)
    begun.write(folder.Unit("case:1", mark=6), [("契約/1/b.txt", [b"b"])], folder="契約/1")

    assert [unit.files[0]["path"] for unit in begun.units()] == ["契約/1/b.txt"]
    assert not (tmp_path / "契約/1/a.txt").exists()


def test_a_folder_of_something_else_is_left_alone(handed: Handed, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    assert "空ではありません" in run("export_tenant", "tosu", str(tmp_path))[1]
    assert "書き出し終えた" in run("export_tenant", "tosu", str(handed.folder))[1]
    assert "登録されていません" in run("export_tenant", "nowhere", str(tmp_path / "x"))[1]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_damaged_file_is_named_and_the_rest_handed_over(handed: Handed, tmp_path):
    with tenancy.acting_for(handed.story.tenant.pk):
        stored = StoredFile.objects.get(tenant_id=handed.story.tenant.pk, size=len(b"a paper that no row names"))
    path = Path(handing.papers.reading.files._storage().path(stored.path))
    content = path.read_bytes()
    path.write_bytes(content[:-1])

    code, said = run("export_tenant", "tosu", str(tmp_path / "out"))
    path.write_bytes(content)

    assert (code, stored.sha256 in said) == (1, True)
    assert stored.sha256 in (tmp_path / "out/欠けているもの.csv").read_text(encoding="utf-8-sig")
    assert verified(tmp_path / "out").returncode == 0
    assert connections["default"].in_atomic_block is False
