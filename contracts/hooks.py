"""What apps above contracts add to it: panels on the case page, and what follows when a case has its contract."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model

from accounts.actors import Actor
from accounts.models import Organization
from accounts.requests import ActorRequest
from contracts.figures.usage import Line
from contracts.models import Case, Purpose
from contracts.states import OPEN_CASES
from vault.models import StoredFile


@dataclass(frozen=True)
class Ahead:
    """A day that lies ahead of a case, and what comes on it."""

    title: str
    on: date
    note: str = ""


def nothing_ahead(_context: Mapping[str, Any]) -> list[Ahead]:
    """Say of a panel that it knows of no day to come."""
    return []


@dataclass(frozen=True)
class Panel:
    """A part of the case page: a template and the function that gives its context.

    `anchor` is the id of its card and `label` its name in the list of parts; `ahead` reads the days to come from its
    context. A panel whose context has nothing under `shown_with` is not there.
    """

    template: str
    context: Callable[[Case, ActorRequest], dict[str, Any]]
    anchor: str
    label: str
    shown_with: Sequence[str]
    ahead: Callable[[Mapping[str, Any]], list[Ahead]] = nothing_ahead

    def is_there(self, context: Mapping[str, Any]) -> bool:
        """Tell whether the panel shows anything of a case."""
        return any(context.get(name) for name in self.shown_with)


@dataclass(frozen=True)
class Work:
    """One line of 「受信箱」: what waits on which case, where to do it, and a word more.

    What concerns no single case, like a list of disposal, has none. `due` is the day (JST) by which it must be done,
    and `due_label` what that day is called, where it is another than the case's 契約締結期限.
    """

    case: Case | None
    verb: str
    url: str
    note: str = ""
    due: date | None = None
    due_label: str = "契約締結期限"

    @property
    def by(self) -> date | None:
        """Return its own day, or the deadline of a contract that is still under way."""
        if self.due or self.case is None:
            return self.due
        return self.case.conclusion_deadline_date if self.case.state in OPEN_CASES else None


@dataclass(frozen=True)
class Waiting:
    """A kind of work: the rows that wait for somebody, and how one of them reads as a line.

    `may` tells whom it ever concerns, and `rows` which rows wait for such a person at a moment, without reading any
    (accounts/written.py). `case` is the way from a row to its case ("version__contract__case", "" when the row is the
    case, None when it is about none), `due` the column of its own day ("" for the deadline of a contract under way).
    """

    may: Callable[[Actor], bool]
    rows: Callable[[Actor, datetime], Any]
    line: Callable[[Any], Work]
    case: str | None = ""
    due: str = ""


@dataclass(frozen=True)
class CityPage:
    """A public page of a city beside its guide: the name of its address (which takes the city) and its label."""

    url_name: str
    label: str


@dataclass(frozen=True)
class Beginning:
    """One thing to set up at the beginning, where it is set up, and what is there by now."""

    title: str
    text: str
    url: str
    is_done: bool
    said: str = ""


case_panels: list[Panel] = []
# 案件のあゆみで、節目として一つずつ立てる出来事。ほかの出来事は、次の節目の下に畳む
milestones: set[str] = set()
# 「はじめに」の頁に足す、市が初めに整えること。
beginnings: list[Callable[[Actor], list[Beginning]]] = []
# 市の公開の案内に足す頁。見せるものがない市では None。
city_pages: list[Callable[[Organization], CityPage | None]] = []
# 「受信箱」に足す仕事。行は要るまで読まれず、数だけを尋ねられることもある。
waiting_work: list[Waiting] = []
# メールのリンクの用件ごとに、「確認する」の先の画面（URL の名）。
link_pages: dict[str, str] = {
    Purpose.CONSENT: "consent_form",
    Purpose.ADDRESS: "consent_address",
    Purpose.STANDING: "consent_standing",
    Purpose.SIGN: "contractor_sign",
    Purpose.DOWNLOAD: "contractor_download",
}
# 契約が成立した（電子で締結した、または紙で契約した）案件を受け取る。同じトランザクションの中で呼ばれる。
on_contracted: list[Callable[[Case, Actor, datetime], None]] = []


def contracted(case: Case, *, actor: Actor, at: datetime) -> None:
    """Tell the apps above that a case has its contract."""
    for follow in on_contracted:
        follow(case, actor, at)


# 変更契約・訂正合意が成立した案件（紙の変更を含む）と、その成立の日を受け取る。同じトランザクションの中で呼ばれる。
on_amended: list[Callable[[Case, date, Actor, datetime], None]] = []


def amended(case: Case, *, day: date, actor: Actor, at: datetime) -> None:
    """Tell the apps above that the terms of a case have changed, from a day (JST) on."""
    for follow in on_amended:
        follow(case, day, actor, at)


# 規則のファイルから開設した自治体と、そのファイルの [city] の節を受け取る。同じトランザクションの中で呼ばれる。
on_founded: list[Callable[[Organization, Mapping[str, Any], datetime], None]] = []


def founded(city: Organization, *, facts: Mapping[str, Any], at: datetime) -> None:
    """Tell the apps above that a city has been founded, with the [city] section of its rule file."""
    for follow in on_founded:
        follow(city, facts, at)


@dataclass(frozen=True)
class PackFile:
    """A file that an app above puts into the audit pack of a case; `name` is a name without a folder."""

    name: str
    title: str
    file: StoredFile


@dataclass(frozen=True)
class PackSection:
    """What an app above tells in the audit pack of a case: plain values, the template that shows them, and files.

    `name` is its heading and its folder, `standing` a word for the index of the pack. Nothing secret may be in it.
    """

    name: str
    template: str
    standing: str
    told: list[dict[str, Any]]
    files: tuple[PackFile, ...] = ()


# 監査資料の一式に加えるもの
pack_sections: list[Callable[[Case, Actor], PackSection]] = []


@dataclass(frozen=True)
class ArchiveSource:
    """Rows of an app that have entries in the archive, and how a locked one of them brings its entries up to date.

    `rows` gives those of the municipality in view; `follow` may be called again with the same row.
    """

    rows: Callable[[], Any]
    follow: Callable[[Any], None]


# 書庫に載せる行。名は、あとから載せる仕事（ArchiveBackfill）の名でもある。
archive_sources: dict[str, ArchiveSource] = {}

# 書庫の行が立つもの（subject の初めの名）ごとに、その画面（番号を一つ受け取る URL の名）。なければ案件の画面へ行く。
archive_pages: dict[str, str] = {"consent": "consent_paper"}

# 保証の利用実績（R97）を、ある期間（両端を含む日、JST）について、課ごとと市全体の行で答える。上のアプリが一つ登録する。
guarantee_usage: list[Callable[[Actor, date, date], tuple[list[Line], Line]]] = []


@dataclass(frozen=True)
class Telling:
    """Where the journal tells how a paper came in: the thread, the moment and the subject (None and "" for any)."""

    thread: str
    at: datetime | None = None
    subject: str = ""


@dataclass(frozen=True)
class KeptPaper:
    """A column that keeps files of which the journal tells how they came in, to be held against it every night.

    `named` says under which word of its data each action names the SHA-256: one, or lines that end with one.
    `tellings` are the places where a row (with its `related` at hand) may be told of; one of them must name its file.
    """

    model: type[Model]
    column: str
    label: str
    named: Mapping[str, str]
    tellings: Callable[[Any], list[Telling]]
    related: tuple[str, ...] = ()


# 上のアプリが預かる書類のうち、操作記録が SHA-256 を名指しするもの
kept_papers: list[KeptPaper] = []
