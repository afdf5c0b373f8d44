"""Medians of CPU and wall time, and the machine they were taken on."""

import os
import platform
import resource
import ssl
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TypeVar

Key = TypeVar("Key")
PACKAGES = ("pyhanko", "cryptography", "weasyprint", "pikepdf", "pypdfium2", "tink")


@dataclass(frozen=True)
class Timing:
    """Medians over the rounds, in milliseconds; CPU counts this process, its threads and its finished children."""

    cpu_ms: float
    wall_ms: float
    rounds: int


def alternate(works: Mapping[Key, Callable[[], object]], *, rounds: int) -> dict[Key, Timing]:
    """Run each work once unmeasured, then all of them in turn, so that a busy moment strikes each alike."""
    for work in works.values():
        work()
    taken: dict[Key, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            cpu, wall = _cpu(), time.perf_counter()
            work()
            taken[name].append((_cpu() - cpu, time.perf_counter() - wall))
    return {name: _median(each) for name, each in taken.items()}


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _median(taken: list[tuple[float, float]]) -> Timing:
    cpu, wall = (round(statistics.median(each) * 1000, 1) for each in zip(*taken, strict=True))
    return Timing(cpu_ms=cpu, wall_ms=wall, rounds=len(taken))


def machine() -> dict[str, object]:
    """Return what a reader needs to compare the numbers with those of another machine."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        # 署名と検証は cryptography の wheel に入っている OpenSSL が、TLS は Python のものが行う。
        "openssl": _cryptography_openssl(),
        "openssl_of_python": ssl.OPENSSL_VERSION,
        **{name: metadata.version(name) for name in PACKAGES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")


def _cryptography_openssl() -> str:
    from cryptography.hazmat.backends.openssl.backend import backend

    return str(backend.openssl_version_text())
