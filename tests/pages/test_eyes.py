"""Every page and state of the scene in a real browser: small, still, fitting a phone, and for everyone's eyes."""

import os

import pytest
from django.utils import timezone

from tests.journeys.people import DESK, PHONE
from tests.pages import readers, report, showing
from tests.pages.rendering import EVERYTHING, Page
from tests.pages.report import Report
from tests.pages.showing import Screen
from tests.pages.test_pages import whole

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]
MOST_BYTES = 100_000
# 明るい配色は机の幅で、暗い配色は電話の幅で見る。普段は前の組だけ
LOOKS = (("light", DESK), ("dark", PHONE))[: 2 if EVERYTHING else 1]
# 文字の並びが描き直されるときの、目に見えない差
STILL = 0.001


def to_look_at(rendered: list[Page]) -> list[Page]:
    """Return what the browser opens: everything in the long form, else not what an empty form is answered with."""
    return [page for page in whole(rendered) if EVERYTHING or page.state != "posted empty"]


def test_every_page_is_for_all_eyes_small_and_still_and_fits_a_phone(rendered, screen):
    made = Report()

    assert [wrong for page in to_look_at(rendered) for wrong in looked_at(screen, page, made)] == []
    if os.environ.get("PAGES_KEEP"):
        looks = [f"{scheme}-{size['width']}" for scheme, size in LOOKS]
        chromium = screen.tab.context.browser.version
        report.keep(made.written(made_on=timezone.localdate(), chromium=chromium, looks=looks))


@pytest.mark.skipif(not EVERYTHING, reason="a second look at every page: make pages")
def test_every_page_is_read_whole_with_words_twice_as_large(rendered, screen):
    with showing.enlarged(screen) as enlarged:
        assert [wrong for page in whole(rendered) for wrong in enlarged_at(enlarged, page)] == []


def enlarged_at(screen: Screen, page: Page) -> list[str]:
    screen.show(page)
    return [f"{page.told}: {each}" for each in readers.cut(screen.tab)]


def looked_at(screen: Screen, page: Page, made: Report) -> list[str]:
    """Look at a page at a desk and on a phone; return what is wrong with it."""
    wrong = []
    for scheme, size in LOOKS:
        screen.tab.emulate_media(color_scheme=scheme)
        screen.tab.set_viewport_size(size)
        screen.show(page)
        wrong += [f"moved by {by}: {what}" for by, what in screen.shifts() if by > STILL] if EVERYTHING else []
        wrong += [f"fetched {sum(screen.fetched.values())} bytes"] * (sum(screen.fetched.values()) > MOST_BYTES)
        wrong += told(screen, page, made)
        wrong += readers.losses(screen.tab) if EVERYTHING else []
        wrong += screen.said
    screen.tab.set_viewport_size(PHONE)
    wrong += [f"{over}px wider than a phone"] if (over := screen.tab.evaluate(readers.TOO_WIDE)) else []
    return [f"{page.told}: {each}" for each in dict.fromkeys(wrong)]


def told(screen: Screen, page: Page, made: Report) -> list[str]:
    seen = screen.look()
    made.add(page.name, page.told, seen)
    return [f"{each['id']} {[node['target'] for node in each['nodes']][:3]}" for each in seen["violations"]]
