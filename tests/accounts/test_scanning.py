"""Every upload passes the scanner before its view, on whatever page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contracts.elsewhere.folders import Folder
from contracts.elsewhere.packages import PackageRefused
from tests import clamav

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
