"""What is wrong with the HTML of a page: the strict parser of WeasyPrint, and the content models we keep (ADR 0028)."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser

PHRASING = frozenset({"p", "span", "h1", "h2", "h3", "h4", "h5", "h6", "label", "button", "summary", "strong", "em"})
PHRASING |= {"b", "i", "small", "time", "code", "legend", "pre"}
FLOW_ONLY = frozenset({"address", "article", "aside", "blockquote", "details", "dialog", "div", "dl", "fieldset"})
FLOW_ONLY |= {"figure", "footer", "form", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"}
FLOW_ONLY |= {"h1", "h2", "h3", "h4", "h5", "h6"}
# summary と legend には見出しを置ける
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
CHILDREN = {
    "ul": {"li", "script", "template"},
    "ol": {"li", "script", "template"},
    "dl": {"dt", "dd", "div"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
    "tr": {"th", "td"},
    "select": {"option", "optgroup", "hr"},
    "ruby": {"rt", "rp"},
}
INTERACTIVE = frozenset(["a", "button", "details", "iframe", "input", "select", "textarea"])
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "headers", "list", "form", "aria-details")
ONCE_FIRST = {"details": "summary", "fieldset": "legend"}
MOMENT = re.compile(
    r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?)?)?)?|\d\d:\d\d(:\d\d)?|P[0-9DTHMS.]+"
)
# srcdoc の中やデザインの値。画面の CSP は style を断る
FORBIDDEN = re.compile(r"style|on[a-z]+")


def wrongs(html: str) -> list[str]:
    """Return what is wrong, one sentence each; empty for a valid page."""
    parser = HTMLParser(namespace_html_elements=False)
    root = parser.parse(html)
    found = [f"{code} {values} at line {at[0]}" for at, code, values in parser.errors]
    rules = (_ids, _references, _places, _attributes, _firsts)
    return found + [wrong for rule in rules for wrong in rule(root)]


def _ids(root: Element) -> Iterator[str]:
    counted = Counter(each.get("id") for each in root.iter() if each.get("id") is not None)
    yield from (f"id {name!r} stands {count} times" for name, count in counted.items() if count > 1 or not name)


def _references(root: Element) -> Iterator[str]:
    known = {each.get("id") for each in root.iter()}
    for each in root.iter():
        for name in REFERENCES:
            for target in (each.get(name) or "").split():
                if target not in known:
                    yield f"<{each.tag} {name}={target!r}> points at nothing"
        link = each.get("href") or ""
        if each.tag == "a" and len(link) > 1 and link.startswith("#") and link[1:] not in known:
            yield f"<a href={link!r}> leads nowhere"


def _places(root: Element, above: tuple[str, ...] = ()) -> Iterator[str]:
    within = (*above, str(root.tag))
    for child in root:
        tag = str(child.tag)
        if root.tag in CHILDREN and tag not in CHILDREN[str(root.tag)]:
            yield f"<{tag}> is no child of <{root.tag}>"
        if root.tag in PHRASING and tag in FLOW_ONLY and not (root.tag in {"summary", "legend"} and tag in HEADINGS):
            yield f"<{tag}> does not stand inside <{root.tag}>"
        if tag in INTERACTIVE and child.get("type") != "hidden" and {"a", "button"} & set(within):
            yield f"<{tag}> is inside another link or button"
        if tag == "form" and "form" in within:
            yield "a form inside a form"
        yield from _places(child, within)


def _attributes(root: Element) -> Iterator[str]:
    for each in root.iter():
        yield from (f"<{each.tag} {name}> is refused by our CSP" for name in each.attrib if FORBIDDEN.fullmatch(name))
        if each.tag == "time" and not MOMENT.fullmatch(each.get("datetime") or "".join(each.itertext()).strip()):
            yield f"<time> says no moment: {each.get('datetime')!r}"
        if each.tag == "img" and (each.get("alt") is None or not each.get("width") or not each.get("height")):
            yield f"<img src={(each.get('src') or '')[:60]!r}> lacks its alt, width or height"
        if each.tag == "button" and each.get("type") not in {None, "submit", "button", "reset"}:
            yield f"<button type={each.get('type')!r}>"


def _firsts(root: Element) -> Iterator[str]:
    for each in root.iter():
        children = [str(child.tag) for child in each]
        first = ONCE_FIRST.get(str(each.tag))
        if first and first in children[1:]:
            yield f"<{first}> does not come first in <{each.tag}>"
        if each.tag == "details" and children[:1] != ["summary"]:
            yield "<details> has no summary"
        if each.tag == "figure" and "figcaption" in children[1:-1]:
            yield "<figcaption> is neither first nor last in <figure>"
