"""The workers as processes: started, rung for, struck down by SIGKILL, started again."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from celery import Celery

TASKS = ("contracts.tasks.work", "notifications.tasks.deliver")


@dataclass
class Workers:
    """One Celery worker with several processes; whoever dies is replaced, by its parent or by us."""

    seed: str
    room: Path
    concurrency: int = 2
    killed: int = 0
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._bell = Celery(broker=os.environ["REDIS_URL"])
        self._bell.conf.task_ignore_result = True

    @property
    def ledger(self) -> Path:
        return self.room / "deaths"

    def start(self) -> None:
        """Start a worker in a process group of its own; the test's own settings, another entrance."""
        told = {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "FAULT_SEED": self.seed,
            "FAULT_LEDGER": str(self.ledger),
            "FAULT_WORKERS": str(self.concurrency),
        }
        with (self.room / "worker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.worker"],
                env=os.environ | told,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def attend(self) -> None:
        """Start the worker again where it has ended, as a supervisor does, and ring as beat does."""
        if self._running.poll() is not None:
            self.restarts += 1
            self.start()
        for task in TASKS:
            self._bell.send_task(task, expires=5)

    def strike(self, chance: random.Random) -> bool:
        """Kill a process at whatever instruction it is, now and then the whole worker; False when none is up."""
        children = self._children()
        if not children:
            return False
        if chance.random() < 0.02:
            self.kill()
            return True
        with suppress(psutil.NoSuchProcess):
            chance.choice(children).kill()
            self.killed += 1
        return True

    def _children(self) -> list[psutil.Process]:
        """List the processes that were forked to work and have begun; Celery gives up when one dies at birth."""
        with suppress(psutil.NoSuchProcess):
            worker, now = psutil.Process(self._running.pid), time.time()
            forked = [child for child in worker.children() if child.cmdline() == worker.cmdline()]
            return [child for child in forked if now - child.create_time() > 1]
        return []

    def kill(self) -> None:
        """Kill the worker with all its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait(30)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def last_words(self) -> str:
        """Return the end of what the worker wrote."""
        return "\n".join((self.room / "worker.log").read_text(errors="replace").splitlines()[-15:])

    def deaths(self) -> list[str]:
        """List where the processes died by their fates."""
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []
