"""A version beside its predecessor, for those who are asked to approve it and for those who edit at the same time."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from accounts.models import User
from contracts import clauses, documents, legible, rules
from contracts.clauses import Article
from contracts.comparison import Comparison, Item, Paper, Side, compare
from contracts.models import ContractVersion, Document, DocumentKind
from contracts.services.signatures import ordering
from contracts.services.versions import freezing, papers, previewing, sheets
from contracts.states import VersionState
from contracts.terms import LABELS, Terms

# 「空欄のまま印刷する欄」は、それぞれの欄に（空欄）と出る。
SHOWN_TERMS = tuple(name for name in LABELS if name != "blanks")


class _Leaves(Sequence[str]):
    """The texts of a paper's pages, read only when they are compared: the same bytes need no reading."""

    def __init__(self, read: Callable[[], tuple[str, ...]]) -> None:
        self._read = read

    def __getitem__(self, place: Any) -> Any:
        return self._read()[place]

    def __len__(self) -> int:
        return len(self._read())


def predecessors(version: ContractVersion) -> list[ContractVersion]:
    """List what a version may be compared with: the version before it, and for a change the one in force before it."""
    earlier = ContractVersion.unscoped.filter(contract_id=version.contract_id, number__lt=version.number)
    before = None if version.contract.is_original else papers.in_force_before(version)
    return [each for each in (earlier.order_by("-number").first(), before) if each is not None]


def compared(before: ContractVersion, after: ContractVersion) -> Comparison:
    """Say what changed from one version of a case to another; a change leaves the earlier contract's files in force."""
    same_paper = before.contract_id == after.contract_id
    old, new = (_side(version, with_paper=same_paper) for version in (before, after))
    if not same_paper:
        titles = {paper.title for paper in new.documents}
        old = replace(old, documents=[paper for paper in old.documents if paper.title in titles])
    return compare(old, new)


def at_odds(saved: ContractVersion, *, sheet: sheets.Sheet, signatory: User) -> tuple[Item, ...]:
    """Say where a person's front sheet differs from the one someone else saved in the meantime (前 = saved)."""
    mine = copy(saved)
    sheets.fill(mine, sheet)
    mine.signatory = signatory
    return compare(_front(saved), _front(mine)).items


def _side(version: ContractVersion, *, with_paper: bool) -> Side:
    """Read a version; 当初契約書 and 変更契約書 have other forms, so their paper is left out between the two."""
    uploads = [_paper(row) for row in freezing.current(version) if with_paper or row.kind != DocumentKind.CONTRACT]
    drafted = [_draft_paper(version)] if with_paper and version.state == VersionState.DRAFT else []
    return replace(_front(version), articles=_articles(version), documents=[*drafted, *uploads])


def _front(version: ContractVersion) -> Side:
    terms = Terms.from_json(version.terms)
    shown = {LABELS[name]: "\n".join(terms.lines(name)) for name in SHOWN_TERMS}
    return Side(
        amount=version.amount,
        tax=version.amount - papers.amount_without_tax(version),
        work_starts=version.work_starts_date,
        work_ends=version.work_ends_date,
        contract_date=version.contract_date,
        clause_set=version.clause_set,
        terms=shown
        | {
            "変更・訂正の理由": version.reason,
            "発注者の署名者": version.signatory.name,
            "受注者の署名者の確かめ方": ordering.level_of(version).label,
        },
    )


def _articles(version: ContractVersion) -> tuple[Article, ...]:
    case = version.case
    found = rules.clause_set_named(case.rule_set.data, version.clause_set)
    values = documents.clause_values(
        Terms.from_json(version.terms),
        orderer=case.tenant.name,
        contractor=case.contractor.name,
        conclusion_day="契約締結日",
    )
    return clauses.fill(found.articles if found else (), values)


def _paper(row: Document) -> Paper:
    paper = legible.of_document(row, number=0)
    return Paper(title=row.title, sha256=paper.sha256, pages=_Leaves(paper.texts))


def _draft_paper(version: ContractVersion) -> Paper:
    paper = previewing.preview(version)
    return Paper(title=papers.contract_title(version), sha256=paper.sha256, pages=_Leaves(paper.texts))
