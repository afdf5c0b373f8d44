"""前の版との比較: a version beside its predecessor, as plain values that a page can show."""

from dataclasses import dataclass

from contracts.comparison.articles import ArticleChange, compare_articles
from contracts.comparison.documents import DocumentChange, compare_documents
from contracts.comparison.front import Item, compare_items
from contracts.comparison.pages import Passage
from contracts.comparison.runs import Run, difference
from contracts.comparison.sides import Paper, Side

__all__ = [
    "ArticleChange",
    "Comparison",
    "DocumentChange",
    "Item",
    "Paper",
    "Passage",
    "Run",
    "Side",
    "compare",
    "difference",
]


@dataclass(frozen=True)
class Comparison:
    """What changed, in reading order: the front sheet, the clauses, the documents."""

    items: tuple[Item, ...]
    articles: tuple[ArticleChange, ...]
    documents: tuple[DocumentChange, ...]

    @property
    def changed_articles(self) -> tuple[ArticleChange, ...]:
        return tuple(article for article in self.articles if article.state != "same")

    @property
    def renumbered_articles(self) -> tuple[ArticleChange, ...]:
        """Articles whose words are the same and whose place is not."""
        return tuple(article for article in self.articles if article.state == "same" and article.notes)

    @property
    def unchanged_articles(self) -> int:
        return len(self.articles) - len(self.changed_articles)

    @property
    def changed(self) -> bool:
        others = (document for document in self.documents if document.state != "same")
        return bool(self.items or self.changed_articles or any(others))


def compare(before: Side, after: Side) -> Comparison:
    """Say what changed from one version to the next; the work is bounded, however long the documents are."""
    return Comparison(
        tuple(compare_items(before, after)),
        tuple(compare_articles(before.articles, after.articles)),
        tuple(compare_documents(before.documents, after.documents)),
    )
