"""Remove backups that are past their time, by dated rules, and the files that no backup needs any more."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from config.backups import index
from config.backups.errors import BackupFailed
from config.backups.store import Generation, Kind, Store, object_path

# 一度に覚える名の数。これより多い写しは、名の頭で分けて何度かに掃く
MOST_REMEMBERED = 1_000_000
HEX = 16


@dataclass(frozen=True)
class Rule:
    """How long backups of each kind are kept, from a day on."""

    since: date
    daily_days: int
    monthly_months: int
    yearly_years: int

    def keeps_until(self, generation: Generation) -> date:
        """Return the last day on which a backup is kept."""
        day = timezone.localdate(generation.made_at)
        if generation.kind is Kind.DAILY:
            return day + timedelta(days=self.daily_days)
        return _months_after(day, self.monthly_months if generation.kind is Kind.MONTHLY else 12 * self.yearly_years)

    def longest(self, day: date) -> date:
        """Return the last day on which any backup that was made by a day is kept."""
        months = max(self.monthly_months, 12 * self.yearly_years)
        return max(day + timedelta(days=self.daily_days), _months_after(day, months))


def rule(today: date) -> Rule:
    """Read the rule that applies on a day; raises BackupFailed when the file has none or says something else."""
    path = Path(settings.BACKUP_KEEPING)
    try:
        rules = [Rule(**each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]]
        return max((each for each in rules if each.since <= today), key=lambda each: each.since)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BackupFailed(f"バックアップを残す期間（{path}）を読めません（{error}）。") from error


def prune(store: Store, *, today: date, sweeps: bool) -> list[Generation]:
    """Remove what is past its time, and what a killed run left; return the whole ones that were removed.

    `sweeps` also removes the files that no backup needs any more, which takes a look at the lists of all. The newest
    whole backup always stays. Call it while nobody makes a backup.
    """
    whole = store.whole()
    applying = rule(today)
    past = [each for each in whole[:-1] if applying.keeps_until(each) < today]
    unfinished = [each for each in store.begun() if each not in whole]
    for generation in [*past, *unfinished]:
        store.remove(generation)
    if sweeps or unfinished:
        _sweep(store, [each for each in whole if each not in past])
    return past


def _sweep(store: Store, kept: list[Generation]) -> None:
    """Remove the files that none of these backups names."""
    count = sum(store.manifest(each).kept for each in kept)
    shares = 1
    while count / shares > MOST_REMEMBERED and shares < HEX:
        shares *= 2
    for share in range(shares):
        needed = {object_path(name) for name in _names(store, kept) if int(name[-1], HEX) % shares == share}
        for path in store.objects():
            if _share(path, shares) == share and path not in needed:
                store.storage.delete(path)


def _names(store: Store, kept: list[Generation]) -> Iterator[str]:
    for generation in kept:
        yield from (entry.name for entry in index.read(generation, store=store) if entry.name)


def _share(path: str, shares: int) -> int:
    # 途中で止まったものの残り（点で始まる名）は、いつも最初の回に掃く
    last = path[-1] if "/." not in path else "0"
    return int(last, HEX) % shares if last in "0123456789abcdef" else 0


def _months_after(day: date, months: int) -> date:
    """Return the same day so many months on, or the last day of that month."""
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first.replace(day=1) + timedelta(days=day.day - 1), following - timedelta(days=1))
