"""Rows of the register of qualified bidders: which entry each row of a file is, and what it would change."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from accounts.actors import Actor
from contracts import mailboxes, tables
from contracts.models import Contractor
from contracts.services.register import enlisting
from contracts.services.register.import_rows import Outcome, Planned, doubled, refused
from contracts.tables import Column, Row, Table

STANDINGS = {"登録中": True, "停止": False}
OPTIONAL: dict[str, Any] = {"required": False, "may_be_empty": True}
COLUMNS = (
    Column("registration_number", "登録番号", tables.name(60), required=False, may_be_empty=True, example="第1234号"),
    Column("name", "商号又は名称", tables.name(200), example="株式会社髙﨑建設"),
    Column("name_kana", "フリガナ", tables.reading(200), example="タカサキケンセツ", **OPTIONAL),
    Column("branch", "委任先の支店等", tables.name(150), required=False, may_be_empty=True, example="見本支店"),
    Column("address", "住所", tables.name(300), example="見本県見本市宿町1234番地"),
    Column("representative_title", "代表者の役職", tables.name(100), example="代表取締役"),
    Column("representative_name", "代表者名", tables.name(100), example="髙﨑　一郎"),
    Column("representative_kana", "代表者名のフリガナ", tables.reading(100), example="タカサキ　イチロウ", **OPTIONAL),
    Column("agent_title", "受任者の役職", tables.name(100), required=False, may_be_empty=True, example="見本支店長"),
    Column("agent_name", "受任者の氏名", tables.name(100), required=False, may_be_empty=True, example="吉田　二郎"),
    Column("agent_kana", "受任者のフリガナ", tables.reading(100), example="ヨシダ　ジロウ", **OPTIONAL),
    Column("email", "メールアドレス", tables.email, example="keiyaku@example.jp"),
    Column("phone", "電話番号", tables.words(40), required=False, may_be_empty=True, example="0942-00-0000"),
    Column("active", "登録の状態", tables.one_of(STANDINGS), required=False, example="登録中"),
)
LABELS = {column.field: column.label for column in COLUMNS}
WHOLE = "行全体"


class Register:
    """The register as it stands, to look rows up in without asking the database for each."""

    def __init__(self, firms: Sequence[Contractor]) -> None:
        self.firms = firms
        self.by_number = {firm.registration_number: firm for firm in firms if firm.registration_number}
        self.by_entry = {(firm.name, firm.branch, firm.address): firm for firm in firms}
        self.by_name: dict[Hashable, list[Contractor]] = defaultdict(list)
        for firm in firms:
            self.by_name[firm.name, firm.branch].append(firm)

    def find(self, values: dict[str, Any]) -> Contractor | None:
        """Find the entry that a row is about: by registration number, else by name and branch.

        Raises ValueError when it may be any of several.
        """
        number = values.get("registration_number", "")
        if number in self.by_number:
            return self.by_number[number]
        branch = values.get("branch", "")
        alike = [f for f in self.by_name[values["name"], branch] if not (number and f.registration_number)]
        alike = [firm for firm in alike if firm.address == values["address"]] or alike
        if len(alike) > 1:
            raise ValueError(f"同じ名称の登録が{len(alike)}件あり、どれか決められません。登録番号を書いてください。")
        return alike[0] if alike else None


def plan(table: Table, *, actor: Actor, at: datetime, locked: bool) -> tuple[list[Planned], list[str]]:  # noqa: ARG001
    """Work out what each row would do to the register as it stands now, and what to say besides.

    With `locked`, the entries stay as they are until the transaction ends.
    """
    firms = Contractor.unscoped.filter(tenant_id=actor.tenant_id).order_by("pk")
    register = Register(list(firms.select_for_update() if locked else firms))
    whole = [row for row in table.rows if not row.problems]
    twins = doubled(whole, "名称・支店・住所", _entry)
    twins |= doubled(whole, LABELS["registration_number"], lambda row: row.values.get("registration_number") or None)
    rows = [_planned(row, register, twins) for row in table.rows]
    _refuse_second_takers(rows)
    untouched = len(register.firms) - len({row.made.pk for row in rows if row.made is not None and row.made.pk})
    remarks = [f"名簿のほかの{untouched:,}件（このファイルにないか、行が拒まれたもの）は、取り込んでも変わりません。"]
    return rows, remarks if untouched else []


def _entry(row: Row) -> Hashable:
    return (row.values["name"], row.values.get("branch", ""), row.values["address"])


def _planned(row: Row, register: Register, twins: dict[int, str]) -> Planned:
    title = str(row.values.get("name", ""))
    if row.problems:
        return refused(row, title)
    if row.line in twins:
        return refused(row, title, [WHOLE, twins[row.line]])
    try:
        firm = register.find(row.values)
        _check(row.values, firm, register)
    except ValueError as wrong:
        return refused(row, title, [WHOLE, str(wrong)])
    return _change(row, firm) if firm else _addition(row)


def _check(values: dict[str, Any], firm: Contractor | None, register: Register) -> None:
    if firm is not None and firm.is_joint_venture:
        raise ValueError("共同企業体として登録されています。構成員とともに、画面で直してください。")
    after = (values["name"], values.get("branch", firm.branch if firm else ""), values["address"])
    if register.by_entry.get(after, firm) != firm:
        raise ValueError("登録番号の違う事業者と、名称・支店・住所が同じです。どちらが正しいか確かめてください。")
    agent = [values.get(name, getattr(firm, name, "")) for name in ("agent_title", "agent_name")]
    if bool(agent[0]) != bool(agent[1]):
        raise ValueError("受任者は、役職と氏名の両方を書くか、両方を空にしてください。")
    if not agent[1] and values.get("agent_kana", getattr(firm, "agent_kana", "")):
        raise ValueError(enlisting.KANA_OF_NOBODY)


def _addition(row: Row) -> Planned:
    firm = Contractor(**row.values)
    return Planned(row.line, firm.full_name, Outcome.NEW, notes=_notes(firm), made=firm)


def _change(row: Row, firm: Contractor) -> Planned:
    # 登録番号の欄が空の行は、いまの番号を消さない。
    values = {name: value for name, value in row.values.items() if value or name != "registration_number"}
    changes = [[LABELS[n], _said(getattr(firm, n)), _said(v)] for n, v in values.items() if getattr(firm, n) != v]
    for name, value in values.items():
        setattr(firm, name, value)
    outcome = Outcome.CHANGED if changes else Outcome.SAME
    notes = _notes(firm) if any(label == LABELS["email"] for label, _, _ in changes) else []
    return Planned(row.line, firm.full_name, outcome, changes=changes, notes=notes, made=firm)


def _notes(firm: Contractor) -> list[str]:
    return [note] if (note := mailboxes.hint(firm.email)) else []


def _said(value: Any) -> str:
    return value if isinstance(value, str) else next(word for word, flag in STANDINGS.items() if flag == value)


def _refuse_second_takers(rows: list[Planned]) -> None:
    """Refuse rows that lead to one entry, one by its number and one by its name."""
    taken: dict[int, list[Planned]] = defaultdict(list)
    for row in rows:
        if row.made is not None and row.made.pk:
            taken[row.made.pk].append(row)
    for group in taken.values():
        for row in group if len(group) > 1 else ():
            others = "、".join(str(other.line) for other in group if other is not row)
            row.outcome, row.changes, row.notes, row.made = Outcome.REFUSED, [], [], None
            row.problems = [[WHOLE, f"{others}行目と同じ登録を指しています。どちらか一方にしてください。"]]


def take_in(rows: Sequence[Planned], *, actor: Actor, at: datetime) -> None:  # noqa: ARG001
    """Write the new and changed entries, in bulk; raises RegisterRefused when the register changed under us."""
    made = [row.made for row in rows if row.outcome == Outcome.NEW]
    changed = [row.made for row in rows if row.outcome == Outcome.CHANGED]
    for firm in (*made, *changed):
        firm.tenant_id, firm.name_key = actor.tenant_id, enlisting.key_of(firm)
    for firm in changed:
        firm.edit_number += 1
    fields = [*LABELS, "name_key", "edit_number"]
    try:
        Contractor.unscoped.bulk_create(made, batch_size=1000)
        Contractor.unscoped.bulk_update(changed, fields, batch_size=500)
    except IntegrityError as clash:
        raise enlisting.twin(clash) from clash
    enlisting.refold(changed)
