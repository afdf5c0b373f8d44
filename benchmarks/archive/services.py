"""計測だけの PostgreSQL。製品と同じもの（config/embedded）を二コアの専用機らしく設定し、製品の移行で表を作る。"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.archive import loading
from config.embedded import credentials
from config.embedded.children import BASE_DIR, Children
from config.embedded.postgres import APP, OPS, OWNER, Postgres

COPIERS = 2
SERVER = {
    "shared_buffers": "4GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "12GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
    "max_parallel_workers_per_gather": "1",
}


@contextmanager
def running(root: Path, *, rows: int) -> Iterator[Postgres]:
    """Run the server whose archive holds so many rows, and bring them there first; what was begun goes on."""
    root.mkdir(parents=True, exist_ok=True)
    children = Children(ledger=root / "children.json", logs=root / "logs")
    postgres = Postgres(root / "postgres", credentials.load(root / "credentials.json"))
    children.sweep()
    try:
        _start(postgres, children)
        if _configure(postgres):
            children.stop()
            _start(postgres, children)
        _fill(postgres, rows)
        yield postgres
    finally:
        children.stop()


def environment(postgres: Postgres) -> dict[str, str]:
    """Return what the settings of the product need to work with this server alone."""
    urls = {"DATABASE_URL": APP, "DATABASE_OWNER_URL": OWNER, "DATABASE_OPS_URL": OPS}
    return {name: postgres.url(role) for name, role in urls.items()} | {
        "SECRET_KEY": "benchmarks",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _start(postgres: Postgres, children: Children) -> None:
    postgres.start(children)
    postgres.wait(children)


def _configure(postgres: Postgres) -> bool:
    """Write the settings of the server; tell whether any was another."""
    with postgres.superuser() as connection:
        known = dict(connection.execute("select name, setting from pg_file_settings").fetchall())
        if all(known.get(name) == value for name, value in SERVER.items()):
            return False
        for name, value in SERVER.items():
            connection.execute(f"alter system set {name} = '{value}'")  # type: ignore[arg-type]
    return True


def _fill(postgres: Postgres, rows: int) -> None:
    dsn, began = postgres.url(OWNER), time.monotonic()
    _migrate(postgres)
    with psycopg.connect(dsn, autocommit=True) as connection:
        if loading.is_loaded(connection):
            return
        loading.begin(connection)
        _tell("表を作りました", began)
        _copy(dsn, rows)
        _tell(f"{rows:,} 行を移しました", began)
        loading.finish(connection)
        _tell("索引と外部キーを作りました", began)
        loading.settle(connection)
        _tell("統計をとりました", began)


def _migrate(postgres: Postgres) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "migrate", "--database", "owner", "--skip-checks", "-v", "0"],
        cwd=BASE_DIR,
        env=os.environ | environment(postgres),
        check=True,
    )


def _copy(dsn: str, rows: int) -> None:
    command = [sys.executable, "-m", "benchmarks.archive.loading", dsn, str(rows)]
    copiers = [subprocess.Popen([*command, str(share), str(COPIERS)], cwd=BASE_DIR) for share in range(COPIERS)]
    if sum(each.wait() for each in copiers):
        raise SystemExit("移せませんでした。同じ命令で、続きから始まります。")


def _tell(what: str, began: float) -> None:
    print(f"{what}（{time.monotonic() - began:.0f} 秒）", flush=True)
