"""The gallery: every component on one page, for those who build pages and for the accessibility check.

What a component says of itself (its first comment and its c-vars) is read from its own source, and what is shown is
what is printed as the way to write it: templates/gallery/<component>.html.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from accounts.permissions import public
from contracts.rendering import Leaf, Reader
from signing.lettering import Sheet, Words

_PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1240 1754">
<rect width="1240" height="1754" fill="#fff"/>
<g font-family="Noto Serif CJK JP, serif" fill="#222">
<text x="620" y="240" font-size="52" text-anchor="middle">建設工事請負契約書</text>
<g font-size="30">
<text x="150" y="420">1　工　事　名　　市道元町線 道路改良工事（その2）</text>
<text x="150" y="500">2　工　事　場　所　　見本市元町地内</text>
<text x="150" y="580">3　請負代金額　　12,345,000円</text>
</g></g></svg>"""
_TEXT = """建設工事請負契約書
1 工事名 市道元町線 道路改良工事（その2）
2 工事場所 見本市元町地内
3 請負代金額 12,345,000円"""


TEMPLATES = Path(settings.BASE_DIR) / "templates"
SAMPLES = TEMPLATES / "gallery"
# 親の見本の中で見せる部品
_WITHIN = {"crumb": "breadcrumb", "definition": "definition_list", "event": "timeline", "step": "steps", "tab": "tabs"}
_IN_THE_FRAME = {"breadcrumb", "page_header", "crumb"}
_ABOUT = re.compile(r"{# (.*?) #}", re.DOTALL)
_VARS = re.compile(r"<c-vars (.*?)/>", re.DOTALL)
_VARIABLE = re.compile(r'(:?[a-z_]+)="([^"]*)"')


@dataclass(frozen=True)
class Entry:
    """A component, or a way of writing that is none: what it is for, what it takes, a sample and its source."""

    name: str
    about: str
    attributes: tuple[tuple[str, str], ...]
    sample: Path

    @property
    def tag(self) -> str:
        return self.name.removeprefix("pattern_") if self.is_pattern else f"c-{self.name.replace('_', '-')}"

    @property
    def is_pattern(self) -> bool:
        return self.name.startswith("pattern_")

    @property
    def is_in_the_frame(self) -> bool:
        return self.name in _IN_THE_FRAME

    @property
    def samples(self) -> list[str]:
        """Name the template to show: none for those shown within the sample of another."""
        return [] if self.name in _WITHIN else [f"gallery/{self.sample.stem}.html"]

    @property
    def code(self) -> str:
        return _ABOUT.sub("", self.sample.read_text()).strip() if self.is_pattern else self.sample.read_text().strip()


def components() -> list[Entry]:
    """List every component by name, as its source describes it; those that begin with _ are parts of others."""
    sources = sorted(path for path in (TEMPLATES / "components").glob("[!_]*.html"))
    return [_entry(path, SAMPLES / f"{_WITHIN.get(path.stem, path.stem)}.html") for path in sources]


def patterns() -> list[Entry]:
    return [_entry(path, path) for path in sorted(SAMPLES.glob("pattern_*.html"))]


def _entry(source: Path, sample: Path) -> Entry:
    text = source.read_text()
    about, found = _ABOUT.search(text), _VARS.search(text)
    attributes = tuple(_VARIABLE.findall(found[1])) if found else ()
    return Entry(source.stem, about[1] if about else "", attributes, sample)


def colours() -> list[str]:
    """List the names of the colours in tokens.css."""
    light = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text().partition("@media")[0]
    return re.findall(r"--([a-z-]+): #", light)


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(label="工事名", help_text="公告に書いた名称のとおりに入力してください。")
    amount = forms.IntegerField(label="契約金額（税込）", widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    awarded_date = forms.DateField(label="落札日", widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label="区分", choices=[("work", "工事"), ("design", "建設コンサルタント業務")])
    way = forms.ChoiceField(
        label="調達方法", choices=[("open", "一般競争入札"), ("invited", "指名競争入札")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="備考", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    attachment = forms.FileField(label="仕様書（PDF）", required=False, help_text="50MB まで。")
    agreed = forms.BooleanField(label="記載の内容に間違いがないことを確かめました")


@public
def show(request: HttpRequest) -> HttpResponse:
    """Show the gallery; routed only where nobody works with real contracts."""
    return render(request, "gallery.html", _samples())


def _samples() -> dict[str, Any]:
    image = "data:image/svg+xml;base64," + b64encode(_PAGE.encode()).decode()
    now = timezone.now()
    return {
        "components": components(),
        "patterns": patterns(),
        "colours": colours(),
        "empty_form": SampleForm(auto_id="new_%s"),
        "form": SampleForm({"title": "", "amount": "12,345,000円", "way": "open", "awarded_date": "2026-03-05"}),
        "pages": [{"number": n, "image": image, "text": _TEXT} for n in (1, 2)],
        "paper": _paper(),
        "page": Paginator(range(95), 10).page(3),
        "now": now,
        "yesterday": now - timedelta(days=1),
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }


def _paper() -> Reader:
    """Lay a paper of two pages before the reader, to be read in words."""
    words = tuple(Words(line, 72, 90 + 40 * n, 14, 14 * len(line), 0) for n, line in enumerate(_TEXT.splitlines()))
    sheets = [Sheet(595, 842, words) for _ in range(2)]
    leaves = tuple(Leaf(number, "", sheet, "") for number, sheet in enumerate(sheets, start=1))
    return Reader(2, 1, leaves, 100, in_words=True, asked=QueryDict("as=words"))
