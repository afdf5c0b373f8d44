"""Whoever is killed while looking at a file leaves a room behind; it is swept, and no other is."""

import os
import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pylopdf_fonts_jp
import pytest
from django.utils import timezone

from signing import rooms

from .conftest import ROOT

LOOKS_AND_DIES = """
import os, signal, sys
from signing import intake
with open(sys.argv[1], "rb") as file, intake.admit(file, max_bytes=2**20):
    os.kill(os.getpid(), signal.SIGKILL)
"""
SETS_AND_DIES = """
import os, signal, sys
from weasyprint import CSS
from weasyprint.text.fonts import FontConfiguration
faces = FontConfiguration()
CSS(string="@font-face { font-family: one; src: url(%s) }" % sys.argv[1], font_config=faces)
os.kill(os.getpid(), signal.SIGKILL)
"""
LATER = timedelta(minutes=61)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed(place: Path, pdf: bytes) -> Path:
    """Have a process killed while the gate holds a file open for it; return the room that it left."""
    (place / "one.pdf").write_bytes(pdf)
    command = [sys.executable, "-c", LOOKS_AND_DIES, str(place / "one.pdf")]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"TMPDIR": str(place)}, check=False)
    assert done.returncode == -signal.SIGKILL
    [left] = place.glob("musubi-intake-*")
    assert (left / "received.pdf").exists()
    return left


def test_what_a_killed_process_left_is_swept_after_an_hour(place, contract):
    left = killed(place, contract)

    assert rooms.sweep(at=timezone.now()) == 0
    assert left.exists()
    assert rooms.sweep(at=timezone.now() + LATER) == 1
    assert not left.exists()


def test_a_large_upload_that_was_left_is_swept(place):
    (place / "tmpabc.upload.pdf").write_bytes(b"%PDF")

    assert rooms.sweep(at=timezone.now() + LATER) == 1


def test_the_faces_of_a_document_that_was_being_set_are_swept(place):
    command = [sys.executable, "-c", SETS_AND_DIES, Path(pylopdf_fonts_jp.sans_path()).as_uri()]
    done = subprocess.run(command, env=os.environ | {"TMPDIR": str(place)}, check=False)
    left = [path for path in place.rglob("*") if path.is_file()]

    assert done.returncode == -signal.SIGKILL
    assert left
    assert rooms.sweep(at=timezone.now() + LATER) == 1
    assert not any(path.exists() for path in left)


def test_nothing_else_is_swept(place):
    (place / "musubi-stack").mkdir()
    (place / "tmpabc").mkdir()
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "kept.txt").write_text("kept")
    (place / "musubi-intake-link").symlink_to(place / "elsewhere")

    rooms.sweep(at=timezone.now() + LATER)

    assert (place / "elsewhere" / "kept.txt").exists()
    assert (place / "musubi-stack").exists()
    assert (place / "tmpabc").exists()


def test_a_room_that_is_in_use_stays(place):
    old = (timezone.now() - LATER).timestamp()
    with rooms.room("texts") as name:
        os.utime(name, (old, old))
        (Path(name) / "received.pdf").write_bytes(b"")

        assert rooms.sweep(at=timezone.now()) == 0
