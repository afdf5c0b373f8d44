"""Where files of a contract lie: which rows keep which bytes, and what keeps a contract from being disposed of.

Apps above add their own rows and reasons to the registries; a column that nobody names here keeps its file for ever.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models import Model as Row

from contracts.models import Consent, ConsentSubmission, Contract, Custody, Document, ForeignContract, Revision
from contracts.states import ContractState
from vault.models import StoredFile


@dataclass(frozen=True)
class Holding:
    """A column that keeps files, and the ways from its rows to their custody ("consent__case__custody").

    `name`, `sha256` and `size` say where a row tells what its file is: a revision knows the whole document it ends.
    """

    model: type[Row]
    column: str
    label: str
    ways: tuple[str, ...]
    name: str = ""
    sha256: str = ""
    size: str = ""

    def of(self, custody: Custody) -> Any:
        """Query the rows of one custody that keep a file."""
        return _rows(self.model).filter(self._through("", custody.pk), **{f"{self.column}__isnull": False})

    def told(self, custody: Custody) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each file's id, and its name, SHA-256 and size in bytes as the record of a disposal tells them."""
        names = (self.name,) if self.name else ()
        size, sha256 = self.size or f"{self.column}__size", self.sha256 or f"{self.column}__sha256"
        for pk, digest, length, *name in (
            self.of(custody).order_by("pk").values_list(f"{self.column}_id", sha256, size, *names)
        ):
            yield pk, {"name": " ".join([self.label, *map(str, name)]), "sha256": digest, "size": length}

    def gone(self, custody: Custody) -> Q:
        """Say which rows need their file no more once a custody is disposed of: its own, and those of earlier ones."""
        return self._through("", custody.pk) | self._through("__disposed_at__isnull", value=False)

    def _through(self, end: str, value: Any) -> Q:
        found = Q()
        for way in self.ways:
            found |= Q(**{f"{way}{end}": value})
        return found


@dataclass(frozen=True)
class Obstacle:
    """A reason why the records of a case may not be disposed of yet; `rows` are those that say so, by their case."""

    reason: str
    rows: Callable[[], Any]

    def stands(self) -> Exists:
        """Ask it of a custody in a query."""
        return Exists(self.rows().filter(case=OuterRef("case")))


def _unformed() -> Any:
    return Contract.unscoped.filter(state__in=[ContractState.PREPARING, ContractState.COUNCIL_PENDING])


HOLDINGS: list[Holding] = [
    Holding(
        *(Revision, "tail", "文書", ("document__version__contract__case__custody",)),
        name="document__title",
        sha256="sha256",
        size="size",
    ),
    Holding(Document, "received", "受け取ったままの文書", ("version__contract__case__custody",), name="title"),
    Holding(Consent, "paper", "電子契約利用承諾書", ("case__custody",)),
    Holding(ConsentSubmission, "paper", "提出された承諾書", ("consent__case__custody",)),
    Holding(ConsentSubmission, "received", "受け取ったままの承諾書", ("consent__case__custody",)),
    Holding(ForeignContract, "file", "契約書", ("custody",), name="name"),
]
OBSTACLES: list[Obstacle] = [Obstacle("手続きの終わっていない契約があります。", _unformed)]


def files_of(custody: Custody) -> list[tuple[int, dict[str, Any]]]:
    """List the files of a custody, each with its id and what the record tells of it."""
    return [file for holding in HOLDINGS for file in holding.told(custody)]


def is_needed(stored: StoredFile, *, besides: Custody) -> bool:
    """Tell whether any row keeps these bytes that is neither of this custody nor of one disposed of before."""
    return any(_needs(relation, stored, besides) for relation in relations())


def relations() -> list[Any]:
    """List every column of the installation that refers to a file."""
    fields = StoredFile._meta.get_fields(include_hidden=True)  # noqa: SLF001 - Django が公に文書化している名
    return [field for field in fields if field.auto_created and not field.concrete]


def _needs(relation: Any, stored: StoredFile, besides: Custody) -> bool:
    model, column = relation.related_model, relation.field.name
    rows = _rows(model).filter(**{column: stored})
    known = next((each for each in HOLDINGS if (each.model, each.column) == (model, column)), None)
    if known is not None:
        rows = rows.exclude(pk__in=_rows(model).filter(known.gone(besides), **{column: stored}).values("pk"))
    return bool(rows.exists())


def _rows(model: Any) -> Any:
    return getattr(model, "unscoped", model._default_manager)  # noqa: SLF001 - Django が公に文書化している名
