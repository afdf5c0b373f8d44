"""市の規則を、画面と同じ答えで確かめ、書き出し、取り込み、比べる。"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization
from accounts.refusals import Refusal
from contracts import dates, rulefiles, rules
from contracts.rulefiles import Source
from contracts.rules import files
from contracts.services.rulesets import rulebooks

T = TypeVar("T")


class Command(BaseCommand):
    """Answer for a city's rules at the shell."""

    help = "市の規則を確かめ（explain）、書き出し（export）、取り込み（import）、比べます（diff）。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of four verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="explain|export|import|diff")
        _explain_arguments(verbs.add_parser("explain", help="案件が対象かどうかと、契約締結期限を、根拠とともに示す"))
        exporting = verbs.add_parser("export", help="規則を一つのファイルに書き出す")
        exporting.add_argument("city", metavar="CITY", help="市の記号、またはひな型の名")
        exporting.add_argument("--version", dest="number", type=int, metavar="N", help="版の番号（既定は適用中の版）")
        exporting.add_argument("-o", "--output", type=Path, metavar="FILE", help="書き出す先（既定は画面）")
        importing = verbs.add_parser("import", help="ファイルを検査し、違いを示し、新しい版として公開する")
        importing.add_argument("file", type=Path, metavar="FILE")
        importing.add_argument("--city", metavar="SLUG", help="市の記号（既定はファイルの [city] の slug）")
        importing.add_argument("--effective", type=_day, metavar="DATE", help="適用開始日（既定はファイルの施行日）")
        importing.add_argument("--dry-run", action="store_true", help="違いを示すだけで、何も書き込まない")
        importing.add_argument("--create", action="store_true", help="[city] の節から、自治体を開設する")
        comparing = verbs.add_parser("diff", help="二つの規則の違いを示す")
        for name in ("before", "after"):
            comparing.add_argument(name, metavar=name.upper(), help="ファイル、ひな型の名、市の記号、または 記号:版")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the verb; a refusal becomes an error of the command."""
        verbs: dict[str, Callable[..., None]] = {
            "explain": self._explain,
            "export": self._export,
            "import": self._import,
            "diff": self._diff,
        }
        try:
            verbs[options["verb"]](**options)
        except (Refusal, rules.RuleError, LookupError) as refused:
            raise CommandError(str(refused)) from refused
        except OperationalError as unreachable:
            raise CommandError("データベースに届きません。部品が動いているか確かめてください。") from unreachable

    def _explain(self, *, city: str, json: bool, guarantee: bool, **options: Any) -> None:
        source = rulefiles.find(city, on=timezone.localdate())
        facts = _facts(source.data, **options)
        answer = _answer(source, facts, guarantee=guarantee)
        self.stdout.write(_json(answer) if json else "\n".join(_answer_lines(source, answer)))

    def _export(self, *, city: str, number: int | None, output: Path | None, **_options: Any) -> None:
        name = city if number is None else f"{city}:{number}"
        source = rulefiles.find(name, on=timezone.localdate())
        text = files.write(source.data)
        if output is None:
            self.stdout.write(text)
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as wrong:
            raise CommandError(f"{output} に書き出せません（{wrong.strerror}）。") from wrong
        self.stdout.write(f"{source.label}を {output} に書き出しました。")

    def _import(
        self, *, file: Path, city: str | None, effective: date | None, dry_run: bool, create: bool, **_options: Any
    ) -> None:
        data = rulefiles.from_file(file)
        day = effective or date.fromisoformat(data["effective_date"])
        if create:
            self._create(data | {"effective_date": day.isoformat()}, dry_run=dry_run)
            return
        row = _city(city or data.get("city", {}).get("slug", ""))
        with tenancy.acting_for(row.pk):
            edition = rulebooks.prepare(row, data=data, effective_date=day, at=timezone.now())
            self._write_changes(edition.changes)
            if dry_run:
                self.stdout.write("書き込んでいません（--dry-run）。")
                return
            stored = rulebooks.publish(row, data=data, effective_date=day, actor=None, at=timezone.now())
            self.stdout.write(f"{row.name}の第{stored.number}版を公開しました（{dates.wareki(day)}から適用）。")

    def _create(self, data: dict[str, Any], *, dry_run: bool) -> None:
        if dry_run:
            rulebooks.check_founding(data)
            self.stdout.write(f"{data['name']}を開設できます。書き込んでいません（--dry-run）。")
            return
        city = rulebooks.found(data=data, at=timezone.now())
        self.stdout.write(f"{city.name}（{city.slug}）を開設し、第1版を公開しました。")

    def _diff(self, *, before: str, after: str, **_options: Any) -> None:
        one, other = (rulefiles.find(name, on=timezone.localdate()) for name in (before, after))
        self.stdout.write(f"--- {one.label}\n+++ {other.label}")
        self._write_changes(rules.differences(one.data, other.data))

    def _write_changes(self, changes: tuple[rules.Change, ...]) -> None:
        for change in changes:
            self.stdout.write(change.label)
            for mark, side in (("-", change.before), ("+", change.after)):
                for line in side.splitlines():
                    self.stdout.write(f"  {mark} {line}")
        self.stdout.write(f"違いは{len(changes)}件です。")


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="CITY", help="市の記号、またはひな型の名")
    parser.add_argument("--kind", required=True, help="案件の区分（呼び名か記号）")
    parser.add_argument("--method", required=True, help="調達方法（呼び名か記号。一部でもよい）")
    parser.add_argument("--announced", type=_day, metavar="DATE", help="公告日")
    parser.add_argument("--awarded", type=_day, metavar="DATE", help="落札日")
    parser.add_argument("--contracted", type=_day, metavar="DATE", help="当初契約の締結日")
    parser.add_argument("--starts", type=_day, metavar="DATE", help="履行開始日")
    parser.add_argument("--ends", type=_day, metavar="DATE", help="履行の終わりの日")
    parser.add_argument("--amount", type=_yen, metavar="YEN", help="金額")
    parser.add_argument("--council", action="store_true", help="議会の議決を要する")
    parser.add_argument("--trait", action="append", default=[], metavar="KEY", help="対象外の事由の記号（何度でも）")
    parser.add_argument("--guarantee", action="store_true", help="電子保証の判定も示す")
    parser.add_argument("--json", action="store_true", help="結果を JSON で出力する")


def _facts(
    data: rules.Rules, *, kind: str, method: str, council: bool, trait: list[str], amount: int | None, **days: Any
) -> rules.CaseFacts:
    """Make the plain facts of a case of what was typed."""
    known = {exclusion["key"] for exclusion in data["econtract"].get("exclusions", ())}
    if strange := sorted(set(trait) - known):
        raise CommandError(
            f"対象外の事由に「{'、'.join(strange)}」はありません。使えるのは{'、'.join(sorted(known))}です。"
        )
    return rules.CaseFacts(
        kind=_key(data["kinds"], kind, "区分"),
        procurement_method=_key(data["methods"], method, "調達方法"),
        announced_date=days["announced"],
        awarded_date=days["awarded"],
        contracted_date=days["contracted"],
        work_starts_date=days["starts"],
        work_ends_date=days["ends"],
        amount=amount,
        needs_council=council,
        traits=frozenset(trait),
    )


def _key(names: rules.Rules, typed: str, what: str) -> str:
    """Find the key that was meant: a key, its Japanese name, or a part of either (「tender」は最初に合うもの)."""
    for fits in (str.__eq__, str.__contains__):
        for key, name in names.items():
            if fits(key, typed) or fits(name, typed):
                return key
    choices = "、".join(f"{key}（{name}）" for key, name in names.items())
    raise CommandError(f"{what}に「{typed}」はありません。使えるのは{choices}です。")


def _answer(source: Source, facts: rules.CaseFacts, *, guarantee: bool) -> dict[str, Any]:
    counted = rules.deadline(source.data, facts.awarded_date) if facts.awarded_date else None
    answer: dict[str, Any] = {
        "city": source.data["name"],
        "version": {"number": source.number, "name": source.data["version"], "effective_date": str(source.effective)},
        "kind": facts.kind,
        "method": facts.procurement_method,
        "econtract": rules.econtract_verdict(source.data, facts).to_dict(),
        "deadline": counted and asdict(counted) | {"date": counted.date.isoformat()},
    }
    if guarantee:
        answer["guarantee"] = rules.guarantee_verdict(source.data, facts).to_dict()
    return answer


def _answer_lines(source: Source, answer: dict[str, Any]) -> Iterator[str]:
    yield source.label
    yield f"区分：{source.data['kinds'][answer['kind']]}　調達方法：{source.data['methods'][answer['method']]}"
    yield from _verdict_lines("電子契約", answer["econtract"])
    if "guarantee" in answer:
        yield from _verdict_lines("電子保証", answer["guarantee"])
    if counted := answer["deadline"]:
        yield f"契約締結期限：{dates.wareki(date.fromisoformat(counted['date']))}"
        yield f"  {counted['working']}"
        yield from [f"  ※ {counted['warning']}"] if counted["warning"] else []
    else:
        missing = "落札日（--awarded）が要ります" if "deadline" in source.data else "定めはありません"
        yield f"契約締結期限：{missing}"


def _verdict_lines(subject: str, verdict: dict[str, Any]) -> Iterator[str]:
    yield f"{subject}：{'対象' if verdict['eligible'] else '対象外'}"
    yield f"  {verdict['decided_by']}"
    for line in verdict["lines"]:
        mark = "※" if line["caution"] else "○" if line["passed"] else "×"
        yield f"  {mark} {line['rule']}　{line['text']}"
    yield f"  （{verdict['version']}による）"


def _city(slug: str) -> Organization:
    if not slug:
        raise CommandError("どの市の規則かを --city で指定してください。")
    row = Organization.objects.filter(slug=slug).first()
    if row is None:
        raise CommandError(f"記号「{slug}」の自治体はありません。新しく開設するときは --create を付けてください。")
    return row


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _day(text: str) -> date:
    return _typed(dates.parse_date, text)


def _yen(text: str) -> int:
    return _typed(dates.parse_yen, text)


def _typed(parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except ValueError as refused:
        raise argparse.ArgumentTypeError(str(refused)) from refused
