"""How a city takes electronic guarantees, as its rules say and as people read it (R88, R111, R115, R119)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from accounts.models import Department
from contracts import rules as city_rules
from contracts.models import Case
from contracts.rules import ways
from guarantees.rules.subjects import Subject, write

PAPERS = {
    "notice": "電子証書閲覧用「認証キー」等のお知らせ",
    "certificate_screen": "保証証書（電子証書の内容を確認する画面を印刷したもの）",
}
CHANNELS = {"upload": "画面から登録", "email": "電子メール", "bring": "持参", "fax": "FAX", "post": "郵送"}
BID_BOND = "bid_bond"
REFUSED_TYPES = {BID_BOND: "契約保証予約（入札ボンド）"}


@dataclass(frozen=True)
class Receiver:
    """Where one type of guarantee goes, and with which papers."""

    label: str
    department: str
    email: str
    papers: tuple[str, ...]
    subject: str = ""


@dataclass(frozen=True)
class Guide:
    """The card of a city's rules: what it takes, how, where, and what to mind."""

    on_screen: bool
    channels: tuple[str, ...]
    receivers: tuple[Receiver, ...]
    notes: tuple[str, ...]
    clause_set: str
    contact: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def guide(case: Case) -> Guide:
    """Read the card of the rules that the case started under."""
    scope = case.rule_set.data["guarantee"]
    return Guide(
        on_screen="upload" in scope["channels"],
        channels=tuple(CHANNELS[channel] for channel in scope["channels"]),
        receivers=tuple(_receivers(case)),
        notes=tuple(scope.get("notes", ())),
        clause_set=clause_set(case),
        contact=scope.get("contact", {}).get("note", ""),
    )


def type_choices(case: Case) -> list[tuple[str, str]]:
    """List the types a contractor may think of: those the city takes, and those it refuses with a reason (R85)."""
    scope = case.rule_set.data["guarantee"]
    refused = [name for name in scope.get("refused_types", {}) if name in REFUSED_TYPES]
    return [(name, city_rules.GUARANTEE_TYPES[name]) for name in scope["types"]] + [
        (name, REFUSED_TYPES[name]) for name in refused
    ]


def paper_choices(case: Case) -> list[tuple[str, str]]:
    """List every paper that the city asks for with some type."""
    asked = {paper for papers in case.rule_set.data["guarantee"]["papers"].values() for paper in papers}
    return [(name, label) for name, label in PAPERS.items() if name in asked]


def subject_of(case: Case, *, type_: str) -> Subject:
    """Give what the subject of a mail about a type of guarantee is filled with."""
    return Subject(
        type=city_rules.GUARANTEE_TYPES[type_],
        number=case.number,
        title=case.title,
        contractor=case.contractor.name,
    )


def not_the_certificate(case: Case) -> str:
    """Refuse a 保証証書 where the city takes only the notice, in the words of its guide (R113)."""
    notes = "".join(case.rule_set.data["guarantee"].get("notes", ()))
    return f"選んだファイルは保証証書で、{PAPERS['notice']}ではありません。{notes}"


def clause_set(case: Case) -> str:
    """Name the general terms that the original contract must use, or nothing where the city asks for none (R117)."""
    terms = case.rule_set.data["guarantee"].get("clause_set")
    return f"「{terms['name']}」またはその後の最新版" if terms else ""


def department(case: Case, *, type_: str) -> Department:
    """Route by type: 契約保証 → 契約検査課, 前払金保証 → 担当課, as the city's rules say (R111).

    Raises Department.DoesNotExist when the city has no department of the name in its rules.
    """
    name = city_rules.route(case.rule_set.data, type_)
    if name == city_rules.CASE_DEPARTMENT:
        return case.department
    return Department.unscoped.get(tenant_id=case.tenant_id, name=name)  # type: ignore[no-any-return]


def takes_certificate(case: Case) -> bool:
    """Tell whether the city looks at 保証証書 at all: where it does not, one that is dropped is refused (R113)."""
    return city_rules.guarantee_policy(case.rule_set.data) in {ways.KEY_AND_SCREEN, ways.ANY}


def needs_certificate(case: Case) -> bool:
    """Tell whether the city wants the 保証証書 beside the notice (R115)."""
    return city_rules.guarantee_policy(case.rule_set.data) == ways.KEY_AND_SCREEN


def _receivers(case: Case) -> Iterator[Receiver]:
    rules = case.rule_set.data
    known = {row.name: row for row in Department.unscoped.filter(tenant_id=case.tenant_id)}
    by_mail = "email" in rules["guarantee"]["channels"]
    printed = "（印刷したもの）" if city_rules.guarantee_policy(rules) == ways.PRINTED_NOTICE else ""
    for type_ in rules["guarantee"]["types"]:
        name = city_rules.route(rules, type_)
        row = case.department if name == city_rules.CASE_DEPARTMENT else known.get(name)
        yield Receiver(
            label=city_rules.GUARANTEE_TYPES[type_],
            department=row.name if row else name,
            email=row.email if row and by_mail else "",
            papers=tuple(PAPERS[paper] + printed for paper in city_rules.required_papers(rules, type_)),
            subject=write(city_rules.mail_subjects(rules)[type_], subject_of(case, type_=type_)) if by_mail else "",
        )
