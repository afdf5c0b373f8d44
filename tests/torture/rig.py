"""A whole installation of its own, each part of which can be killed, starved or made to lie, and comes back."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import psutil

from config.embedded import pki, ports, processes, setup
from config.embedded.children import BASE_DIR, Child, Children
from config.embedded.errors import StackFailed
from config.embedded.postgres import APP
from config.embedded.stack import BOUNCE_ADDRESS, MAILBOX_PORT, Stack, answering
from tests.stack_plugin import _fingerprint
from tests.torture.room import Room

KEPT = BASE_DIR / "var" / "torture"
BUCKET = "torture"
# 一杯にしてみる小さな置き場（MiB）。データベースのものは、契約の数に応じて増やす
TEMPORARY_MIB, DATABASE_MIB, DATABASE_MIB_EACH = 64, 512, 2
SUPERVISED = ("postgres", "redis", "web", "worker", "beat")


@dataclass
class Restartable(Children):
    """Children that can be started again as they were, and whose earlier logs are kept."""

    how: dict[str, tuple[Sequence[str], dict[str, Any]]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    _turn: Any = field(default_factory=threading.RLock, repr=False)
    _nurse: Any = field(default_factory=lambda: ThreadPoolExecutor(1), repr=False)

    def start(self, name: str, argv: Sequence[str], **how: Any) -> Child:
        """Start one process and remember how."""
        self.how[name] = (argv, how)
        log = self.logs / f"{name}.log"
        if log.exists():
            log.rename(self.logs / f"{name}-{time.time_ns()}.log")
        return super().start(name, argv, **how)

    def named(self, name: str) -> Child | None:
        """Find a running child."""
        return next((child for child in self.running if child.name == name), None)

    def end(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a process and all it has begotten; it stays away until `again`."""
        with self._turn:
            self.absent.add(name)
            child = self.named(name)
            if child is None:
                return
            child.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(child.grace)
            self._bury(child)
            self._write_ledger()

    def again(self, name: str) -> Child:
        """Start a process as it was started before."""
        with self._turn:
            if (child := self.named(name)) is not None:
                self._bury(child)
            argv, how = self.how[name]
            # 親の死は、起こした糸の死として子に伝わる（prctl(2)）。いつまでもいる糸に起こさせる
            started = self._nurse.submit(self.start, name, argv, **how).result()
            self.absent.discard(name)
            return started

    def _bury(self, child: Child) -> None:
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.running.remove(child)

    def attend(self) -> list[str]:
        """Start again whatever fell by itself, as a supervisor does; tell what."""
        with self._turn:
            watched = [each for each in self.running if each.name in SUPERVISED and each.name not in self.absent]
            fallen = [each.name for each in watched if not each.is_alive()]
            for name in fallen:
                self.again(name)
            return fallen


