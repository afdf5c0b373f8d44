"""The papers that go with the files: how to keep them, what system made them, and a sample of the firm's own rules."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Organization
from contracts import guide, rules
from contracts.dates import day_in_japan
from contracts.documents.printing import print_pdf
from contracts.records import word
from contracts.rules import choices
from signing import setup

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Keeper:
    """Who keeps the files: a firm, by the name it contracted under, of the contracts with a city."""

    firm: str
    city: Organization


def facts(city: Organization, *, at: datetime) -> dict[str, Any]:
    """Gather what the 概要書 says of this installation and this city."""
    found = guide.published(city, on=day_in_japan(at)).current
    data = found.data if found else None
    return {
        "city": city,
        "at": at,
        "authorities": setup.authorities().entries,
        "is_trial": settings.TEST_CERTIFICATE,
        "period": choices.RETENTION_PERIODS[rules.retention_period(data, "")] if data else "",
        "links": guide.links(data) if data else {},
    }


def overview(keeper: Keeper, *, at: datetime) -> bytes:
    """Print the システム概要書 (R22)."""
    about = facts(keeper.city, at=at) | {"title": f"システム概要書 {keeper.city.name}"}
    return print_pdf("contracts/pdf/overview.html", about, styles=["overview.css"])


def procedures(keeper: Keeper, *, at: datetime) -> bytes:
    """Write the sample 事務処理規程 with the firm's name, to be edited (.docx)."""
    sample = _sample()
    paragraphs = [(word.NOTE, line) for line in sample["notes"]] + [(word.TITLE, sample["title"])]
    for chapter in sample["chapters"]:
        paragraphs.append((word.HEADING, chapter["title"]))
        paragraphs += [(word.BODY, line.replace("{firm}", keeper.firm)) for line in chapter["paragraphs"]]
    return word.document(paragraphs, at=at)


def readme(keeper: Keeper, *, at: datetime, count: int) -> bytes:
    """Write what to do with the files, for a text editor on Windows (BOM, CRLF)."""
    about = facts(keeper.city, at=at) | {"firm": keeper.firm, "count": count}
    with translation.override("ja"):  # 英語の画面から取り出しても、中身は日本語
        text = render_to_string("contracts/records/readme.txt", about)
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


@cache
def _sample() -> Values:
    return tomllib.loads(files("contracts").joinpath("records/procedures.toml").read_text(encoding="utf-8"))
