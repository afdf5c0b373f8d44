"""What was deleted and what inserted between two texts: difflib, kept within bounds and to the words of Japanese."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

RunKind = Literal["same", "insert", "delete"]
KINDS: tuple[RunKind, ...] = ("same", "delete", "insert")

# 日本語には分かち書きがないので、字の種類が変わるところで切る。異体字の選択子は漢字に付いて動く。
KANJI = "々〆〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ufe00-\ufe0f\U000e0100-\U000e01ef"
TOKEN = re.compile(
    rf"[{KANJI}](?:\n?[{KANJI}])*|[ァ-ヺー](?:\n?[ァ-ヺー])*|[ぁ-ゖ]+"
    r"|[0-9０-９]+(?:[,.，．][0-9０-９]+)*|[A-Za-zＡ-Ｚａ-ｚ]+|[\s\S]"
)
BY_LINE = "長いため行単位で示します。"
# これより多く比べることになるときは、両方に一度しか現れないものを目印にして、間を分けて比べる。
MOST_WORK = 2_000_000
# 似ていない行どうしは、語の切れ端をつなぎ合わせるより、まるごと並べたほうが読める。
LEAST_LIKENESS = 0.3


@dataclass(frozen=True)
class Run:
    """A stretch of text that stayed, was inserted or was deleted."""

    text: str
    kind: RunKind

    @property
    def mark(self) -> str:
        """Return insert or delete where a person can see something, else nothing: a line break is no change."""
        return self.kind if self.kind != "same" and self.text.strip() else ""


@dataclass(frozen=True)
class Step:
    """A stretch of two sequences: before[i1:i2] became after[j1:j2]."""

    same: bool
    i1: int
    i2: int
    j1: int
    j2: int


@dataclass(frozen=True)
class Difference:
    """The runs from one text to another; by_line when they were too long to be compared word by word."""

    runs: tuple[Run, ...]
    by_line: bool = False

    @property
    def changed(self) -> bool:
        return any(run.mark for run in self.runs)


def difference(before: str, after: str) -> Difference:
    """Compare two texts by lines, then by words inside changed lines.

    The same and deleted runs joined are `before`; the same and inserted runs joined are `after`.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return compare_lines(old, new, steps(old, new))


def compare_lines(old: Sequence[str], new: Sequence[str], found: Iterable[Step]) -> Difference:
    """Compare word by word the lines that the steps found changed."""
    runs: list[Run] = []
    by_line = False
    for step in found:
        before, after = "".join(old[step.i1 : step.i2]), "".join(new[step.j1 : step.j2])
        part = Difference((Run(before, "same"),)) if step.same else words(before, after)
        runs += part.runs
        by_line |= part.by_line
    return Difference(tuple(_joined(runs)), by_line)


def words(before: str, after: str) -> Difference:
    """Compare two passages word by word; a line break inside a word is no difference."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    keys = [[token.replace("\n", "") or token for token in tokens] for tokens in (old, new)]
    found = steps(*keys)
    alike = sum(len("".join(old[step.i1 : step.i2]).strip()) for step in found if step.same)
    if not alike or alike < LEAST_LIKENESS * min(len(before), len(after)):
        too_long = _work(*keys) > MOST_WORK
        return Difference(tuple(_joined([Run(before, "delete"), Run(after, "insert")])), too_long)
    return Difference(tuple(_joined(_runs(old, new, found))))


def steps(before: Sequence[str], after: Sequence[str]) -> list[Step]:
    """Align two sequences in order; a stretch that is too repetitive to compare is one replaced stretch."""
    return _aligned(before, after, anchored=False)


def _aligned(before: Sequence[str], after: Sequence[str], *, anchored: bool) -> list[Step]:
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    i2, j2 = len(before) - tail, len(after) - tail
    found = [Step(same=True, i1=0, i2=head, j1=0, j2=head)]
    found += _shifted(_middle(before[head:i2], after[head:j2], anchored=anchored), head, head)
    found.append(Step(same=True, i1=i2, i2=len(before), j1=j2, j2=len(after)))
    return [step for step in found if step.i1 < step.i2 or step.j1 < step.j2]


def _middle(before: Sequence[str], after: Sequence[str], *, anchored: bool) -> list[Step]:
    if _work(before, after) <= MOST_WORK:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        return [Step(tag == "equal", *places) for tag, *places in matcher.get_opcodes()]
    anchors = [] if anchored else _anchors(before, after)
    if not anchors:
        return [Step(same=False, i1=0, i2=len(before), j1=0, j2=len(after))]
    return list(_between(before, after, anchors))


def _between(before: Sequence[str], after: Sequence[str], anchors: list[tuple[int, int]]) -> Iterator[Step]:
    i = j = 0
    for next_i, next_j in anchors:
        yield from _shifted(_aligned(before[i:next_i], after[j:next_j], anchored=True), i, j)
        yield Step(same=True, i1=next_i, i2=next_i + 1, j1=next_j, j2=next_j + 1)
        i, j = next_i + 1, next_j + 1
    yield from _shifted(_aligned(before[i:], after[j:], anchored=True), i, j)


def _shifted(found: list[Step], i: int, j: int) -> list[Step]:
    return [Step(step.same, step.i1 + i, step.i2 + i, step.j1 + j, step.j2 + j) for step in found]


def _work(before: Sequence[str], after: Sequence[str]) -> int:
    """Bound what difflib would do: every pair of equal elements, met again in every part it splits off."""
    times = Counter(after)
    return sum(times[element] for element in before) * min(len(before), len(after)) // 8


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Pair the elements that occur once on either side, keeping the longest series that is in order (patience)."""
    once = {element for element, times in Counter(before).items() if times == 1}
    places = {element: j for j, element in enumerate(after)}
    once &= {element for element, times in Counter(after).items() if times == 1}
    return _longest_rising([(i, places[element]) for i, element in enumerate(before) if element in once])


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    ends: list[int] = []
    tops: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        previous.append(tops[place - 1] if place else -1)
        ends[place : place + 1], tops[place : place + 1] = [j], [index]
    series, index = [], tops[-1] if tops else -1
    while index >= 0:
        series.append(pairs[index])
        index = previous[index]
    return series[::-1]


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    pairs = zip(before, after, strict=False)
    return next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))


def _runs(old: Sequence[str], new: Sequence[str], found: list[Step]) -> Iterator[Run]:
    for step in found:
        if step.same:
            for one, other in zip(old[step.i1 : step.i2], new[step.j1 : step.j2], strict=True):
                yield from _same_word(one, other)
        else:
            yield Run("".join(old[step.i1 : step.i2]), "delete")
            yield Run("".join(new[step.j1 : step.j2]), "insert")


def _same_word(old: str, new: str) -> Iterator[Run]:
    """Give one word that may be broken by lines in different places."""
    if old == new:
        yield Run(old, "same")
        return
    i = j = 0
    while i < len(old) or j < len(new):
        if old[i : i + 1] == new[j : j + 1]:
            yield Run(old[i], "same")
            i, j = i + 1, j + 1
        elif old[i : i + 1] == "\n":
            yield Run("\n", "delete")
            i += 1
        else:
            yield Run("\n", "insert")
            j += 1


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Join neighbours of one kind, and put what was deleted before what was inserted."""
    for _, group in groupby(runs, key=lambda run: run.kind == "same"):
        stretch = list(group)
        for kind in KINDS:
            if text := "".join(run.text for run in stretch if run.kind == kind):
                yield Run(text, kind)
