"""What befalls an installation, by the numbers under which docs/torture.md lists it."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import psutil
import psycopg
import redis
from celery import Celery

from config.embedded import setup
from config.embedded.errors import StackFailed
from config.embedded.postgres import APP, DATABASE, Postgres
from tests.torture import authority, line, post
from tests.torture.rig import Rig
from tests.torture.room import HONEST

BELLS = ("contracts.tasks.work", "notifications.tasks.deliver", "contracts.tasks.upkeep")
HELD = "contracts_signingjob"
# 責め苦の間はずっと、S3 が書き込みの半分に失敗する
USUAL = {"s3": "half"}
# この案件の文書は、責め苦の間、封印しようとする worker と、検証しようとする worker を殺す（F16）
POISONED = {"poison-seal": "責工第3号", "poison-check": "責工第4号"}
LINES = {"line-postgres": "PostgreSQL", "line-redis": "Redis"}
WORDS = {"slow": "一往復 0.3 秒遅い", "silent": "切れずに黙る"}
DAYS_OFF = 3
# 前の版が鳴らした、今の版の知らない鈴
LEFT_BY_ANOTHER = "contracts.tasks.of_another_version"
ADDED = "alter table contracts_signingjob add column if not exists of_the_next_version integer not null default 0"
RECOVERY_SECONDS = 60.0
KILLS_APART = (1.5, 5.0)


@dataclass
class Drill:
    """The faults of one run, chosen by its seed."""

    rig: Rig
    chance: random.Random
    seconds: float
    counted: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def kinds(self) -> dict[str, Callable[[], None]]:
        """Name each fault by its number and kind."""
        return {
            "F01 worker の全体を kill -9": lambda: self._absent("worker", signal.SIGKILL, seconds=0.5),
            "F03 web の子を kill -9": lambda: self._strike("web"),
            "F03 web を SIGTERM で入れ替え": lambda: self._absent("web", signal.SIGTERM, seconds=0),
            "F04 Redis を kill -9（中身ごと）": lambda: self._absent("redis", signal.SIGKILL, seconds=0),
            "F04 Redis を FLUSHALL": self._flush,
            "F05 Redis がない": lambda: self._absent("redis", signal.SIGTERM, seconds=self.seconds),
            "F06 PostgreSQL を immediate で止めて再起動": lambda: self._absent("postgres", signal.SIGQUIT, seconds=0),
            "F06 接続をすべて断つ": self._cut_off,
            "F06 PostgreSQL がない": lambda: self._absent("postgres", signal.SIGINT, seconds=self.seconds),
            "F06 表の錠を握り続ける": self._hold,
            "F06 接続を使い切る": self._exhaust,
            **{f"F07 TSA の嘘: {lie}": lambda lie=lie: self._for_a_while("tsa", lie) for lie in authority.LIES},
            **{f"F08 TSA の遅れ: {how}": lambda how=how: self._for_a_while("tsa", how) for how in authority.DELAYS},
            **{f"F09 OCSP・CRL: {how}": lambda how=how: self._unproven(how) for how in authority.RESPONDER},
            **{f"F10 SMTP: {how}": lambda how=how: self._for_a_while("smtp", how) for how in post.MODES},
            "F11 一時置き場の満杯": lambda: self._fill("temporary"),
            "F11 データベースのディスクの満杯": lambda: self._fill("postgres"),
            "F20 S3 が答えない": lambda: self._for_a_while("s3", "down"),
            "F13 worker の時計が三日進む": lambda: self._misdate(DAYS_OFF),
            "F13 worker の時計が三日遅れる": lambda: self._misdate(-DAYS_OFF),
            "F14 同じ鈴を五度、いちどに": self._ring_five_times,
            "F15 worker の記述子が尽きる": lambda: self._starve(psutil.RLIMIT_NOFILE),
            "F15 worker のメモリーが尽きる": lambda: self._starve(psutil.RLIMIT_AS),
            "F17 版の入替え（古い鈴を残して）": self._deploy,
            "F19 S3 が二秒ずつ遅い": lambda: self._for_a_while("s3", "slow"),
            **{
                f"F19 {name} が{WORDS[mode]}": lambda part=part, mode=mode: self._for_a_while(part, mode)
                for part, name in LINES.items()
                for mode in line.MODES
            },
        }

    def run(self, *, at_least: int, until: Callable[[], bool]) -> None:
        """Strike, one kind after the other and now and then three at once (F20), until told, but so many at least."""
        for part, mode in (USUAL | POISONED).items():
            self.rig.room.switch(part, mode)
        for number, kind in enumerate(self._in_turn()):
            if self.over.is_set() or (number >= at_least and until()):
                return
            others = self.chance.sample(sorted(self.kinds), 2) if self.chance.random() < 0.15 else []
            together = [threading.Thread(target=self._befall, args=(each,), daemon=True) for each in others]
            for thread in together:
                thread.start()
            self._befall(kind)
            for thread in together:
                thread.join()
            self._recover()
            self.over.wait(self.chance.uniform(0.1, 0.6) * self.seconds)

    def _recover(self) -> None:
        """Wait until the product stands again, so that the next fault strikes something; not for ever."""
        ends = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < ends and not (self.rig.is_ready() and self.rig.beget("worker")):
            self.over.wait(0.3)

    def kill_workers(self) -> None:
        """Kill one of the worker's processes every few moments, at whatever instruction it is (F01)."""
        while not self.over.wait(self.chance.uniform(*KILLS_APART)):
            self._strike("worker")
            self.counted["F01 worker の子を kill -9"] += 1

    def _in_turn(self) -> Iterator[str]:
        while True:
            yield from self.chance.sample(sorted(self.kinds), len(self.kinds))

    def _befall(self, kind: str) -> None:
        began = time.time()
        with suppress(psycopg.Error, redis.RedisError, StackFailed, OSError):
            self.kinds[kind]()
        self.counted[kind] += 1
        self.rig.room.note("faults", kind=kind, until=time.time(), began=began)

    def _for_a_while(self, part: str, mode: str) -> None:
        self.rig.room.switch(part, mode)
        self.over.wait(self.seconds)
        self.rig.room.switch(part, USUAL.get(part, HONEST))

    def _unproven(self, mode: str) -> None:
        """Take the revocation data away, and the processes that remember it."""
        self.rig.room.switch("ocsp", mode)
        self._strike("worker")
        self.over.wait(self.seconds)
        self.rig.room.switch("ocsp")

    def _absent(self, name: str, number: int, *, seconds: float) -> None:
        if name in self.rig.parts.absent:
            return
        self.rig.parts.end(name, number)
        self.over.wait(seconds)
        self.rig.parts.again(name)

    def _strike(self, name: str) -> None:
        if processes := self.rig.beget(name):
            with suppress(psutil.NoSuchProcess):
                self.chance.choice(processes).kill()

    def _misdate(self, days: int) -> None:
        """Start the worker with a clock that is wrong, and after a while with the right one."""
        self.rig.room.switch("clock", str(days * 86_400))
        self._absent("worker", signal.SIGTERM, seconds=0)
        self.over.wait(2 * self.seconds)
        self.rig.room.switch("clock")
        self._absent("worker", signal.SIGTERM, seconds=0)

    def _starve(self, resource: int) -> None:
        """Give the worker's processes no more descriptors or memory than they have, for a while."""
        limited: list[tuple[psutil.Process, tuple[int, int]]] = []
        for process in self.rig.beget("worker"):
            with suppress(psutil.NoSuchProcess):
                usual = process.rlimit(resource)
                held = process.num_fds() if resource == psutil.RLIMIT_NOFILE else process.memory_info().vms
                process.rlimit(resource, (held, usual[1]))
                limited.append((process, usual))
        self.over.wait(self.seconds)
        for process, usual in limited:
            with suppress(psutil.NoSuchProcess):
                process.rlimit(resource, usual)

    def _deploy(self) -> None:
        """Migrate under the running version, leave bells that only another one knows, and exchange web and worker."""
        assert self.rig.redis is not None
        with Celery(broker=self.rig.redis.url) as bell:
            bell.conf.task_ignore_result = True
            bell.send_task(LEFT_BY_ANOTHER, retry=False)
            for task in BELLS:
                bell.send_task(task, kwargs={"of_the_next_version": 1}, retry=False)
        with self._postgres.superuser(DATABASE) as connection:
            connection.execute("set lock_timeout = '3s'")
            connection.execute(ADDED)
        setup.manage(self.rig, "migrate", "--database", "owner", "--no-input", "--verbosity", "0", "--skip-checks")
        for name in ("web", "worker"):
            self._absent(name, signal.SIGTERM, seconds=0)

    def _flush(self) -> None:
        assert self.rig.redis is not None
        with redis.Redis.from_url(self.rig.redis.url, socket_timeout=5) as client:
            client.flushall()

    @property
    def _postgres(self) -> Postgres:
        assert self.rig.postgres is not None
        return self.rig.postgres

    def _cut_off(self) -> None:
        with self._postgres.superuser() as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")

    def _hold(self) -> None:
        with self._postgres.superuser(DATABASE) as connection, connection.transaction():
            connection.execute(f"lock table {HELD} in access exclusive mode")
            self.over.wait(self.seconds)

    def _exhaust(self) -> None:
        with ExitStack() as held:
            with suppress(psycopg.OperationalError):
                for _ in range(110):
                    held.enter_context(psycopg.connect(self._postgres.url(APP).replace("postgres://", "postgresql://")))
            self.over.wait(self.seconds)

    def _fill(self, disk: str) -> None:
        """Fill a small disk to the last byte, and free it again."""
        if not self.rig.is_small:
            self.counted["F11 は root でないので行わない"] += 1
            return
        place = self.rig.temporary if disk == "temporary" else self.rig.home / "postgres"
        ballast = place / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 20))
        self.over.wait(self.seconds)
        ballast.unlink()

    def _ring_five_times(self) -> None:
        assert self.rig.redis is not None
        with Celery(broker=self.rig.redis.url) as bell:
            bell.conf.task_ignore_result = True
            for task in BELLS * 5:
                bell.send_task(task, expires=30, retry=False)

    def end(self) -> None:
        """Let everything be well again."""
        self.over.set()

    def mend(self) -> None:
        """Bring back whatever is away, and have everybody tell the truth."""
        for part in ("tsa", "ocsp", "smtp", "s3", *POISONED, *LINES):
            self.rig.room.switch(part)
        for name in sorted(self.rig.parts.absent):
            self.rig.parts.again(name)
        self.rig.parts.attend()


@contextmanager
def supervised(rig: Rig) -> Iterator[Counter[str]]:
    """Start again whatever ends by itself, until the block ends; count how often."""
    over, counted = threading.Event(), Counter[str]()

    def attend() -> None:
        while not over.wait(0.5):
            with suppress(OSError):
                counted.update(rig.parts.attend())

    thread = threading.Thread(target=attend, daemon=True)
    thread.start()
    try:
        yield counted
    finally:
        over.set()
        thread.join()
