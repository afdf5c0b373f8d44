"""Child processes that end with their parent, and whose remains the next start clears away."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config.embedded.errors import StackFailed

BASE_DIR = Path(__file__).resolve().parent.parent.parent


@dataclass
class Child:
    """One running process, with the signal it ends politely on and the seconds it gets for that."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: int = signal.SIGTERM
    grace: float = 10.0

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:] if self.log.exists() else []
        return "\n".join(lines)


@dataclass
class Children:
    """The processes of one stack; each is its own process group and is written down in the ledger."""

    ledger: Path
    logs: Path
    running: list[Child] = field(default_factory=list)

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        stop_signal: int = signal.SIGTERM,
        grace: float = 10.0,
        privileges: Sequence[str] = (),
        inherits: Sequence[int] = (),
    ) -> Child:
        """Start one process with its output in the logs, the open files it inherits, and options of setpriv(1)."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                dying_with_parent(argv, stop_signal=stop_signal, privileges=privileges),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=BASE_DIR,
                start_new_session=True,
                pass_fds=inherits,
            )
        child = Child(name, process, log, stop_signal, grace)
        self.running.append(child)
        self._write_ledger()
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        return child

    def wait_until(self, ready: Callable[[], bool], *, child: Child, seconds: float) -> None:
        """Return once ready; raise StackFailed with the end of its log when the child ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not child.is_alive():
                raise StackFailed(f"{child.name} が起動できずに終わりました（{child.log}）。\n{child.last_words()}")
            if time.monotonic() > deadline:
                raise StackFailed(
                    f"{child.name} が {seconds:.0f} 秒待っても応答しません（{child.log}）。\n{child.last_words()}"
                )
            time.sleep(0.05)

    def fallen(self) -> Child | None:
        """Return a child that ended though nobody stopped it."""
        return next((child for child in self.running if not child.is_alive()), None)

    def stop(self, names: Sequence[str] | None = None) -> None:
        """Ask the named processes, or all, to end; kill those that do not within their grace."""
        chosen = [child for child in self.running if names is None or child.name in names]
        for child in chosen:
            if child.is_alive():
                child.process.send_signal(child.stop_signal)
        for child in chosen:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(child.grace)
            _kill_group(child.process.pid)
            child.process.wait()
            self.running.remove(child)
        self._write_ledger()

    def sweep(self) -> None:
        """Kill what a killed run left behind; the start time tells our process from a later one of the same number."""
        if not self.ledger.exists():
            return
        for row in json.loads(self.ledger.read_text()):
            _kill_remains(pid=row["pid"], started=row["started"])
        self.ledger.unlink()

    def _write_ledger(self) -> None:
        rows = [
            {"name": child.name, "pid": child.process.pid, "started": _started(child.process.pid)}
            for child in self.running
        ]
        self.ledger.parent.mkdir(parents=True, exist_ok=True)
        partial = self.ledger.with_suffix(".partial")
        partial.write_text(json.dumps(rows))
        partial.replace(self.ledger)


def dying_with_parent(argv: Sequence[str], *, stop_signal: int, privileges: Sequence[str] = ()) -> list[str]:
    """Ask Linux to signal the process when its parent dies, whatever kills that."""
    if shutil.which("setpriv") is None and not privileges:
        return list(argv)
    # 権限を落とすと親の死を知らせる印が消えるので、同じ一回の setpriv で両方を行う（prctl(2)）。
    return ["setpriv", *privileges, "--pdeathsig", signal.Signals(stop_signal).name, "--", *argv]


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _started(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def _kill_remains(*, pid: int, started: float | None) -> None:
    """Kill the group of this process, unless the number has since gone to somebody else."""
    now = _started(pid)
    if started is None or (now is not None and abs(now - started) > 2):
        return
    members = [process for process in psutil.process_iter() if _group(process) == pid]
    if members:
        _kill_group(pid)
        psutil.wait_procs(members, timeout=10)


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None
