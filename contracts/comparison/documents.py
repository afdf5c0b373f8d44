"""The documents of a version: the same bytes, changed words, added, removed."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from contracts.comparison.pages import Passage, passages
from contracts.comparison.runs import BY_LINE, Run
from contracts.comparison.sides import STATES, Paper, State

CUT_SHORT = "違いが多いため、一部だけを示します。残りは文書でお確かめください。"
NO_DIFFERENCE = "文字の違いは見つかりませんでした。図、写真、書式の違いは文書でお確かめください。"
NO_WORDS = "文字を取り出せない文書です。違いは文書でお確かめください。"
# 一つの文書について示す文字の数と、そのうち続けて示す数。
MOST_SHOWN = 20_000
LONGEST_RUN = 2_000
# 同じ題で同じ中身、同じ題、同じ中身の順に組にする。
MATCHES: tuple[Callable[[Paper], Hashable], ...] = (
    lambda paper: (paper.title, paper.sha256),
    lambda paper: paper.title,
    lambda paper: paper.sha256,
)


@dataclass(frozen=True)
class DocumentChange:
    """One document; same means the same title and bytes, passages show where its words changed."""

    title: str
    state: State
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def state_label(self) -> str:
        return STATES[self.state]


def compare_documents(before: Sequence[Paper], after: Sequence[Paper]) -> Iterator[DocumentChange]:
    """Give every document in the order of the later version, then those that were removed."""
    pairs = _paired(before, after)
    for j, paper in enumerate(after):
        yield _kept(before[pairs[j]], paper) if j in pairs else DocumentChange(paper.title, "added")
    kept = set(pairs.values())
    yield from (DocumentChange(paper.title, "removed") for i, paper in enumerate(before) if i not in kept)


def _paired(before: Sequence[Paper], after: Sequence[Paper]) -> dict[int, int]:
    """Pair the places of documents, after to before."""
    pairs: dict[int, int] = {}
    for key in MATCHES:
        left = [i for i in range(len(before)) if i not in pairs.values()]
        for j in (j for j in range(len(after)) if j not in pairs):
            if (i := next((i for i in left if key(before[i]) == key(after[j])), None)) is not None:
                pairs[j] = i
                left.remove(i)
    return pairs


def _kept(before: Paper, after: Paper) -> DocumentChange:
    renamed = [] if before.title == after.title else [f"題が「{before.title}」から「{after.title}」になりました。"]
    if before.sha256 == after.sha256:
        return DocumentChange(after.title, "changed" if renamed else "same", notes=tuple(renamed))
    shown, notes = _shown(before.pages, after.pages)
    return DocumentChange(after.title, "changed", shown, (*renamed, *_count_note(before, after), *notes))


def _count_note(before: Paper, after: Paper) -> list[str]:
    old, new = len(before.pages), len(after.pages)
    return [] if old == new else [f"{old}ページから{new}ページになりました。"]


def _shown(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[Passage, ...], list[str]]:
    if not any(page.strip() for page in (*before, *after)):
        return (), [NO_WORDS]
    shown: list[Passage] = []
    room, cut = MOST_SHOWN, False
    for passage in passages(before, after):
        runs = _within(passage.runs, room)
        cut |= runs != passage.runs
        shown += [replace(passage, runs=runs)] if runs else []
        room -= sum(len(run.text) for run in runs)
        if len(runs) < len(passage.runs):
            break
    return tuple(shown), _length_notes(shown, cut=cut)


def _length_notes(shown: Sequence[Passage], *, cut: bool) -> list[str]:
    notes = [BY_LINE] if any(passage.by_line for passage in shown) else []
    notes += [CUT_SHORT] if cut else []
    return notes or ([] if shown else [NO_DIFFERENCE])


def _within(runs: Sequence[Run], room: int) -> tuple[Run, ...]:
    """Cut long runs, then drop those that no longer fit."""
    short = [run if len(run.text) <= LONGEST_RUN else replace(run, text=run.text[:LONGEST_RUN] + "…") for run in runs]
    reached = accumulate(len(run.text) for run in short)
    return tuple(run for run, total in zip(short, reached, strict=True) if total <= room)
