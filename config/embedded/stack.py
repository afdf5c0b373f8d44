"""Everything Musubi needs from others, on one machine: started together, stopped together.

`python -m config.embedded.stack` runs it until Ctrl-C.
"""

import fcntl
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from config.embedded import credentials, foreground, pki, ports
from config.embedded.children import BASE_DIR, Child, Children
from config.embedded.credentials import Credentials
from config.embedded.errors import StackFailed
from config.embedded.postgres import APP, BACKUP, OPS, OWNER, Postgres
from config.embedded.redis import Redis

DEFAULT_ROOT = BASE_DIR / "var"
MAILBOX_PORT = 8025
BOUNCE_ADDRESS = "bounces@musubi.example.jp"
APPLICATION = ("web", "worker", "beat")


class StackBusy(StackFailed):
    """Say that another process runs this stack."""


@dataclass
class Stack:
    """The services under one root directory; those named in the environment are used instead of started."""

    root: Path
    web_port: int = 8000
    durable: bool = True
    debug: bool = False
    postgres: Postgres | None = None
    redis: Redis | None = None
    smtp_port: int = 0
    mailbox_port: int = 0
    _lock: IO[str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.root = self.root.absolute()
        self.children = Children(ledger=self.home / "children.json", logs=self.root / "logs")

    @property
    def home(self) -> Path:
        return self.root / "embedded"

    @property
    def mailbox(self) -> Path:
        return self.root / "mailbox"

    @property
    def bounces(self) -> Path:
        return self.root / "bounces"

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def credentials(self) -> Credentials:
        return credentials.load(self.home / "credentials.json")

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.web_port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start what is not provided from outside and wait until all of it answers."""
        self._take_lock()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything this stack started, the application before the services it uses."""
        self.children.stop(APPLICATION)
        self.children.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def prepare(self) -> None:
        """Write the environment without starting anything, so that settings can be read before the first start."""
        if not (self.home / "stack.env").exists():
            self._write_environment()

    def environment(self) -> dict[str, str]:
        """Return the variables config/settings.py reads, pointing at these services."""
        values = {
            "BASE_URL": self.base_url,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DEBUG": str(self.debug).lower(),
            "SECRET_KEY": self.credentials.secret_key,
            "VAULT_MASTER_KEYSET": self.credentials.vault_master_keyset,
            "FILES_ROOT": str(self.root / "files"),
            "BACKUP_KEYSET": self.credentials.backup_keyset,
            "BACKUP_ROOT": str(self.root / "backups"),
            "STATIC_ROOT": str(self.static),
            "EMAIL_URL": f"smtp://{ports.LOOPBACK}:{self.smtp_port}",
            "MAIL_FROM": "noreply@musubi.example.jp",
            "BOUNCE_ADDRESS": BOUNCE_ADDRESS,
            "BOUNCE_MAILBOX": f"maildir://{self.bounces}",
            "MAILBOX_URL": f"http://localhost:{self.mailbox_port}/",
            "TEST_CERTIFICATE": "true",
            **self._signing(),
        }
        if self.postgres is not None:
            roles = {
                "DATABASE_URL": APP,
                "DATABASE_OWNER_URL": OWNER,
                "DATABASE_OPS_URL": OPS,
                "DATABASE_BACKUP_URL": BACKUP,
            }
            values |= {name: self.postgres.url(role) for name, role in roles.items()}
        if self.redis is not None:
            values["REDIS_URL"] = self.redis.url
        return values

    def full_environment(self) -> dict[str, str]:
        """Return the environment for a process of the application."""
        return {**os.environ, **self.environment(), "PYTHONUNBUFFERED": "1"}

    def _start(self) -> None:
        self.static.mkdir(parents=True, exist_ok=True)
        if not self._is_provided("DATABASE_URL"):
            self.postgres = Postgres(self.home / "postgres", self.credentials, durable=self.durable)
            self.postgres.end_orphans()
        self.children.sweep()
        if self.postgres is not None:
            self.postgres.start(self.children)
        if not self._is_provided("REDIS_URL"):
            self.redis = Redis(self.credentials)
            self.redis.start(self.children)
        mail, authority = self._start_mail(), self._start_authority()
        for service in (self.postgres, self.redis):
            if service is not None:
                service.wait(self.children)
        self.children.wait_until(answering(self.smtp_port, self.mailbox_port), child=mail, seconds=30)
        self.children.wait_until(answering(self.credentials.pki_port), child=authority, seconds=60)
        self._write_environment()

    def _start_mail(self) -> Child:
        # 子が開くまでの間に、並んで始まるものに番号を取られないよう、開いたソケットを渡す。
        with ports.listen() as smtp, ports.listen(range(MAILBOX_PORT, MAILBOX_PORT + 10)) as page:
            self.smtp_port, self.mailbox_port = smtp.getsockname()[1], page.getsockname()[1]
            sockets = (smtp.fileno(), page.fileno())
            places = (str(self.mailbox), str(self.bounces), BOUNCE_ADDRESS)
            argv = [sys.executable, "-m", "config.embedded.mail", *places, *map(str, sockets)]
            return self.children.start("mail", argv, inherits=sockets)

    def _start_authority(self) -> Child:
        port = self.credentials.pki_port
        # 証明書に書かれた番号なので、ほかの番号には移れない。
        ports.demand(
            port, purpose="試験用の認証局", remedy="それを終了するか、make clean ですべてを作り直してください。"
        )
        directory = self.home / "pki"
        pki.create(directory, port)
        argv = [sys.executable, "-m", "config.embedded.pki_server", str(directory), str(port)]
        return self.children.start("pki", argv)

    def _signing(self) -> dict[str, str]:
        try:
            made = pki.paths(self.home / "pki")
        except FileNotFoundError:
            return {}
        return {
            "SIGNING_KEYS": str(made.keys),
            "SIGNING_PKCS12": str(made.pkcs12),
            "SIGNING_PKCS12_PASSPHRASE_FILE": str(made.passphrase),
            "SIGNING_CHAIN": str(made.chain),
            "TRUST_ROOTS": str(made.trust_roots),
            "TSA_URLS": made.tsa_url,
            "OUTGOING_PRIVATE": "127.0.0.0/8,::1/128",
        }

    def _is_provided(self, name: str) -> bool:
        """Tell whether the environment names a service of its own, not merely ours of last time."""
        last = self.home / "stack.env"
        ours = last.read_text().splitlines() if last.exists() else []
        return name in os.environ and f"{name}={os.environ[name]}" not in ours

    def _take_lock(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        lock = (self.home / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with lock:
                lock.seek(0)
                holder = lock.read()
            raise StackBusy(f"{self.root} では、すでに PID {holder} が動いています。それを終了してください。") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _write_environment(self) -> None:
        lines = [f"{name}={value}\n" for name, value in self.environment().items()]
        credentials.write_private(self.home / "stack.env", "".join(lines))


def answering(*numbers: int) -> Callable[[], bool]:
    """Return a question: does every one of these loopback ports accept connections?"""

    def question() -> bool:
        for number in numbers:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                if probe.connect_ex((ports.LOOPBACK, number)) != 0:
                    return False
        return True

    return question


def main() -> int:
    """Run the services until Ctrl-C."""
    try:
        with foreground.interruptible(), Stack(DEFAULT_ROOT) as stack:
            print(f"起動しました。接続先は {stack.home / 'stack.env'} にあります。Ctrl-C で止まります。", flush=True)
            foreground.watch(stack.children)
    except StackFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
