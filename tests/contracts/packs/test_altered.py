"""Packs that were altered: each is found out in an empty folder, by Python alone, and by what was altered."""

import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone

from accounts.models import Role
from audit import publishing
from audit.models import Anchor
from contracts.packs.writing import pack
from signing import setup
from signing.standalone import verify
from tests import factories
from tests.stories import Story


class Opened:
    """A pack in a folder, and the tools of somebody who alters it with care."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.proof_name = next(folder.glob("*/操作記録.json")).relative_to(folder).as_posix()
        self.proof: dict[str, Any] = self.read(self.proof_name)
        self.manifest: dict[str, Any] = self.read("manifest.json")
        self.entry = next(e for e in self.manifest["files"] if e["path"].endswith(".pdf") and "event" in e)
        self.paper: str = self.entry["path"]
        self.event = next(each for each in self.proof["events"] if each["seq"] == self.entry["event"])
        self.anchor = self.proof["anchors"][str(self.event["anchor"])]

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def keep(self) -> None:
        """Write everything down, and make the manifest agree with it."""
        (self.folder / self.proof_name).write_text(json.dumps(self.proof, ensure_ascii=False))
        for entry in self.manifest["files"]:
            if (self.folder / entry["path"]).exists():
                content = (self.folder / entry["path"]).read_bytes()
                entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest, ensure_ascii=False))

    def exchange_paper(self) -> None:
        path = self.folder / self.paper
        path.write_bytes(path.read_bytes() + b"%other")

    def tell_of_it(self) -> None:
        """Let the event name the paper that was exchanged."""
        now = hashlib.sha256((self.folder / self.paper).read_bytes()).hexdigest()
        self.event["text"] = self.event["text"].replace(self.entry["sha256"], now)

    def hash_event(self) -> None:
        self.event["hash"] = verify._sha256(self.event["previous_hash"] + self.event["text"])

    def grow_stretch(self) -> None:
        root = verify._reached(bytes.fromhex(self.event["hash"]), self.event["stretch"])
        self._put(self.anchor["city"], root=root)

    def grow_anchor(self) -> None:
        self._put(self.anchor, root=verify._reached(self.anchor["city"]["text"].encode(), self.anchor["city"]))

    def hash_anchor(self) -> None:
        self.anchor["hash"] = verify._sha256(self.anchor["previous_hash"] + self.anchor["text"])

    def _put(self, place: dict[str, Any], **values: Any) -> None:
        place["text"] = json.dumps(json.loads(place["text"]) | values, sort_keys=True, separators=(",", ":"))

    def alter_token(self, old: bytes, new: bytes) -> None:
        token = base64.b64decode(self.anchor["token"])
        assert token.count(old) == 1
        self.anchor["token"] = base64.b64encode(token.replace(old, new)).decode()


@pytest.fixture(scope="module")
def packed(told: Story, django_db_blocker, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    with django_db_blocker.unblock():
        auditor = factories.staff(told.tenant, Role.AUDITOR)
        pieces = pack((told.case.thread,), title="定期監査", actor=auditor, at=timezone.now(), trust=setup.trust())
        zipfile.ZipFile(io.BytesIO(b"".join(pieces))).extractall(folder)
    return folder


@pytest.fixture
def opened(packed: Path, tmp_path: Path) -> Opened:
    return Opened(Path(shutil.copytree(packed, tmp_path / "pack")))


def run(opened: Opened, *options: object, alone: bool = True) -> tuple[int, dict[str, Any]]:
    """Verify with the standard library alone, or with the packages of this machine; never with the project."""
    python = [sys.executable, "-I", *(["-S"] if alone else []), "verify.py", "--json", *map(str, options)]
    done = subprocess.run(
        python, cwd=opened.folder, capture_output=True, text=True, env={"PYTHONUTF8": "1"}, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def lines(found: dict[str, Any], kind: str) -> str:
    return "\n".join(f"{each['where']}: {each['what']}" for each in found[kind])


def rewritten(names: list[str]) -> Callable[[Opened], None]:
    """Rewrite a pack as far as these steps go, and leave the rest as it was."""

    def alter(opened: Opened) -> None:
        for name in names:
            getattr(opened, name)()
        opened.keep()

    return alter


def append_file(opened: Opened) -> None:
    (opened.folder / "付け足し.pdf").write_bytes(b"%PDF-1.7")


def remove_file(opened: Opened) -> None:
    (opened.folder / opened.paper).unlink()


def alter_index(opened: Opened) -> None:
    index = opened.folder / "index.csv"
    index.write_bytes(index.read_bytes() + b"\r\n2,other")


def forget_event(opened: Opened) -> None:
    opened.proof["events"].remove(opened.event)
    opened.keep()


def swap_events(opened: Opened) -> None:
    first, second, *rest = opened.proof["events"]
    opened.proof["events"] = [second, first, *rest]
    opened.keep()


def cut_link(opened: Opened) -> None:
    pairs = pairwise(opened.proof["events"])
    following = next(later for one, later in pairs if later["seq"] == one["seq"] + 1)
    following["previous_hash"] = "1" * 64
    following["hash"] = verify._sha256(following["previous_hash"] + following["text"])
    opened.keep()


def move_event(opened: Opened) -> None:
    opened.event["stretch"]["index"] += 1
    opened.keep()


def move_time(opened: Opened) -> None:
    at = verify.Token(base64.b64decode(opened.anchor["token"])).at
    opened.alter_token(f"{at:%Y%m%d%H%M%S}".encode(), f"{at.replace(year=2020):%Y%m%d%H%M%S}".encode())
    opened.keep()


def forge_token(opened: Opened) -> None:
    signature = verify.Token(base64.b64decode(opened.anchor["token"])).signature
    opened.alter_token(signature, signature[:-1] + bytes([signature[-1] ^ 1]))
    opened.keep()


def loosen_event(opened: Opened) -> None:
    opened.exchange_paper()
    opened.tell_of_it()
    opened.hash_event()
    opened.event["anchor"] = None
    opened.keep()


WHOLE = ["exchange_paper", "tell_of_it", "hash_event", "grow_stretch", "grow_anchor", "hash_anchor"]
ALTERED = {
    "a paper was exchanged": (Opened.exchange_paper, "{paper}: 中身が、目録の大きさと SHA-256 に一致しません"),
    "a paper and the manifest": (
        rewritten(WHOLE[:1]),
        "{paper}: SHA-256 が、操作記録の出来事 {seq} に書かれたものと違い",
    ),
    "a paper, the manifest and the event": (rewritten(WHOLE[:2]), "出来事 {seq}: 内容がハッシュ値と一致しません"),
    "… and the event's hash": (rewritten(WHOLE[:3]), "出来事 {seq}: 錨に収めた区間の出来事ではありません"),
    "… and the stretch": (rewritten(WHOLE[:4]), "出来事 {seq}: 自治体の区間が、錨 {anchor} の根に届きません"),
    "… and the root of the anchor": (
        rewritten(WHOLE[:5]),
        "出来事 {seq}: 錨 {anchor} の内容がハッシュ値と一致しません",
    ),
    "… and the hash of the anchor": (
        rewritten(WHOLE),
        "錨 {anchor}: タイムスタンプが、この錨のハッシュ値に対するものでは",
    ),
    "… and its anchor was left out": (loosen_event, "出来事 {seq}: 後の出来事は錨に収められているのに"),
    "a paper was taken out": (remove_file, "{paper}: 目録にあるファイルがないか、読めません"),
    "a paper was put in": (append_file, "付け足し.pdf: 目録（manifest.json）にないファイルです"),
    "the index was altered": (alter_index, "index.csv: 中身が、目録の大きさと SHA-256 に一致しません"),
    "an event was taken out": (forget_event, "{paper}: 対応する操作記録の出来事 {seq} が、一式にないか"),
    "two events changed places": (swap_events, "番号が正しくありません"),
    "an event follows another": (cut_link, "前の出来事とつながりません"),
    "an event stands elsewhere in its stretch": (move_event, "出来事 {seq}: 番号が、証明の位置と合いません"),
    "the time was altered": (move_time, "錨 {anchor}: タイムスタンプの中身が、署名された値と一致しません"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_pack_is_told_by_what_was_altered(opened, name):
    alter, expected = ALTERED[name]
    known = {"paper": opened.paper, "seq": opened.event["seq"], "anchor": opened.event["anchor"]}
    alter(opened)

    code, found = run(opened)

    assert code == 1
    assert expected.format(**known) in lines(found, "failed")


def test_an_unaltered_pack_holds_and_says_what_was_not_looked_into(opened):
    code, found = run(opened)

    assert (code, found["failed"], found["verdict"]) == (0, [], "held")
    assert "cryptography がないので確かめていません" in lines(found, "unchecked")
    assert "pyhanko がないので確かめていません" in lines(found, "unchecked")
    assert "--anchors" in lines(found, "unchecked")
    assert f"{opened.paper}: 操作記録の出来事 {opened.event['seq']} に書かれた SHA-256 と一致します" in lines(
        found, "held"
    )


def test_a_pack_without_any_anchor_proves_nothing_and_says_so(opened):
    for each in opened.proof["events"]:
        each["anchor"] = None
    opened.proof["anchors"] = {}
    opened.keep()

    code, found = run(opened)

    assert code == 0
    assert f"{opened.paper}: 操作記録の出来事 {opened.event['seq']} に" in lines(found, "unchecked")
    assert "まだ錨に収められていませんでした" in lines(found, "unchecked")
    assert "に書かれた SHA-256 と一致します" not in lines(found, "held")


def test_the_project_is_out_of_reach(opened):
    tried = "import importlib.util as u; assert not any(map(u.find_spec, ('audit', 'signing', 'contracts', 'config')))"

    assert subprocess.run([sys.executable, "-I", "-c", tried], cwd=opened.folder, check=False).returncode == 0


def test_with_packages_and_a_root_the_authority_and_the_signatures_are_verified(opened):
    code, found = run(opened, "--root", settings.TRUST_ROOTS, alone=False)

    assert (code, found["failed"]) == (0, [])
    assert "の署名は正しく計算できます" in lines(found, "held")
    assert f"{opened.paper}: PDF の署名とタイムスタンプ" in lines(found, "held")
    assert "--root なし" not in lines(found, "unchecked")


def test_a_forged_token_and_a_paper_behind_its_last_signature_are_found_with_packages(opened):
    forge_token(opened)
    opened.exchange_paper()
    del opened.entry["event"]
    opened.keep()

    code, found = run(opened, alone=False)

    assert code == 1
    assert f"錨 {opened.event['anchor']}: 時刻認証局の署名が正しくありません" in lines(found, "failed")
    assert f"{opened.paper}: 最後の署名の後ろに、署名に覆われていないデータがあります" in lines(found, "failed")


def test_another_root_is_not_trusted(opened, tmp_path):
    stranger = tmp_path / "root.pem"
    stranger.write_text(_root_of_nobody())

    code, found = run(opened, "--root", stranger, alone=False)

    assert code == 1
    assert "時刻認証局の証明書が、与えられたルート証明書につながりません" in lines(found, "failed")
    assert f"{opened.paper}: 署名 " in lines(found, "failed")


def test_the_anchors_are_compared_with_those_that_were_published(opened, tmp_path):
    number = opened.event["anchor"]
    anchors = list(Anchor.objects.filter(number__gt=number - publishing.MOST))
    (tmp_path / "good.json").write_text(publishing.listed(anchors))
    anchors[[each.number for each in anchors].index(number)].hash = "1" * 64
    (tmp_path / "other.json").write_text(publishing.listed(anchors))

    assert run(opened, "--anchors", tmp_path / "good.json")[0] == 0
    code, found = run(opened, "--anchors", tmp_path / "other.json")

    assert code == 1
    assert f"錨 {number}: 公開された錨の一覧に、この錨のハッシュ値がありません" in lines(found, "failed")


@pytest.mark.parametrize("path", ["../外.pdf", "/etc/passwd", "C:\\外.pdf", ""])
def test_a_manifest_that_leads_outside_is_no_manifest(opened, path):
    opened.manifest["files"].append({"path": path, "size": 0, "sha256": ""})
    (opened.folder / "manifest.json").write_text(json.dumps(opened.manifest))

    assert run(opened) == (2, {})


def test_without_a_manifest_or_a_proof_nothing_is_said_to_hold(opened):
    opened.proof["format"] = "other"
    opened.keep()
    assert run(opened)[0] == 1

    (opened.folder / "manifest.json").unlink()
    assert run(opened) == (2, {})


def _root_of_nobody() -> str:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=36500))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
