"""Destroy what a city has left behind, and certify it. Whoever is killed on the way goes on with the same command.

The first transaction decides: with the versions of the city's key, every file and every sealed column is lost, and the
journal says so. What follows only clears away what opens with no key, and may be done any number of times.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, User
from config.backups import pruning
from config.departing import told
from config.departing.steps import DepartureRefused, check_closed, locked, note
from config.departing.told import Departure, Step
from contracts.archive.texts import keeping
from contracts.dates import wareki
from contracts.models import Case, DocumentText, ForeignContract, PageText
from vault import emptying

FORMAT = "musubi-destruction-certificate-1"
SHOWN = 12
BYTES = 256
TEXTS = 200
LEFT = (
    "文書のファイルと、暗号化した項目は、市の鍵を滅したので、データベースと保管庫の両方を手にした人にも開けません。",
    "バックアップの中には、鍵を滅する前の鍵束が残ります。backups_until の日を過ぎて消えるまでは、"
    "親鍵とバックアップの鍵の両方を持つ人には開けます。",
    "件名、氏名、金額などの、暗号化していない行は残ります。PDF から読み取った検索用の本文は消しました。",
    "操作記録の鎖とその先端のハッシュ、錨は、消さずに残しました。",
)


def expected(city: Organization, departure: Departure) -> str:
    """Tell what must be typed before anything is destroyed: the city, and the beginning of its manifest's SHA-256."""
    handed = departure.handed
    return f"{city.slug} {handed.data['manifest_sha256'][:SHOWN]}" if handed else city.slug


def destroy(city: Organization, *, by: User, typed: str, at: datetime) -> dict[str, Any]:
    """Destroy a city's keys and files, or go on with it, and return the certificate; raises DepartureRefused."""
    with tenancy.acting_for(city.pk):
        row, departure = locked(city), told.of(city.pk)
        check_closed(row, departure)
        if departure.destroyed is None:
            _check(row, departure, by=by, typed=typed, at=at)
            _decide(row, by=by, at=at)
    _clear(city, at=at)
    return _finish(city, by=by, at=at)


def _check(city: Organization, departure: Departure, *, by: User, typed: str, at: datetime) -> None:
    handed, due_at = departure.handed, departure.due_at
    if handed is None or due_at is None:
        raise DepartureRefused("書き出したものを渡したことが、まだ記録されていません（handed-over）。")
    if at < due_at:
        day = wareki(timezone.localdate(due_at))
        raise DepartureRefused(f"渡してから {told.WAITING.days} 日を待ちます。{day}より後にしてください。")
    if f"<{by.email}>" in handed.by:
        raise DepartureRefused("渡したことを記録した人とは別の、運営者の人が行ってください。")
    if typed != expected(city, departure):
        raise DepartureRefused("打たれた言葉が違います。何も行いませんでした。")


def _decide(city: Organization, *, by: User, at: datetime) -> None:
    """Count, destroy the keys, and write it down, all or nothing."""
    count, size = emptying.kept(city.pk)
    counts = {
        "cases": Case.unscoped.filter(tenant_id=city.pk).count(),
        "foreign_contracts": ForeignContract.unscoped.filter(tenant_id=city.pk).count(),
        "files": count,
        "bytes": size,
        "sealed": emptying.sealed(city.pk),
        "page_texts": PageText.unscoped.filter(tenant_id=city.pk).count(),
    }
    counts["key_versions"] = emptying.destroy_keys(city.pk)
    until = pruning.rule(timezone.localdate(at)).longest(timezone.localdate(at))
    note(city, told.DESTROYED, by=by, at=at, counts=counts, backups_until=until.isoformat())


def _clear(city: Organization, *, at: datetime) -> None:
    """Take away what no key opens any more, in small transactions."""
    left = True
    while left:
        with tenancy.acting_for(city.pk):
            left = bool(emptying.destroy_some(city.pk, at=at))
    left = True
    while left:
        with tenancy.acting_for(city.pk):
            left = _forget_texts(city.pk)
    for byte in range(BYTES):
        emptying.sweep(city.pk, byte)


def _forget_texts(tenant_id: int) -> bool:
    found = list(DocumentText.unscoped.filter(tenant_id=tenant_id).values_list("pk", flat=True)[:TEXTS])
    keeping.erase(DocumentText.unscoped.filter(pk__in=found))
    return bool(found)


def _finish(city: Organization, *, by: User, at: datetime) -> dict[str, Any]:
    with tenancy.acting_for(city.pk):
        row, departure = locked(city), told.of(city.pk)
        made = certificate(row, departure)
        if departure.finished is None:
            note(row, told.FINISHED, by=by, at=at, certificate_sha256=sha256(written(made)).hexdigest())
    return made


def certificate(city: Organization, departure: Departure) -> dict[str, Any]:
    """Certify a destruction out of what the journal says of it: the same bytes whenever it is asked for."""
    closed, handed, destroyed = departure.closed, departure.handed, departure.destroyed
    if closed is None or handed is None or destroyed is None:
        raise DepartureRefused("この自治体の鍵は、まだ滅していません。")
    return {
        "format": FORMAT,
        "city": {"number": city.pk, "slug": city.slug, "name": city.name},
        "closed": _said(closed),
        "handed_over": _said(handed),
        "destroyed": _said(destroyed),
        "journal": {"events_before": destroyed.seq - 1, "head_before": destroyed.before},
        "remarks": LEFT,
    }


def _said(step: Step) -> dict[str, Any]:
    return {"at": timezone.localtime(step.at).isoformat(), "by": step.by} | step.data


def written(made: dict[str, Any]) -> bytes:
    """Write a certificate as it is hashed in the journal."""
    return (json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
