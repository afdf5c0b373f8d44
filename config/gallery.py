"""The gallery: every component on one page, for those who build pages and for the accessibility check."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.permissions import public

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
        "empty_form": SampleForm(auto_id="new_%s"),
        "form": SampleForm({"title": "", "amount": "12,345,000円", "way": "open", "awarded_date": "2026-03-05"}),
        "pages": [{"number": n, "image": image, "text": _TEXT} for n in (1, 2)],
        "page": Paginator(range(95), 10).page(3),
        "now": now,
        "yesterday": now - timedelta(days=1),
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }
