"""A plain browser for the demo: pages, links and forms over HTTP, as a person without JavaScript would use them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

File = tuple[str, bytes, str]
Value = str | list[str]


class PageSurprise(RuntimeError):
    """A page was not what the story expects; the text quotes what it says."""


@dataclass(frozen=True)
class Page:
    """One answer of the server, read as a person reads it."""

    browser: "Browser"
    response: httpx.Response

    @property
    def url(self) -> str:
        return str(self.response.url)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def tree(self) -> Any:
        return html.fromstring(self.response.content or b"<html></html>", base_url=self.url)

    @property
    def text(self) -> str:
        """Return what stands on the page, in one line."""
        found = self.tree.xpath("//main") or [self.tree]
        return " ".join(found[0].text_content().split())

    def says(self, *sentences: str, status: int = 200) -> Self:
        """Expect sentences on the page; raises PageSurprise with what stands there instead."""
        whole = " ".join(self.tree.text_content().split())
        for sentence in sentences:
            if self.status != status or " ".join(sentence.split()) not in whole:
                raise PageSurprise(
                    f"{self.url} に「{sentence}」（{status}）があるはずですが、{self.status}: {self.text[:400]}"
                )
        return self

    def said(self, term: str) -> str:
        """Return what stands beside a term of a list; raises PageSurprise when it is not there."""
        for found in self.tree.xpath("//dt[normalize-space()=$term]/following-sibling::dd[1]", term=term):
            return str(next(iter(found), found).text_content().strip())
        raise PageSurprise(f"{self.url} に「{term}」の項目がありません: {self.text[:400]}")

    def follow(self, label: str) -> "Page":
        """Open the first link that says `label`."""
        for link in self.tree.xpath("//main//a[contains(., $label)]", label=label):
            return self.browser.get(urljoin(self.url, link.get("href")))
        raise PageSurprise(f"{self.url} に「{label}」のリンクがありません: {self.text[:400]}")

    def form(self, *, action: str = "", fields: Collection[str] = ()) -> "Form":
        """Find the form whose address contains `action` (the page's own form when empty), best one with such fields."""
        found = list(self._forms(action))
        if not found:
            raise PageSurprise(f"{self.url} に「{action}」へ送るフォームがありません: {self.text[:400]}")
        return next((form for form in found if set(fields) <= set(form.element.fields.keys())), found[0])

    def _forms(self, action: str) -> Iterator["Form"]:
        for found in self.tree.xpath("//main//form"):
            target = urljoin(self.url, found.get("action") or self.url)
            if action in target if action else _place(target) == _place(self.url):
                yield Form(self, found, target)

    def post(self, action: str, files: Mapping[str, File] | None = None, **typed: Value) -> "Page":
        """Fill in the form that goes to `action` and press its button."""
        return self.form(action=action, fields=typed).send(typed, files=files)


def _place(url: str) -> str:
    return urlsplit(url)._replace(query="", fragment="").geturl()


@dataclass(frozen=True)
class Form:
    """A form with what it already holds."""

    page: Page
    element: Any
    target: str

    def choice(self, name: str, label: str) -> str:
        """Return the value of the choice that says `label`."""
        for choice in self.element.xpath(f".//select[@name='{name}']/option | .//label[input[@name='{name}']]"):
            if label in choice.text_content():
                return str(choice.xpath("string(@value | input/@value)"))
        raise PageSurprise(f"{self.page.url} に選択肢「{label}」がありません（{name}）。")

    def submit(self, *, press: str = "", files: Mapping[str, File] | None = None, **typed: Value) -> Page:
        """Send the form with the given fields typed over what it holds, with the button that says `press`."""
        return self.send(typed, press=press, files=files)

    def send(self, typed: Mapping[str, Value], *, press: str = "", files: Mapping[str, File] | None = None) -> Page:
        """Do as `submit` with the fields in a mapping."""
        unknown = (set(typed) | set(files or {})) - set(self.element.fields.keys())
        if unknown:
            raise PageSurprise(f"{self.page.url} のフォームに {sorted(unknown)} という欄がありません。")
        held: dict[str, Value] = {
            name: value for name, value in self.element.form_values() if name not in (files or {})
        }
        return self.page.browser.post(
            self.target, held | dict(typed) | self._button(press), files=files, referer=self.page.url
        )

    def _button(self, label: str) -> dict[str, Value]:
        for button in self.element.xpath(".//button"):
            if label and label in button.text_content():
                return {button.get("name"): button.get("value") or ""} if button.get("name") else {}
        if label:
            raise PageSurprise(f"{self.page.url} のフォームに「{label}」のボタンがありません。")
        return {}


class Browser:
    """One person's browser, with its own cookies."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client = httpx.Client(follow_redirects=True, timeout=60, headers={"User-Agent": "Musubi demo"})

    def get(self, address: str) -> Page:
        """Open a page."""
        return Page(self, self.client.get(urljoin(self.base_url, address)))

    def post(
        self, address: str, fields: Mapping[str, Value], *, files: Mapping[str, File] | None = None, referer: str = ""
    ) -> Page:
        """Send a form."""
        headers = {"Referer": referer, "Origin": self.base_url}
        return Page(self, self.client.post(address, data=dict(fields), files=files or None, headers=headers))
