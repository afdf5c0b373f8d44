"""What must hold after any drill: each question names the flaws it finds in the evidence, and is blind to the product.

The numbers are those of docs/torture.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.torture.checker import journal, papers
from tests.torture.checker.evidence import Evidence, Row

JAPAN = ZoneInfo("Asia/Tokyo")
CLOCKS_APART = timedelta(seconds=60)
# 書き込みの答えが失われてからの、やり直しの分
WRITTEN_WITHIN = timedelta(minutes=3)
ORPHANED_FOR = timedelta(hours=1)
NOTICES = ("contracts/signature_requested", "contracts/city_signature_requested", "contracts/concluded")


def none_is_lost(evidence: Evidence) -> Iterator[str]:
    """I1. Every contract of the manifest stands in the rows, concluded once; and no other."""
    wanted = {each["number"] for each in evidence.manifest["contracts"]}
    counted = Counter(row["number"] for row in evidence.rows["cases"])
    yield from (f"{number}: 案件がない" for number in sorted(wanted - counted.keys()))
    yield from (f"{number}: 台帳にない案件が {count} 件" for number, count in counted.items() if number not in wanted)
    versions = Counter(evidence.number_of(row["id"]) for row in evidence.rows["versions"])
    concluded = Counter(
        evidence.number_of(row["id"]) for row in evidence.rows["versions"] if row["state"] == "concluded"
    )
    for number in sorted(wanted & counted.keys()):
        if (counted[number], versions[number], concluded[number]) != (1, 1, 1):
            yield f"{number}: 案件 {counted[number]}、版 {versions[number]}、締結 {concluded[number]}"
    yield from (f"封印の仕事 {row['id']} が {row['state']}" for row in evidence.rows["jobs"] if row["state"] != "done")


def nobody_signed_twice(evidence: Evidence) -> Iterator[str]:
    """I2. Each document carries one signature and one token per party, in their order, and one stamp at the end."""
    for document in evidence.documents():
        told = f"{evidence.number_of(document['version_id'])} 文書 {document['id']}"
        rows = sorted((row["number"], row["step_id"]) for row in document["revisions"])
        wanted = [(0, None), *((number, step["id"]) for number, step in enumerate(document["steps"], start=1))]
        if rows != wanted:
            yield f"{told}: 版が {rows}、署名の順番が {wanted}"
        seals = _seals(evidence, document)
        if seals is None:
            yield f"{told}: 受け取った文書を読めない"
            continue
        if seals.fields != _fields(document) or set(seals.per_signature) != {1}:
            yield f"{told}: 署名欄 {seals.fields}、署名ごとのタイムスタンプ {seals.per_signature}"
        if len(seals.stamps) != len(document["steps"]) + 1:
            yield f"{told}: タイムスタンプが {len(seals.stamps)}"
    attested = Counter(row["version_id"] for row in evidence.rows["documents"] if row["kind"] == "certificate")
    yield from (f"版 {version}: 合意締結証明書が {count} 通" for version, count in attested.items() if count > 1)


def what_was_handed_out_stays(evidence: Evidence) -> Iterator[str]:
    """I3. Whatever a party took as concluded is the same at every later moment, and what the rows say."""
    kept = {document["id"]: document["sha256"] for document in evidence.documents()}
    taken = [each for each in evidence.people if each["did"] == "took"]
    for each in taken:
        if each["answer"] != 200 or (each["document"] in kept and kept[each["document"]] != each["sha256"]):
            yield f"{each['of']} 文書 {each['document']}: {each['answer']}、{each['sha256'][:12]}"
    missing = kept.keys() - {each["document"] for each in taken}
    yield from (f"文書 {number}: 締結したのに、受け取れていない" for number in sorted(missing))


def every_reader_agrees(evidence: Evidence) -> Iterator[str]:
    """I4. pyHanko with the pinned root, qpdf and poppler all hold every concluded PDF for whole and signed."""
    for document in evidence.documents():
        path = evidence.papers / f"{document['sha256']}.pdf"
        if not path.exists():
            yield f"文書 {document['id']}: 受け取った控えがない"
            continue
        for doubt in papers.doubts(path, evidence.roots, fields=_fields(document)):
            yield f"{evidence.number_of(document['version_id'])} 文書 {document['id']}: {doubt}"


def the_log_explains_every_state(evidence: Evidence) -> Iterator[str]:
    """I5. The chain is whole and without gaps, and replaying it gives the states of the rows."""
    yield from journal.breaks(evidence)
    yield from journal.untold(evidence)


def objects_and_rows_match(evidence: Evidence) -> Iterator[str]:
    """I6. Every row has its object, whole; no object is written over later, and none is left over for long."""
    paths = {f"{row['tenant_id']}/{row['sha256'][:2]}/{row['sha256']}": row for row in evidence.rows["files"]}
    latest = {each["key"]: each for each in evidence.objects if each["is_latest"]}
    now = max((each["at"] for each in evidence.objects), default=None)
    for path, row in paths.items():
        if path not in latest:
            yield f"{path}: 行があるのに、置き場にない"
        elif latest[path]["size"] < row["size"]:
            yield f"{path}: {row['size']} バイトのはずが、暗号文が {latest[path]['size']} バイト"
        elif latest[path]["at"] > row["created_at"] + WRITTEN_WITHIN:
            yield f"{path}: 行ができた後に書き直されている"
    for key, each in latest.items():
        if key not in paths and now is not None and each["at"] < now - ORPHANED_FOR:
            yield f"{key}: 一時間より前から、行がない"


def everyone_is_told_once_or_twice(evidence: Evidence) -> Iterator[str]:
    """I7. Each notice arrived once or twice, to nobody else, and none tells of what did not happen."""
    arrived = Counter(each["id"] for each in evidence.mails)
    known = {row["message_id"]: row for row in evidence.rows["deliveries"]}
    for row in evidence.rows["deliveries"]:
        count = arrived[row["message_id"]]
        if count > 2 or (row["state"] == "sent" and not count) or row["state"] in {"queued", "sending"}:
            yield f"{row['template']} → {row['to']}（{row['state']}）が {count} 通届いた"
    for each in evidence.mails:
        if each["id"] not in known:
            yield f"だれも決めていないメール「{each['subject']}」"
        elif each["to"] != known[each["id"]]["to"]:
            yield f"「{each['subject']}」が {each['to']} に届いた"
    yield from _notices(evidence)


def _notices(evidence: Evidence) -> Iterator[str]:
    decided = Counter((row["template"], row["thread"]) for row in evidence.rows["deliveries"])
    reached = {row["thread"] for row in evidence.rows["deliveries"] if row["template"] == NOTICES[2]}
    for row in evidence.rows["cases"]:
        thread = f"case:{row['id']}"
        for template, wanted in zip(NOTICES, (1, 1, 2), strict=True):
            if row["state"] == "concluded" and decided[template, thread] != wanted:
                yield f"{row['number']}: {template} を {decided[template, thread]} 度決めた"
        if row["state"] != "concluded" and thread in reached:
            yield f"{row['number']}: 締結していないのに、完了を知らせた"


def no_secret_in_the_logs(evidence: Evidence) -> Iterator[str]:
    """I8. No link, password, code or key stands in any log."""
    for name, text in evidence.logs.items():
        for secret in evidence.secrets:
            if secret and secret in text:
                yield f"{name} に秘密（…{secret[-4:]}）がある"


def times_are_in_order(evidence: Evidence) -> Iterator[str]:
    """I9. Each token was really given, once, and instruction, token and conclusion follow each other."""
    given = {each["serial"] for each in evidence.tsa if each["gave"] == "honest"}
    used: Counter[str] = Counter()
    for document in evidence.documents():
        told, version = f"文書 {document['id']}", evidence.one("versions", document["version_id"])
        rows = [row for row in sorted(document["revisions"], key=lambda row: row["number"]) if row["number"]]
        for step, row in zip(document["steps"], rows, strict=False):
            if not step["instructed_at"] - CLOCKS_APART <= row["timestamped_at"] <= step["signed_at"] + CLOCKS_APART:
                yield f"{told}: 指示 {step['instructed_at']}、タイムスタンプ {row['timestamped_at']}"
        times = [row["timestamped_at"] for row in rows]
        if times != sorted(times) or version["concluded_at"] < times[-1] - CLOCKS_APART:
            yield f"{told}: 時刻が前後している（{times}、締結 {version['concluded_at']}）"
        if (seals := _seals(evidence, document)) is not None:
            used.update(token.serial for token in seals.stamps)
            for token, row in zip(seals.stamps, rows, strict=False):
                if abs(token.at - row["timestamped_at"]) > timedelta(seconds=1):
                    yield f"{told}: 文書の中の時刻 {token.at}、行の時刻 {row['timestamped_at']}"
    yield from (f"時刻認証局が出していないトークン {serial}" for serial in sorted(used.keys() - given))
    yield from (f"トークン {serial} が {count} か所にある" for serial, count in used.items() if count > 1)


def nothing_is_late_unsaid(evidence: Evidence) -> Iterator[str]:
    """I10. What was concluded after its deadline was let pass by somebody, or told."""
    told = {row["thread"] for row in evidence.rows["deliveries"] if row["template"] == "contracts/fixed_on_another_day"}
    for version in evidence.rows["versions"]:
        if version["state"] != "concluded":
            continue
        case = evidence.one("cases", evidence.one("contracts", version["contract_id"])["case_id"])
        fixed: datetime = version["fixed_at"]
        late = case["conclusion_deadline_date"] and fixed.astimezone(JAPAN).date() > case["conclusion_deadline_date"]
        if late and not version["late_reason"] and f"case:{case['id']}" not in told:
            yield f"{case['number']}: 期限 {case['conclusion_deadline_date']} の後の {fixed}"


def nothing_is_left_over(evidence: Evidence) -> Iterator[str]:
    """I11. No bell waits to be answered, no mail to be sent, and no file of a moment lies about."""
    if evidence.waiting_bells > 10:
        yield f"鈴が {evidence.waiting_bells} 件、答えを待っている"
    yield from (f"一時ファイル {name}" for name in evidence.temporary)


def no_answer_stays_unclear(evidence: Evidence) -> Iterator[str]:
    """I12. Whoever got no clear answer saw later which it was, and the rows say the same."""
    signed = {row["id"] for row in evidence.rows["steps"] if row["state"] == "signed"}
    firms = {
        evidence.number_of(row["version_id"]): row["state"]
        for row in evidence.rows["steps"]
        if row["party"] == "contractor"
    }
    last: dict[tuple[str, str], Row] = {}
    pressed: set[tuple[str, str]] = set()
    for each in evidence.people:
        if each["did"] in {"finish", "saw"}:
            last[each["who"], each["of"]] = each
        if each["did"] == "finish":
            pressed.add((each["who"], each["of"]))
    for (who, of), each in last.items():
        is_signed = firms.get(of) == "signed" if who == "firm" else int(of.removeprefix("step:")) in signed
        if (each["did"], each.get("answer")) != ("saw", "signed") or not is_signed:
            yield f"{who} {of}: 最後に見たのは {each['did']} {each.get('answer')}、行では署名済 {is_signed}"
    asked = {("firm", number) for number, state in firms.items() if state == "signed"}
    yield from (f"{who} {of}: 押していないのに署名済" for who, of in sorted(asked - pressed))


def _fields(document: Row) -> tuple[str, ...]:
    return tuple(f"FIELD_{document['id']}_{step['order'] - 1}" for step in document["steps"])


def _seals(evidence: Evidence, document: Row) -> papers.Seals | None:
    try:
        return papers.seals(evidence.papers / f"{document['sha256']}.pdf")
    except Exception:  # noqa: BLE001 - 読めないことを、呼ぶ側が告げる
        return None


INVARIANTS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "I1 失われた契約、余った契約": none_is_lost,
    "I2 二重の署名、順の違う署名": nobody_signed_twice,
    "I3 受け取れない文書、変わった文書": what_was_handed_out_stays,
    "I4 読み手が認めない PDF": every_reader_agrees,
    "I5 記録が語らない状態": the_log_explains_every_state,
    "I6 行と合わないファイル": objects_and_rows_match,
    "I7 届かない、または多すぎる知らせ": everyone_is_told_once_or_twice,
    "I8 記録に残った秘密": no_secret_in_the_logs,
    "I9 前後した時刻、出所のないトークン": times_are_in_order,
    "I10 黙って過ぎた期限": nothing_is_late_unsaid,
    "I11 残った仕事と一時ファイル": nothing_is_left_over,
    "I12 はっきりしないままの答え": no_answer_stays_unclear,
}
