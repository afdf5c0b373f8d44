"""Two texts that lie on pages: equal pages are set aside, changed lines shown with the lines around them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from contracts.comparison.runs import Run, Step, compare_lines, steps

# 変わった行の前後に、場所が分かるように添える行の数。
AROUND = 1


@dataclass(frozen=True)
class Passage:
    """Changed lines and one line around them; the pages they stand on, first and last, None where they are not."""

    before_pages: tuple[int, int] | None
    after_pages: tuple[int, int] | None
    runs: tuple[Run, ...]
    by_line: bool = False

    @property
    def place(self) -> str:
        """Say 「3ページ」, 「3〜4ページ → 5ページ」 or 「7ページ（追加）」."""
        old, new = _range(self.before_pages), _range(self.after_pages)
        if not (old and new):
            return f"{new}（追加）" if new else f"{old}（削除）"
        return new if old == new else f"{old} → {new}"


@dataclass(frozen=True)
class _Line:
    page: int
    text: str


def passages(before: Sequence[str], after: Sequence[str]) -> Iterator[Passage]:
    """Give the changed passages in order, without a page's own number at its edge; lazily, so a caller may stop."""
    old, new = _leaves(before), _leaves(after)
    for step in steps(_whole(old), _whole(new)):
        if not step.same:
            yield from _block(list(chain(*old[step.i1 : step.i2])), list(chain(*new[step.j1 : step.j2])))


def _leaves(pages: Sequence[str]) -> list[list[_Line]]:
    """Cut pages into lines, leaving out blank ones; what runs along with the page numbers stands once, in front."""
    leaves, running = [], []
    for number, page in enumerate(pages, start=1):
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        words = [_beside_number(line, number, len(pages)) for line in (*lines[:1], *lines[-1:])]
        running += [word for word in words if word]
        body = lines[words[0] is not None : len(lines) - (words[-1] is not None)] if lines else []
        leaves.append([_Line(number, f"{line}\n") for line in body])
    return [[_Line(1, f"{words}\n") for words in dict.fromkeys(running)] + leaves[0], *leaves[1:]] if leaves else []


def _beside_number(line: str, number: int, total: int) -> str | None:
    """Return the words beside a page's own number, None when the line does not carry it."""
    # ページが一枚増えただけで、全ページの「3 / 8」を違いとして並べない。
    found = re.fullmatch(rf"(.*?)\s*(?<![0-9.,]){number}\s*[/／]\s*{total}|[-－‐―]\s*{number}\s*[-－‐―]", line)
    return None if found is None else found[1] or ""


def _whole(leaves: list[list[_Line]]) -> list[str]:
    return ["".join(line.text for line in leaf) for leaf in leaves]


def _block(old: list[_Line], new: list[_Line]) -> Iterator[Passage]:
    texts = [line.text for line in old], [line.text for line in new]
    for group in _groups(steps(*texts)):
        found = compare_lines(*texts, group)
        changed = [step for step in group if not step.same]
        if found.changed:
            yield Passage(
                _span(line.page for step in changed for line in old[step.i1 : step.i2]),
                _span(line.page for step in changed for line in new[step.j1 : step.j2]),
                found.runs,
                found.by_line,
            )


def _groups(found: list[Step]) -> Iterator[list[Step]]:
    """Cut the steps where the same lines run on, keeping a few of them around what changed."""
    group: list[Step] = []
    for step in found:
        if not step.same or step.i2 - step.i1 <= 2 * AROUND:
            group.append(step)
            continue
        yield from _with_change([*group, replace(step, i2=step.i1 + AROUND, j2=step.j1 + AROUND)])
        group = [replace(step, i1=step.i2 - AROUND, j1=step.j2 - AROUND)]
    yield from _with_change(group)


def _with_change(group: list[Step]) -> Iterator[list[Step]]:
    if any(not step.same for step in group):
        yield group


def _span(pages: Iterable[int]) -> tuple[int, int] | None:
    found = list(pages)
    return (found[0], found[-1]) if found else None


def _range(pages: tuple[int, int] | None) -> str:
    if pages is None:
        return ""
    first, last = pages
    return f"{first}ページ" if first == last else f"{first}〜{last}ページ"