@dataclass
class Rig(Stack):
    """The product with everything it needs, in a room."""

    contracts: int = 12
    s3_port: int = 0
    lines: dict[int, int] = field(default_factory=dict)
    is_small: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parts = Restartable(ledger=self.home / "children.json", logs=self.root / "logs")
        self.children = self.parts
        self.room = Room(self.root / "room")

    @property
    def temporary(self) -> Path:
        """Where the product keeps what it needs for a moment."""
        return self.root / "temporary"

    def environment(self) -> dict[str, str]:
        """Return the variables config/settings.py reads, with the files in S3, and the services at the end of lines."""
        usual = super().environment()
        lined = {name: self._by_line(usual[name]) for name in ("DATABASE_URL", "REDIS_URL") if name in usual}
        return (
            usual
            | lined
            | {
                "DJANGO_SETTINGS_MODULE": "tests.torture.settings",
                "TORTURE_ROOM": str(self.room.path),
                "S3_BUCKET": BUCKET,
                "S3_ENDPOINT_URL": f"http://{ports.LOOPBACK}:{self.s3_port}",
                "S3_ACCESS_KEY": "torture",
                "S3_SECRET_KEY": "torture",
                "AWS_DEFAULT_REGION": "ap-northeast-1",
                "TMPDIR": str(self.temporary),
                # 一台から来る大勢を、別々の回線から来た人として扱わせる
                "BEHIND_PROXY": "true",
                "TRUSTED_PROXIES": "127.0.0.0/8",
                "MAILBOX_URL": "",
            }
        )

    def _by_line(self, url: str) -> str:
        port = urlsplit(url).port
        return url.replace(f":{port}/", f":{self.lines[port]}/") if port in self.lines else url

    def _lay_lines(self) -> None:
        assert self.postgres is not None
        assert self.redis is not None
        for part, url in (("line-postgres", self.postgres.url(APP)), ("line-redis", self.redis.url)):
            target, port = urlsplit(url).port, ports.pick()
            assert target is not None
            line = self.parts.start(part, [*_python("line"), str(self.room.path), part, str(port), str(target)])
            self.parts.wait_until(answering(port), child=line, seconds=60)
            self.lines[target] = port

    def objects(self) -> Any:
        """Return a client of the store."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://{ports.LOOPBACK}:{self.s3_port}",
            aws_access_key_id="torture",
            aws_secret_access_key="torture",
            region_name="ap-northeast-1",
        )

    def begin(self) -> None:
        """Start web, worker and beat."""
        processes.start(self)

    def is_ready(self) -> bool:
        """Tell whether web says that it can be used."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.base_url}/readyz", timeout=5).status_code == 200
        return False

    def beget(self, name: str) -> list[psutil.Process]:
        """List the processes that a part has forked and that have begun; Celery gives up when one dies at birth."""
        child = self.parts.named(name)
        if child is None:
            return []
        with suppress(psutil.NoSuchProcess):
            parent, now = psutil.Process(child.process.pid), time.time()
            forked = [each for each in parent.children() if each.cmdline() == parent.cmdline()]
            return [each for each in forked if now - each.create_time() > 1]
        return []

    def _start(self) -> None:
        self.s3_port = ports.pick()
        super()._start()
        store = self.parts.start("store", [*_python("store"), str(self.room.path), str(self.s3_port)])
        self.parts.wait_until(answering(self.s3_port), child=store, seconds=60)
        objects = self.objects()
        for bucket in (BUCKET, f"{BUCKET}-anchors"):
            where = {"LocationConstraint": "ap-northeast-1"}
            objects.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
            objects.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self._lay_lines()

    def _start_mail(self) -> Child:
        with ports.listen() as smtp, ports.listen(range(MAILBOX_PORT, MAILBOX_PORT + 10)) as page:
            self.smtp_port, self.mailbox_port = smtp.getsockname()[1], page.getsockname()[1]
            sockets = (smtp.fileno(), page.fileno())
            places = (str(self.room.path), str(self.mailbox), str(self.bounces), BOUNCE_ADDRESS)
            return self.parts.start("mail", [*_python("post"), *places, *map(str, sockets)], inherits=sockets)

    def _start_authority(self) -> Child:
        port = self.credentials.pki_port
        ports.demand(port, purpose="試験用の認証局", remedy="ほかの責め苦の試験が終わるのを待ってください。")
        directory = self.home / "pki"
        pki.create(directory, port)
        return self.parts.start("pki", [*_python("authority"), str(directory), str(port), str(self.room.path)])

    def _is_provided(self, name: str) -> bool:
        return False


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", f"tests.torture.{module}"]


@contextmanager
def standing(contracts: int) -> Iterator[Rig]:
    """Start the services of a fresh installation with empty tables, on small disks where this user may make them."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = KEPT / "run"
        _unmount(root)
        shutil.rmtree(root, ignore_errors=True)
        rig = Rig(root, web_port=ports.pick(), contracts=contracts)
        disk = DATABASE_MIB + DATABASE_MIB_EACH * contracts
        rig.is_small = _mount(rig.home / "postgres", mib=disk) and _mount(rig.temporary, mib=TEMPORARY_MIB)
        try:
            subprocess.run(["cp", "-a", f"{_ready()}/embedded/.", str(rig.home)], check=True)
            rig.room.papers.mkdir(parents=True)
            with rig:
                yield rig
        finally:
            _unmount(root)


def _ready() -> Path:
    """Return an installation whose tables are made and empty; made anew when a migration changes."""
    kept = KEPT / "ready"
    stamp = kept / "stamp"
    now = _fingerprint(path for app in BASE_DIR.glob("*/migrations") for path in app.glob("*.py"))
    if not (stamp.exists() and stamp.read_text() == now):
        try:
            _migrate(kept)
        except StackFailed:
            # 取り下げられた移行の残りがあれば、はじめから作る
            shutil.rmtree(kept)
            _migrate(kept)
        stamp.write_text(now)
    return kept


def _migrate(kept: Path) -> None:
    with _Plain(kept) as stack:
        setup.manage(stack, "migrate", "--database", "owner", "--no-input", "--verbosity", "0", "--skip-checks")


class _Plain(Stack):
    def _is_provided(self, name: str) -> bool:
        return False

    def full_environment(self) -> dict[str, str]:
        return super().full_environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"}


def _mount(place: Path, *, mib: int) -> bool:
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _unmount(root: Path) -> None:
    for place in (root / "embedded" / "postgres", root / "temporary"):
        if place.is_mount():
            subprocess.run(["umount", "--lazy", str(place)], check=False)
