"""Every upload passes the scanner before its view, on whatever page."""

import base64
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contracts.elsewhere.folders import Folder
from contracts.elsewhere.packages import PackageRefused
from tests import clamav

BASE = Path(__file__).parents[2]
MALWARE = clamav.TEST_STRING.encode()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with clamav.running(tmp_path_factory.mktemp("clamd")) as (_socket, address):
        yield address


def upload(client, content: bytes):
    return client.post(reverse("public_verify"), {"file": SimpleUploadedFile("契約書.pdf", content)})


@pytest.mark.django_db
def test_an_infected_upload_is_refused_before_its_page_sees_it(client, settings, address):
    settings.CLAMD_ADDRESS = address

    answer = upload(client, MALWARE)

    assert answer.status_code == 422
    assert "ウイルスが見つかった" in answer.content.decode()


@pytest.mark.django_db
def test_a_clean_upload_reaches_its_page_whole(client, settings, address):
    settings.CLAMD_ADDRESS = address
    settings.CLAMD_ADDRESS, answered = "", upload(client, b"%PDF-1.7 " + b"x" * (3 << 18))
    settings.CLAMD_ADDRESS = address

    answer = upload(client, b"%PDF-1.7 " + b"x" * (3 << 18))

    assert (answer.status_code, len(answer.content)) == (answered.status_code, len(answered.content))


@pytest.mark.django_db
def test_with_the_scanner_away_nothing_is_taken_and_people_are_told_when_to_come_again(client, settings, tmp_path):
    settings.CLAMD_ADDRESS = str(tmp_path / "nobody.sock")

    answer = upload(client, b"%PDF-1.7")

    assert answer.status_code == 503
    assert "数分後に" in answer.content.decode()


@pytest.mark.django_db
def test_a_body_that_is_a_file_is_scanned_too(client, settings, address):
    settings.CLAMD_ADDRESS = address

    answer = client.post(reverse("public_verify"), MALWARE, content_type="application/pdf")

    assert answer.status_code == 422


def test_a_folder_taken_in_by_command_is_scanned(settings, address, tmp_path):
    settings.CLAMD_ADDRESS = address
    (tmp_path / "a.pdf").write_bytes(MALWARE)

    with pytest.raises(PackageRefused, match="ウイルス"):
        Folder(tmp_path).read("a.pdf")


@pytest.mark.parametrize(
    "written",
    [
        lambda file: file.decode(),
        lambda file: f"data:application/pdf;base64,{file.decode()}",
        lambda file: file.decode().replace("+", "-").replace("/", "_").rstrip("="),
        lambda file: "\n".join(file.decode()[at : at + 76] for at in range(0, len(file), 76)),
    ],
    ids=["plain", "address", "for urls", "in lines"],
)
@pytest.mark.django_db
def test_a_file_inside_json_is_scanned_too(client, settings, address, written):
    settings.CLAMD_ADDRESS = address
    file = base64.b64encode(MALWARE.ljust(300))
    body = json.dumps({"document": [{"content": written(file)}]})

    answer = client.post(reverse("public_verify"), body, content_type="application/json")

    assert answer.status_code == 422
    assert "ウイルス" in answer.json()["detail"]


@pytest.mark.django_db
def test_words_inside_json_are_not_sent_to_the_scanner(client, settings, tmp_path):
    settings.CLAMD_ADDRESS = str(tmp_path / "nobody.sock")
    body = json.dumps({"title": "市道改良工事" * 100, "number": "12", "amounts": [1, 2]})

    assert client.post(reverse("public_verify"), body, content_type="application/json").status_code != 503


# バイトが保管庫に入る所のすべてと、そのバイトが clamd を通った所
DOORS = {
    "contracts/services/register/importing.py": "画面",
    "contracts/services/register/import_elsewhere.py": "画面、import_elsewhere の Folder.read",
    "contracts/services/consents/consenting.py": "画面、自分で作ったもの",
    "contracts/services/versions/freezing.py": "画面、自分で作ったもの",
    "guarantees/services/keeping.py": "画面、保証機関への照会（registry/http.py）",
    "contracts/services/signatures/sealing.py": "自分で作ったもの",
    "contracts/services/upkeep/certifying.py": "自分で作ったもの",
    "contracts/services/upkeep/renewing.py": "自分で作ったもの",
    "guarantees/issuing/services/sealing.py": "自分で作ったもの",
}
APPS = ("accounts", "audit", "config", "contracts", "guarantees", "notifications", "outgoing", "signing")


def test_every_door_by_which_bytes_come_in_is_known():
    keeping = {
        path.relative_to(BASE).as_posix()
        for app in APPS
        for path in (BASE / app).rglob("*.py")
        if "files.store(" in path.read_text(encoding="utf-8")
    }

    assert keeping == set(DOORS), "保管庫に入れる所が変わりました。clamd を通る所を確かめ、ここに書いてください"


def test_the_scanner_stands_before_every_page_of_the_site_and_of_the_api(settings):
    """Whatever comes by HTTP passes the one middleware; no view can be reached around it."""
    assert settings.MIDDLEWARE.count("accounts.scanning.ScanMiddleware") == 1
    asking = [
        path.relative_to(BASE).as_posix()
        for app in APPS
        for path in (BASE / app).rglob("*.py")
        if "clamd.scan(" in path.read_text(encoding="utf-8")
    ]
    assert sorted(asking) == [
        "accounts/scanning.py",
        "contracts/elsewhere/folders.py",
        "guarantees/registry/http.py",
    ]
