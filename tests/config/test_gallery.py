"""The gallery tells of every component what it is, what it takes, how it looks and how it is written."""

import re
from pathlib import Path

import pytest
from django.test import RequestFactory

from config import gallery

CSS = Path(__file__).parents[2] / "static/css"
ENTRIES = [*gallery.components(), *gallery.patterns()]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_is_described_and_its_sample_uses_it(entry):
    sample = entry.sample.read_text()

    assert entry.about
    assert f"<{entry.tag}" in sample if not entry.is_pattern else entry.tag in sample or f"<{entry.tag}" in sample


@pytest.mark.django_db
def test_the_page_shows_each_with_its_source(rf: RequestFactory, client):
    page = client.get("/gallery/").content.decode()

    for entry in ENTRIES:
        assert f'id="{entry.name}"' in page
    assert "&lt;c-button" in page


def test_the_page_shows_every_colour():
    shown = set(re.findall(r"\.swatch-([a-z-]+)", (CSS / "gallery.css").read_text()))
    assert shown == set(gallery.colours())
