"""The English of the pages that speak it: whole, with every blank filled, and with no word too many."""

import io
import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.base import Origin
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

ROOT = settings.BASE_DIR
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
DEFAULTS = ROOT / "contracts/rules/defaults.toml"
APPS = ("accounts", "contracts", "guarantees", "notifications", "signing", "vault")
CALLS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
BLANK = re.compile(r"%\((\w+)\)s|\{(\w*)\}")


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def marked_in(text: str) -> Iterator[str]:
    for _line, words, _comments, _context in extract("python", io.BytesIO(text.encode()), CALLS):
        yield words if isinstance(words, str) else words[0]


def of_templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        if "translate" in text or "_(" in text:
            pieces = templatize(text, origin=Origin(str(path))).splitlines()
            yield from marked_in("\n".join(piece.strip() for piece in pieces))


def of_code(code: list[str]) -> Iterator[str]:
    for text in code:
        if "django.utils.translation" in text:
            yield from marked_in(text)


@pytest.fixture(scope="module")
def code() -> list[str]:
    """Read what our own sentences are written in: the code, and the rules that hold where a city says nothing."""
    return [path.read_text() for app in APPS for path in sorted((ROOT / app).rglob("*.py"))] + [DEFAULTS.read_text()]


@pytest.fixture(scope="module")
def marked(code: list[str]) -> set[str]:
    return {*of_templates(), *of_code(code)}


def test_every_marked_word_is_there_in_english(catalogue, marked):
    missing = [words for words in marked if not (catalogue.get(words) and catalogue[words].string)]
    assert missing == []


def test_no_word_is_kept_that_no_page_and_no_refusal_says(catalogue, marked, code):
    whole = "".join(code)
    unsaid = [each.id for each in catalogue if each.id and each.id not in marked and each.id not in whole]
    assert unsaid == []


def test_the_english_has_the_blanks_of_the_japanese(catalogue):
    wrong = [each.id for each in catalogue if each.id and blanks(each.id) != blanks(each.string)]
    assert wrong == []


def test_no_english_is_guessed_or_still_japanese(catalogue):
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    assert [each.id for each in catalogue if each.fuzzy and each.id] == []
    assert [each.id for each in catalogue if each.id and japanese.search(plain(each.string))] == []


def test_what_the_pages_read_was_made_of_these_words(catalogue):
    """Fails when scripts/bootstrap has not run since the words were changed."""
    with override("en"):
        assert [each.id for each in catalogue if each.id and gettext(each.id) != each.string] == []


def blanks(words: str) -> set[str]:
    return {first or second for first, second in BLANK.findall(words)}


def plain(words: str) -> str:
    """Leave out what Acrobat's own Japanese panel says, which English pages quote as it is."""
    return re.sub(r"「[^」]*」", "", words)
