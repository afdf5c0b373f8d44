"""The country, served by the whole product, and the people who are sent to it; what they met, and what it cost."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import django
import psutil

from config.embedded import ports, processes, setup
from config.embedded.children import BASE_DIR
from config.embedded.stack import Stack

CASES = int(os.environ.get("CASES", "200"))
PARTS = ("web", "worker", "postgres", "redis", "pki", "mail", "beat")
GENERATOR = "送る側"


@dataclass(frozen=True)
class Figures:
    """One stretch at one rate: milliseconds, and CPU as shares of one core."""

    rate: float
    seconds: float
    requests: int
    per_second: float
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    signed: int
    late_seconds: float
    cpu: dict[str, float]
    pages: dict[str, tuple[int, float, float, float]]
    refused: dict[str, int]

    def line(self) -> str:
        """Tell it in one line."""
        cpu = "、".join(f"{name} {share:.2f}" for name, share in self.cpu.items() if share >= 0.01)
        return (
            f"毎秒 {self.rate:g}: {self.requests} 件、誤り {self.errors}、"
            f"p50/p95/p99 {self.p50_ms:.0f}/{self.p95_ms:.0f}/{self.p99_ms:.0f} ミリ秒、署名 {self.signed}、CPU {cpu}"
        )


class Load:
    """A filled and running product, and the people at its door; ended with the block."""

    def __init__(self, root: Path, *, cities: int, contracts: int) -> None:
        self.root, self.cities, self.contracts = root, cities, contracts
        self.counted: dict[str, int] = {}

    def __enter__(self) -> Self:
        shutil.rmtree(self.root, ignore_errors=True)
        self.stack = Stack(self.root, web_port=ports.pick())
        self.stack.start()
        try:
            self._begin()
        except BaseException:
            self.stack.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._people.terminate()
        self._people.wait()
        self.stack.stop()

    def _begin(self) -> None:
        setup.prepare(self.stack, static=True)
        os.environ.update(self.stack.full_environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"})
        os.environ |= {"BEHIND_PROXY": "true", "TRUSTED_PROXIES": "127.0.0.0/8"}
        django.setup()
        began, founding = time.monotonic(), import_module("benchmarks.load.country")
        country = founding.found(self.stack, cities=self.cities, cases=CASES, contracts=self.contracts)
        processes.start(self.stack)
        founding.settle(self.stack)
        self.counted = country.counted | {"支度（秒）": round(time.monotonic() - began)}
        plan = {
            "base": f"{self.stack.base_url}/",
            "seed": 1,
            "cores": _share(),
            "clerks": [asdict(each) for each in country.clerks],
            "errands": [each.link for each in country.errands],
        }
        path = self.root / "plan.json"
        path.write_text(json.dumps(plan))
        command = [sys.executable, "-m", "benchmarks.load.traffic", str(path)]
        self._people = subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._said().strip() != "ready":
            raise SystemExit("送る側が始まりません。")

    def measured(self, rate: float, seconds: float) -> Figures:
        """Send people at a rate for so many seconds."""
        used, began = self._cpu(), time.monotonic()
        stdin: IO[str] = self._people.stdin  # type: ignore[assignment]
        stdin.write(f"{rate} {seconds}\n")
        stdin.flush()
        told = json.loads(self._said())
        spent = time.monotonic() - began
        cpu = {name: round((now - used.get(name, 0)) / spent, 2) for name, now in self._cpu().items()}
        return _figures(rate, seconds, told, cpu | {GENERATOR: round(told["cpu"], 2)})

    def _said(self) -> str:
        stdout: IO[str] = self._people.stdout  # type: ignore[assignment]
        line = stdout.readline()
        if not line:
            raise SystemExit("送る側が止まりました。")
        return line

    def _cpu(self) -> dict[str, float]:
        return import_module("benchmarks.watching").cpu(self.stack)  # type: ignore[no-any-return]

    def groups(self) -> dict[str, list[psutil.Process]]:
        """List the processes of each part."""
        found: dict[str, list[psutil.Process]] = {}
        for child in self.stack.children.running:
            with suppress(psutil.NoSuchProcess):
                parent = psutil.Process(child.process.pid)
                found[child.name] = [parent, *parent.children(recursive=True)]
        return found


def _share() -> list[int]:
    """Keep the people to the last core, if there is more than one; the product may use all of them."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[-1:] if len(cores) > 1 else []


def _figures(rate: float, seconds: float, told: dict[str, Any], cpu: dict[str, float]) -> Figures:
    taken: dict[str, list[float]] = defaultdict(list)
    refused: dict[str, int] = defaultdict(int)
    for what, _at, spent, status in told["seen"]:
        taken[what].append(spent)
        if not 200 <= status < 400:
            refused[f"{what} {status or '答えなし'}"] += 1
    every = [each for spent in taken.values() for each in spent]
    return Figures(
        rate=rate,
        seconds=seconds,
        requests=len(every),
        per_second=round(len(every) / (seconds * 0.85), 1),
        errors=sum(refused.values()),
        p50_ms=_ms(every, 50),
        p95_ms=_ms(every, 95),
        p99_ms=_ms(every, 99),
        signed=len(taken.get("受注者: finish", ())),
        late_seconds=round(told["late"], 2),
        cpu=cpu,
        pages={what: (len(each), _ms(each, 50), _ms(each, 95), _ms(each, 99)) for what, each in sorted(taken.items())},
        refused=dict(refused),
    )


def _ms(seconds: Sequence[float], percent: int) -> float:
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000, 1) if ordered else 0.0


def table(held: Figures) -> str:
    """Lay the pages out, a line each."""
    lines = [held.line(), f"{'件数':>8}{'p50':>8}{'p95':>8}{'p99':>8}  頁（ミリ秒）"]
    lines += [f"{n:10}{p50:8.0f}{p95:8.0f}{p99:8.0f}  {what}" for what, (n, p50, p95, p99) in held.pages.items()]
    return "\n".join([*lines, *(f"{count:10}  誤り: {what}" for what, count in held.refused.items())])
