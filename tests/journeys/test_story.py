"""The whole story in real browsers against the real system, with an eye on every page."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from config.embedded.stack import Stack
from tests.journeys import people, story

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]
MOST_PAGES_SEEN = 47


class Eye:
    """Look at pages as people do who cannot see them, or only on a phone."""

    def __init__(self) -> None:
        self.axe = Axe()
        self.seen: set[str] = set()
        self.findings: list[str] = []

    def look(self, page: Page, name: str) -> None:
        if not name or name in self.seen:
            return
        self.seen.add(name)
        page.wait_for_load_state()
        for wrong in self.axe.run(page).response["violations"]:
            self.findings.append(f"{name}: {wrong['id']} {[node['target'] for node in wrong['nodes']]}")
        usual = page.viewport_size
        assert usual is not None
        page.set_viewport_size(people.PHONE)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.set_viewport_size(usual)
        if over > 0:
            self.findings.append(f"{name}: {over}px wider than a phone")


def test_the_story_from_award_to_archive(product, tmp_path):
    eye = Eye()

    with people.town(product, look=eye.look) as town:
        played = story.play(town)

    assert eye.findings == []
    assert town.complaints == []
    assert len(eye.seen) >= MOST_PAGES_SEEN
    files = [tmp_path / f"{number}.pdf" for number in range(len(played.papers))]
    for file, paper in zip(files, played.papers, strict=True):
        file.write_bytes(paper)
        assert_poppler_agrees(file)
    assert played.papers[0] == played.papers[2], "the contractor and the auditor hold the same bytes"
    certificate = tmp_path / "certificate.pdf"
    certificate.write_bytes(played.certificate)
    assert_the_shell_agrees(product, [*files[:2], certificate], seals=[2, 2, 1])


def assert_poppler_agrees(file: Path) -> None:
    """See what another implementation says: two valid signatures, and a timestamp over the whole file."""
    done = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
    seals = re.split(r"^Signature #\d+:$", done.stdout, flags=re.M)[1:]

    assert len(seals) == 3, done.stdout + done.stderr
    for approval in seals[:2]:
        assert "Signature Type: ETSI.CAdES.detached" in approval
        assert "Signature Validation: Signature is Valid." in approval
    assert "Total document signed" in seals[2].replace("Not total", "")


def assert_the_shell_agrees(product: Stack, files: list[Path], seals: list[int]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_pdf", "--json", *map(str, files)],
        env=product.full_environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for report, count in zip(json.loads(done.stdout), seals, strict=True):
        assert report["headline"] == story.VALID
        assert (report["level"], len(report["signatures"]), len(report["timestamps"])) == ("PAdES-B-LTA", count, 1)
