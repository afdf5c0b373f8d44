"""One mail each morning to those who operate: that all is as it should be, or what to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet, Sum

from accounts import tenancy
from accounts.models import Organization, OrganizationKind
from config.metrics.queues import RowsCollector
from contracts import messages
from contracts.models import RecordCheck

HOUR, DAY = 3_600, 86_400
# deploy/prometheus/alerts.yml と同じ境。試験が照らす
OLDEST_ANCHOR, OLDEST_BACKUP, OLDEST_PROOF = HOUR, 36 * HOUR, 32 * DAY
FEWEST_DAYS = 30
OLDEST_WORK = {"seal|conclude|mail|deed|issue|erase|webhook": 900, "certify|renew|check|dispose|expire": DAY}


@dataclass
class Report:
    """What was seen, line by line: what somebody should look at, and what is as it should be."""

    concerns: list[str] = field(default_factory=list)
    calm: list[str] = field(default_factory=list)

    def say(self, line: str, *, is_well: bool) -> None:
        (self.calm if is_well else self.concerns).append(line)


def send(*, at: datetime) -> Report:
    """Look at everything once, and mail it to every operator in the name of the first city; once a day each."""
    report = look(at=at)
    city = _cities().first()
    if city is not None:
        with tenancy.acting_for(city.pk):
            for to in dict.fromkeys(settings.OPERATORS):
                messages.morning_report(city, to=to, concerns=report.concerns, calm=report.calm, at=at)
    return report


def look(*, at: datetime) -> Report:
    """Read what the measures say of the records, the anchors, the backups, the certificates, the work and the mails."""
    seen = Seen.now()
    report = Report()
    for said in (_records(seen), _anchors(seen), _backups(seen), _certificates(seen), _work(seen), _mails(seen)):
        for line, is_well in said:
            report.say(line, is_well=is_well)
    # 鍵のない残りは、だれにも開けず、記録に欠けもない。数だけを知らせる
    report.say(f"行のないファイル（一時間より古いもの）: {_strays(at=at)}件", is_well=True)
    return report


@dataclass(frozen=True)
class Seen:
    """The measures of one moment: by name, and within it by the values of its labels."""

    values: Mapping[str, Mapping[tuple[str, ...], float]]

    @classmethod
    def now(cls) -> "Seen":
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in RowsCollector().collect():
            for sample in family.samples:
                found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
        return cls(found)

    def one(self, name: str) -> float | None:
        return self.values.get(name, {}).get(())

    def all(self, name: str) -> Mapping[tuple[str, ...], float]:
        return self.values.get(name, {})


def _records(seen: Seen) -> Iterator[tuple[str, bool]]:
    cities, behind = int(seen.one("musubi_cities") or 0), int(seen.one("musubi_check_cities_behind") or 0)
    yield f"記録の確認: {cities}市のうち{cities - behind}市が、二日のうちに終えました", not behind
    flaws = int(seen.one("musubi_check_flaws") or 0)
    yield f"データベース・ファイル・操作記録の食い違い: {flaws}件", not flaws


def _anchors(seen: Seen) -> Iterator[tuple[str, bool]]:
    age = seen.one("musubi_anchor_age_seconds") or 0
    yield f"操作記録の錨: 最後のトークンから{_span(age)}", age <= OLDEST_ANCHOR


def _backups(seen: Seen) -> Iterator[tuple[str, bool]]:
    made, proved = seen.one("musubi_backup_age_seconds"), seen.one("musubi_backup_proved_age_seconds")
    if made is None:
        yield "バックアップ: まだ一つもありません", False
        return
    yield f"バックアップ: 最後のよいものから{_span(made)}", made <= OLDEST_BACKUP
    if proved is None:
        yield "バックアップを戻せるか: まだ確かめていません", False
    else:
        yield f"バックアップを戻せるか: 確かめてから{_span(proved)}", proved <= OLDEST_PROOF


def _certificates(seen: Seen) -> Iterator[tuple[str, bool]]:
    left = seen.all("musubi_certificate_days_left")
    for (_kind, name), days in sorted(left.items(), key=lambda each: each[1]):
        if days < FEWEST_DAYS:
            yield f"証明書 {name}: あと{max(0, int(days))}日", False
    if left and min(left.values()) >= FEWEST_DAYS:
        yield f"証明書: 後を継ぐもののないものは、いちばん早くてあと{int(min(left.values()))}日", True


def _work(seen: Seen) -> Iterator[tuple[str, bool]]:
    late = [
        f"{kind}（{_span(age)}）"
        for (kind,), age in sorted(seen.all("musubi_queue_oldest_seconds").items())
        for kinds, most in OLDEST_WORK.items()
        if kind in kinds.split("|") and age > most
    ]
    failing = [f"{kind}（{int(n)}件）" for (kind,), n in sorted(seen.all("musubi_queue_failing").items()) if n]
    held = int(seen.one("musubi_sealing_held_cities") or 0)
    yield "待ちすぎている仕事: " + ("、".join(late) or "なし"), not late
    yield "失敗してやり直している仕事: " + ("、".join(failing) or "なし"), not failing
    yield f"電子署名の仕上げが止まっている市: {held}市", not held


def _mails(seen: Seen) -> Iterator[tuple[str, bool]]:
    lost = int(sum(seen.all("musubi_mails_lost").values()))
    yield f"七日のうちに届かなかったメール: {lost}件", True


def _strays(*, at: datetime) -> int:
    """Count, over all cities, the files of no row that the last check of each has found."""
    count = 0
    for city in _cities():
        with tenancy.acting_for(city.pk):
            last = RecordCheck.unscoped.filter(done_at__isnull=False, done_at__lte=at).order_by("-pk")[:1]
            count += last.aggregate(found=Sum("strays"))["found"] or 0
    return count


def _cities() -> QuerySet[Organization]:
    return Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("pk")


def _span(seconds: float) -> str:
    if seconds < HOUR:
        return f"{int(seconds // 60)}分"
    return f"{int(seconds // HOUR)}時間" if seconds < 3 * DAY else f"{int(seconds // DAY)}日"
