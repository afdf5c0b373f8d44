"""How long a backup, its proof and its restoration take, for a city with real sealed contracts.

`python -m benchmarks.restore [CONTRACTS] [PAPERS]`: so many contracts are concluded, and so many more sealed PDFs kept.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import fresh

CONTRACTS, PAPERS = 100, 4_900
CITY = "tosu"


def run(contracts: int, papers: int) -> dict[str, Any]:
    """Start a fresh stack, fill it, and lose it."""
    with fresh.stack("restore"):
        return _measure(contracts, papers)


def _measure(contracts: int, papers: int) -> dict[str, Any]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from benchmarks import measuring
    from config.backups.store import Store

    took: dict[str, float] = {}
    took["fill"] = _timed(lambda: _fill(contracts, papers))
    took["backup"] = _timed(lambda: call_command("backup"))
    time.sleep(1)
    took["backup_of_nothing_new"] = _timed(lambda: call_command("backup"))
    took["verify_quick"] = _timed(lambda: call_command("verify_backup", "--quick", sample=contracts))
    took["verify"] = _timed(lambda: call_command("verify_backup", sample=contracts))
    manifest = Store().manifest(Store().named("latest"))
    connections.close_all()
    shutil.rmtree(settings.FILES_ROOT)
    _empty(str(connections["owner"].settings_dict["NAME"]))
    took["restore"] = _timed(lambda: call_command("restore"))
    took["verify_restored"] = _timed(lambda: call_command("verify_restored", sample=contracts))
    return {
        "contracts": contracts,
        "files": manifest.kept,
        "rows": sum(manifest.tables.values()),
        "database_bytes": manifest.database.size,
        "file_bytes": manifest.kept_bytes,
        "seconds": {name: round(seconds, 1) for name, seconds in took.items()},
        "machine": measuring.machine(),
    }


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _empty(name: str) -> None:
    from psycopg import sql

    from config.backups import postgres, restoring

    with postgres.connect(restoring.owner(), database="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))


def _fill(contracts: int, papers: int) -> None:
    """Conclude contracts through the services, and keep further PDFs that are sealed alike, each with its own bytes."""
    from django.utils import timezone

    from accounts import tenancy
    from benchmarks import town, works
    from contracts import reading
    from contracts.models import ContractVersion, Document
    from contracts.services.signatures import concluding, sealing
    from signing import setup as tools
    from vault import files

    with town.prepared(works.contract()):
        city = town.found(CITY, contracts=contracts)
    for act in (lambda: None, lambda: (town.instruct(city), town.release(city))):
        act()
        while sealing.seal_next(tenant_id=city.pk, at=timezone.now(), appoint=tools.appoint):
            pass
    while concluding.conclude_next(tenant_id=city.pk, at=timezone.now(), trust=tools.trust()):
        pass
    with tenancy.acting_for(city.pk):
        assert not ContractVersion.unscoped.exclude(state="concluded").exists()
        sealed = reading.content_of(Document.unscoped.order_by("pk")[0])
    for number in range(papers):
        with tenancy.acting_for(city.pk):
            files.store(tenant_id=city.pk, content=sealed + b"\n%% %d\n" % number)


LABELS = {
    "backup": "バックアップ（最初の一つ）",
    "backup_of_nothing_new": "バックアップ（新しいものがないとき）",
    "verify_quick": "verify_backup --quick",
    "verify": "verify_backup（すべてのファイルを読む）",
    "restore": "restore（空のデータベースと置き場へ）",
    "verify_restored": "verify_restored",
}


def table(result: dict[str, Any]) -> str:
    """Tell a run in lines."""
    size = (result["database_bytes"] + result["file_bytes"]) / 1_000_000
    lines = [
        f"締結した契約 {result['contracts']} 件、ファイル {result['files']:,} 個、{result['rows']:,} 行、"
        f"合わせて {size:,.0f} MB（暗号化した後）",
        *(f"{result['seconds'][name]:9.1f} 秒  {label}" for name, label in LABELS.items()),
    ]
    known = result["machine"]
    return "\n".join([*lines, f"{known['processor']}、{known['cores']} コア、負荷 {known['load']}"])


def main(arguments: list[str]) -> None:
    """Measure, tell, keep."""
    contracts, papers = [*map(int, arguments), *(CONTRACTS, PAPERS)[len(arguments) :]]
    result = run(contracts, papers)
    print(table(result))
    path = fresh.OUT / "restore.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1))
    print(f"控え: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main(sys.argv[1:])
