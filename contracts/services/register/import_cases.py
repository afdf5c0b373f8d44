"""Rows of awarded cases from the bidding system: each is judged by the rules in force before anything is written."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.models import Department, User
from contracts import tables
from contracts.dates import parse_date, parse_yen, wareki, yen
from contracts.folding import search_key
from contracts.models import Case, Contractor, JvMember, RuleSet
from contracts.services.cases import registering
from contracts.services.cases.registering import CaseRefused
from contracts.services.register.import_register import WHOLE
from contracts.services.register.import_rows import Outcome, Planned, doubled, refused
from contracts.tables import Column, Row, Table

MOST_CANDIDATES = 5
COUNCIL = {"要": True, "不要": False, "": False}
COLUMNS = (
    Column("number", "工事番号", tables.name(60), example="鳥建工第12号"),
    Column("title", "工事名", tables.name(200), example="市道元町線道路改良工事"),
    Column("place", "工事場所", tables.name(200), required=False, may_be_empty=True, example="見本市元町地内"),
    Column("kind", "区分", tables.name(100), example="建設工事"),
    Column("procurement_method", "調達方法", tables.name(100), example="一般競争入札"),
    Column("announced_date", "公告日", parse_date, example="令和8年3月2日"),
    Column("awarded_date", "落札日", parse_date, example="2026/3/20"),
    Column("registration_number", "落札者の登録番号", tables.name(60), required=False, may_be_empty=True),
    Column("contractor", "落札者", tables.name(400), may_be_empty=True, example="株式会社髙﨑建設"),
    Column("amount", "請負代金額", parse_yen, example="11,000,000"),
    Column("work_starts_date", "工期の始期", parse_date, example="R8.4.10"),
    Column("work_ends_date", "工期の終期", parse_date, example="R8.10.30"),
    Column("department", "担当課", tables.name(100), example="建設課"),
    Column("needs_council", "議会の議決", tables.one_of(COUNCIL), required=False, may_be_empty=True, example="不要"),
    Column("traits", "対象外の事由", tables.name(400), required=False, may_be_empty=True),
)
LABELS = {column.field: column.label for column in COLUMNS}
FACTS = tuple(name for name in LABELS if name not in {"number", "registration_number"})


class Firms:
    """The firms that may have won, found by registration number, by name, and by name however it is spelled."""

    def __init__(self, tenant_id: int) -> None:
        firms = list(Contractor.unscoped.filter(tenant_id=tenant_id).order_by("pk"))
        self.formed = set(JvMember.unscoped.filter(tenant_id=tenant_id).values_list("joint_venture_id", flat=True))
        self.by_number: dict[str, Contractor] = {f.registration_number: f for f in firms if f.registration_number}
        self.by_name: dict[str, list[Contractor]] = defaultdict(list)
        self.by_key: dict[str, list[Contractor]] = defaultdict(list)
        for firm in firms:
            for name in {firm.name, firm.full_name, f"{firm.name} {firm.branch}".strip()}:
                self.by_name[name].append(firm)
            for key in {search_key(firm.name), search_key(firm.full_name)}:
                self.by_key[key].append(firm)

    def find(self, number: str, name: str) -> Contractor:
        """Find the awardee; raises ValueError, with the candidates when there are several."""
        firm = self._numbered(number, name) if number else self._named(name)
        if not firm.active:
            raise ValueError(f"{firm.full_name}は登録が停止されています。名簿をご確認ください。")
        if firm.is_joint_venture and firm.pk not in self.formed:
            raise ValueError(f"{firm.name}の構成員が登録されていません。先に名簿で構成員と代表を登録してください。")
        return firm

    def _numbered(self, number: str, name: str) -> Contractor:
        if (firm := self.by_number.get(number)) is None:
            raise ValueError(f"登録番号「{number}」の事業者は名簿にありません。")
        if name and firm not in self._alike(name):
            raise ValueError(f"登録番号「{number}」の事業者は{firm.full_name}で、「{name}」ではありません。")
        return firm

    def _named(self, name: str) -> Contractor:
        if not name:
            raise ValueError("落札者の登録番号か、落札者の名称を書いてください。")
        alike = self._alike(name)
        if not alike:
            raise ValueError(f"「{name}」は名簿にありません。先に名簿に登録するか、登録番号を書いてください。")
        if len(alike) > 1:
            named = [f"{f.full_name}（{f.registration_number or f.address}）" for f in alike[:MOST_CANDIDATES]]
            more = f"ほか{len(alike) - MOST_CANDIDATES}者" if len(alike) > MOST_CANDIDATES else ""
            raise ValueError(f"「{name}」に当たる事業者が{len(alike)}者あります: {'、'.join(named)}{more}。")
        return alike[0]

    def _alike(self, name: str) -> list[Contractor]:
        return self.by_name.get(name) or self.by_key.get(search_key(name), [])


class Desk:
    """What every row is read against: the rules in force, the departments, the firms and the cases there are."""

    def __init__(self, table: Table, *, actor: Actor, at: datetime) -> None:
        self.actor, self.at = actor, at
        self.clerk = User.objects.get(email=actor.email)
        self.rule_set: RuleSet = registering.rules_in_force(tenant_id=actor.tenant_id, at=at)
        data = self.rule_set.data
        self.kinds, self.methods = _by_word(data["kinds"]), _by_word(data["methods"])
        exclusions = data["econtract"].get("exclusions", ())
        self.traits = _by_word({entry["key"]: entry["label"] for entry in exclusions})
        self.departments = {d.name: d for d in Department.unscoped.filter(tenant_id=actor.tenant_id)}
        self.firms = Firms(actor.tenant_id)
        numbers = [row.values["number"] for row in table.rows if "number" in row.values]
        known = Case.unscoped.filter(tenant_id=actor.tenant_id, number__in=numbers)
        self.cases = {case.number: case for case in known.select_related("contractor", "department", "rule_set")}
        self.twins = doubled(table.rows, LABELS["number"], lambda row: row.values.get("number"))


def _by_word(names: Mapping[str, str]) -> dict[str, str]:
    """Map both the Japanese name and the code of an entry of the rules to its code."""
    return {tables.plain(word): code for code, label in names.items() for word in (code, label)}


def plan(table: Table, *, actor: Actor, at: datetime, locked: bool) -> tuple[list[Planned], list[str]]:  # noqa: ARG001
    """Work out which case each row would register, with its verdict and its deadline."""
    desk = Desk(table, actor=actor, at=at)
    rows = [_planned(row, desk) for row in table.rows]
    return rows, [f"判定と期限は、{desk.rule_set.name} 第{desk.rule_set.number}版によります。"]


def _planned(row: Row, desk: Desk) -> Planned:
    title = " ".join(str(row.values[name]) for name in ("number", "title") if name in row.values)
    if row.line in desk.twins:
        row.problems.append([LABELS["number"], desk.twins[row.line]])
    facts, problems = _facts(row, desk)
    if row.problems or problems:
        return refused(row, title, *problems)
    if known := desk.cases.get(facts["number"]):
        return _known(row, title, facts, known)
    return _judged(row, title, facts, desk)


def _facts(row: Row, desk: Desk) -> tuple[dict[str, Any], list[list[str]]]:
    """Turn the words of a row into the facts of a case; [heading, reason] of what is not found."""
    facts: dict[str, Any] = {"place": "", "needs_council": False, "traits": []} | row.values
    facts["needs_council"] = bool(facts["needs_council"])
    number = facts.pop("registration_number", "")
    problems: list[list[str]] = []
    readers: dict[str, Callable[[str], Any]] = {
        "kind": lambda word: _known_word(desk.kinds, word),
        "procurement_method": lambda word: _known_word(desk.methods, word),
        "department": lambda word: _department(desk.departments, word),
        "traits": lambda words: _traits(desk.traits, words),
        "contractor": lambda name: desk.firms.find(number, name),
    }
    for name, read in readers.items():
        if name in row.values:
            try:
                facts[name] = read(row.values[name])
            except ValueError as wrong:
                problems.append([LABELS[name], str(wrong)])
    return facts, problems


def _known_word(known: Mapping[str, str], word: str) -> str:
    if (code := known.get(tables.plain(word))) is None:
        raise ValueError(f"「{word[:40]}」は規程にありません。")
    return code


def _department(departments: Mapping[str, Department], name: str) -> Department:
    if name not in departments:
        raise ValueError(f"「{name[:40]}」という課はありません。使えるのは{'、'.join(departments)}です。")
    return departments[name]


def _traits(known: Mapping[str, str], words: str) -> list[str]:
    return sorted({_known_word(known, word) for word in words.replace(";", "、").split("、") if word.strip()})


def _known(row: Row, title: str, facts: dict[str, Any], case: Case) -> Planned:
    """A number that is taken: the same case again is no news, another one is refused."""
    differing = [
        [LABELS[name], _said(getattr(case, name)), _said(facts[name])]
        for name in FACTS
        if name in row.values and getattr(case, name) != facts[name]
    ]
    if not differing:
        return Planned(row.line, title, Outcome.SAME)
    what = "、".join(f"{label}（登録済: {before} / ファイル: {after}）" for label, before, after in differing)
    reason = f"この番号の案件はすでに登録されていて、内容が違います: {what}。訂正は案件のページで行ってください。"
    return refused(row, title, [LABELS["number"], reason])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "要" if value else "不要"
    if isinstance(value, date):
        return wareki(value)
    if isinstance(value, list):
        return "、".join(value) or "なし"
    return yen(value) if isinstance(value, int) else str(value) or "（空）"


def _judged(row: Row, title: str, facts: dict[str, Any], desk: Desk) -> Planned:
    case = Case(
        tenant_id=desk.actor.tenant_id,
        rule_set=desk.rule_set,
        registered_by=desk.clerk,
        registered_at=desk.at,
        **facts,
    )
    try:
        registering.settle(case)
    except CaseRefused as wrong:
        return refused(row, title, [WHOLE, str(wrong)])
    firm = case.contractor
    notes = [f"落札者 {firm.full_name}（{firm.registration_number or firm.address}）・{yen(case.amount)}"]
    notes += [f"{'対象' if case.is_eligible else '対象外'}: {case.econtract_verdict['decided_by']}"]
    if case.conclusion_deadline_date:
        notes.append(f"契約締結期限 {wareki(case.conclusion_deadline_date)}（{case.deadline_working}）")
    return Planned(row.line, title, Outcome.NEW, notes=notes, made=case)


def take_in(rows: Sequence[Planned], *, actor: Actor, at: datetime) -> None:
    """Register the new cases, each with its own event; raises CaseRefused when a number was taken meanwhile."""
    cases = [row.made for row in rows if row.outcome == Outcome.NEW]
    try:
        with transaction.atomic():
            Case.unscoped.bulk_create(cases, batch_size=500)
    except IntegrityError as clash:
        if "one_case_per_number" not in str(clash):
            raise
        raise CaseRefused("取込みの間に、同じ工事番号の案件が登録されました。もう一度お試しください。") from clash
    for case in cases:
        registering.record_registered(case, actor=actor, at=at)
