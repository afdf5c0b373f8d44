"""The structure of a mail's text, from which its HTML is made: both say the same, because only one of them is written.

Blank lines separate blocks. A block is
- a list, where every line begins with 「・」, or a numbered one, where it begins with 「1. 」;
- a table, where every line is 「見出し：値」; a value that is an address of ours becomes a link of that label;
- a link, 「▼ 名前」 and an address of ours on the next line;
- a heading, 「■ 見出し」; and else a paragraph.
A line that begins with a full-width space goes on with the line above it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from accounts import letters

LABELLED = re.compile(r"([^\s：。、「」]{1,20})：(\S.*)", re.DOTALL)
MARKS = {"bullets": re.compile(r"・"), "numbers": re.compile(r"\d{1,2}\. ")}
ADDRESS = re.compile(r"https?://\S+")
FURTHER = "　"


@dataclass(frozen=True)
class Row:
    """A label and the lines of its value, which may be an address to open."""

    label: str
    lines: list[str]
    is_link: bool


@dataclass(frozen=True)
class Block:
    """One block: of a list its items, each with its lines; of a table its rows; of a link its name and address."""

    kind: str
    items: list[list[str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    name: str = ""
    address: str = ""


def blocks(text: str, *, ours: Collection[str]) -> Iterator[Block]:
    """Read the structure of a text, in which only addresses that begin with one of `ours` become links."""
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        if paragraph.strip():
            yield _block(list(_entries(paragraph.splitlines())), tuple(ours))


def tame(value: object) -> object:
    """Keep the lines of a value together, so that nothing typed into a form ever makes a block of its own.

    Letters that turn the direction of writing are shown as their numbers.
    """
    if isinstance(value, str):
        return f"\n{FURTHER}".join(letters.shown(line.strip()) for line in value.splitlines() if line.strip())
    if isinstance(value, list):
        return [tame(each) for each in value]
    if isinstance(value, dict):
        return {name: tame(each) for name, each in value.items()}
    return value


def _entries(lines: list[str]) -> Iterator[list[str]]:
    entry: list[str] = []
    for line in lines:
        if entry and line.startswith(FURTHER):
            entry.append(line.strip())
            continue
        if entry:
            yield entry
        entry = [line.strip()]
    yield entry


def _block(entries: list[list[str]], ours: tuple[str, ...]) -> Block:
    firsts = [entry[0] for entry in entries]
    if len(firsts) == 2 and firsts[0].startswith("▼ ") and _is_link(firsts[1], ours):
        return Block("link", name=firsts[0][2:], address=firsts[1])
    if len(firsts) == 1 and firsts[0].startswith("■ "):
        return Block("heading", name=firsts[0][2:])
    for kind, mark in MARKS.items():
        if all(mark.match(first) for first in firsts):
            return Block(kind, items=[[mark.sub("", entry[0], count=1), *entry[1:]] for entry in entries])
    labelled = [LABELLED.fullmatch(first) for first in firsts]
    if all(labelled):
        pairs = zip(labelled, entries, strict=True)
        return Block("table", rows=[_row(found, entry[1:], ours) for found, entry in pairs if found])
    return Block("paragraph", items=[[line for entry in entries for line in entry]])


def _row(found: re.Match[str], further: list[str], ours: tuple[str, ...]) -> Row:
    return Row(found[1], [found[2], *further], is_link=not further and _is_link(found[2], ours))


def _is_link(text: str, ours: tuple[str, ...]) -> bool:
    return ADDRESS.fullmatch(text) is not None and text.startswith(ours)
