"""What apps above contracts add to it: panels on the case page, and what follows when a case has its contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import Organization
from accounts.requests import ActorRequest
from contracts.models import Case, Purpose


@dataclass(frozen=True)
class Panel:
    """A part of the case page: a template and the function that gives its context."""

    template: str
    context: Callable[[Case, ActorRequest], dict[str, Any]]


@dataclass(frozen=True)
class Work:
    """One line of 「私の仕事」: what waits on which case, where to do it, and a word more."""

    case: Case
    verb: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class CityPage:
    """A public page of a city beside its guide: the name of its address (which takes the city) and its label."""

    url_name: str
    label: str


case_panels: list[Panel] = []
# 市の公開の案内に足す頁。見せるものがない市では None。
city_pages: list[Callable[[Organization], CityPage | None]] = []
# 「私の仕事」に足す仕事。
waiting_work: list[Callable[[Actor], list[Work]]] = []
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
