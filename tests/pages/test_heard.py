"""What those are told who hear a page: the tree that the browser hands to a screen reader, one file for each page.

A file names what must be heard, and in which order; what it leaves out may stand in between.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]
HEARD = sorted((Path(__file__).parent / "heard").glob("*.yml"))
PATIENCE = 30_000  # ミリ秒


@pytest.mark.parametrize("file", HEARD, ids=lambda file: file.stem)
def test_those_who_hear_a_page_are_told_what_others_see(file, rendered, screen):
    screen.show(next(page for page in rendered if page.told.replace(" ", "-") == file.stem))

    expect(screen.tab.locator("body")).to_match_aria_snapshot(file.read_text(), timeout=PATIENCE)
