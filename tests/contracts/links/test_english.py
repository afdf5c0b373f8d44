"""A signer who chose English reads English; what stays Japanese is marked, so that it is read aloud as such."""

import re
from html.parser import HTMLParser

import pytest

from contracts.models import Purpose
from contracts.states import StepState
from tests.contracts.coded import asking_for, made
from tests.contracts.links.conftest import enter
from tests.stories import Story

pytestmark = pytest.mark.django_db
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
VOID = {"meta", "link", "img", "input", "br", "hr", "path", "circle", "rect"}


class Unmarked(HTMLParser):
    """Gather the Japanese of an English page that stands outside every lang="ja"."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        lang = own.get("lang") or (self.open[-1][1] if self.open else "")
        if lang != "ja":
            self.found += [text for name in ("aria-label", "alt") if JAPANESE.search(text := own.get(name) or "")]
        if tag not in VOID:
            self.open.append((tag, lang))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _lang in self.open]
        if self.open and self.open[-1][1] != "ja" and "title" not in inside and JAPANESE.search(data):
            self.found.append(data.strip())


def unmarked(html: str, *names: str) -> list[str]:
    """Return what is Japanese and not marked, but for names of our data and what mails and panels are called."""
    assert '<html lang="en">' in html
    reader = Unmarked()
    reader.feed(html)
    plain = [re.sub("|".join([*map(re.escape, names), "「[^」]*」"]), "", text) for text in reader.found]
    return [text for text in plain if JAPANESE.search(text)]


def titles(told: Story) -> list[str]:
    return list(told.version.documents.values_list("title", flat=True))


def test_a_signer_reads_confirms_and_signs_in_english(tosu, reader):
    address = tosu.sent().address(Purpose.SIGN)
    landing = reader.get(address).content.decode()
    page = enter(reader, address)
    reading = reader.get(page).content.decode()
    confirm = reader.post(f"{page}confirm/").content.decode()
    reader.post(f"{page}finish/")
    done = reader.get(page).content.decode()

    for html in (landing, reading, confirm, done):
        assert unmarked(html, *titles(tosu)) == []
    assert "Please read the contract" in reading
    assert "¥" in reading
    assert "Sign and finish" in confirm
    assert "You have signed" in done
    assert tosu.step(1).state == StepState.INSTRUCTED


def test_what_is_refused_is_refused_in_english(tosu, reader):
    page = enter(reader, tosu.sent().address(Purpose.SIGN))

    declined = reader.post(f"{page}decline/", {"reason": ""})
    dead = reader.get("/tosu/sign/no-such-link-at-all/")

    assert "Please enter why you cannot sign." in declined.content.decode()
    assert "This link cannot be used" in dead.content.decode()
    for answer in (declined, dead):
        assert unmarked(answer.content.decode(), *titles(tosu)) == []


def test_a_code_is_asked_for_in_english(db, reader):
    told = asking_for("access_code").sent()
    made(told)
    page = enter(reader, told.address(Purpose.SIGN))

    asked = reader.get(f"{page}code/").content.decode()

    assert "Please enter the code: Access code" in asked
    assert unmarked(asked) == []


def test_what_is_written_down_and_mailed_stays_japanese(tosu, reader):
    page = enter(reader, tosu.sent().address(Purpose.SIGN))

    reader.post(f"{page}finish/")

    assert "リンク" in tosu.step(1).authentication


def test_a_page_that_speaks_no_english_is_japanese_for_the_same_browser(tosu, reader):
    assert '<html lang="ja">' in reader.get("/tosu/guide/").content.decode()


def test_a_download_and_the_inbox_are_in_english(tosu, reader):
    page = enter(reader, tosu.concluded().address(Purpose.DOWNLOAD))

    download = reader.get(page).content.decode()
    entrance = reader.get("/tosu/inbox/").content.decode()

    assert "Please be sure to download and keep them." in download
    assert "Enter the mail address at which" in entrance
    for html in (download, entrance):
        assert unmarked(html, *titles(tosu), "合意締結証明書") == []
