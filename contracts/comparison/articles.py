"""The clauses, article by article: matched by title, then by likeness, never by number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.clauses import Article
from contracts.comparison.runs import BY_LINE, Run, difference
from contracts.comparison.sides import STATES, State

# 題の変わった条は、本文の隣り合う二字が半分以上重なれば同じ条とみなす。
LEAST_LIKENESS = 0.5


@dataclass(frozen=True)
class ArticleChange:
    """One article; a number is its place in that version, None where it is not; runs unless its words are the same."""

    title: str
    state: State
    before_number: int | None
    after_number: int | None
    runs: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def number(self) -> int:
        """The place in the version it is found in, the later one first."""
        return self.after_number or self.before_number or 0


def compare_articles(before: Sequence[Article], after: Sequence[Article]) -> Iterator[ArticleChange]:
    """Give every article of both versions in the order of the later; a removed one stands where it stood."""
    pairs = _paired(before, after)
    partners = {j: i for i, j in pairs.items()}
    gone = [i for i in range(len(before)) if i not in pairs]
    for j, article in enumerate(after):
        i = partners.get(j)
        while i is not None and gone and gone[0] < i:
            yield _removed(before, gone.pop(0))
        yield _added(article, j) if i is None else _kept(before[i], article, i + 1, j + 1)
    yield from (_removed(before, i) for i in gone)


def _added(article: Article, place: int) -> ArticleChange:
    return ArticleChange(article.title, "added", None, place + 1, (Run(_text(article), "insert"),))


def _removed(articles: Sequence[Article], place: int) -> ArticleChange:
    return ArticleChange(articles[place].title, "removed", place + 1, None, (Run(_text(articles[place]), "delete"),))


def _kept(before: Article, after: Article, old: int, new: int) -> ArticleChange:
    found = difference(_text(before), _text(after))
    notes = [f"第{old}条から第{new}条になりました。"] if old != new else []
    if before.title != after.title:
        notes.append(f"題が「{before.title}」から「{after.title}」になりました。")
    if found.by_line:
        notes.append(BY_LINE)
    same = before.paragraphs == after.paragraphs
    state: State = "same" if same and before.title == after.title else "changed"
    return ArticleChange(after.title, state, old, new, () if same else found.runs, tuple(notes))


def _paired(before: Sequence[Article], after: Sequence[Article]) -> dict[int, int]:
    """Pair the places of articles, before to after."""
    places: dict[str, list[int]] = {}
    for j, article in enumerate(after):
        places.setdefault(_plain(article.title), []).append(j)
    pairs = {}
    for i, article in enumerate(before):
        if same_title := places.get(_plain(article.title)):
            pairs[i] = same_title.pop(0)
    return pairs | _alike(before, after, pairs)


def _alike(before: Sequence[Article], after: Sequence[Article], paired: Mapping[int, int]) -> dict[int, int]:
    taken = set(paired.values())
    old = {i: _letters(article) for i, article in enumerate(before) if i not in paired}
    new = {j: _letters(article) for j, article in enumerate(after) if j not in taken}
    scores = [(-_likeness(one, other), i, j) for i, one in old.items() for j, other in new.items()]
    pairs: dict[int, int] = {}
    for score, i, j in sorted(scores):
        if -score >= LEAST_LIKENESS and i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _text(article: Article) -> str:
    return "\n".join(article.paragraphs)


def _letters(article: Article) -> frozenset[str]:
    return frozenset(one + other for one, other in pairwise(_text(article)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)


def _plain(title: str) -> str:
    return "".join(title.split()).strip("()（）")
