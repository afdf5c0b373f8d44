"""まとめての検証と、見出しの多い契約書の検証。"""

import multiprocessing
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks import plain
from signing.results import Verdict
from signing.trust import Trust
from signing.verification import verify

PROCESSES = 2
DEEP = 1_000_000
STACK_BYTES = 512 * 1024 * 1024
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Batch:
    """So many verifications on two processes, from cold: seconds of the clock, and of CPU in all."""

    files: int
    wall: float
    cpu: float


def verified(files: list[bytes], trust: Trust) -> Batch:
    """Verify files as the nightly check would, and stop if any does not pass."""
    before, began = _children_cpu(), time.perf_counter()
    with ProcessPoolExecutor(PROCESSES, mp_context=_fork, initializer=_know, initargs=(files, trust)) as pool:
        if not all(pool.map(_passes, range(len(files)), chunksize=10)):
            raise SystemExit("封印した文書が検証に合格しません。")
    return Batch(len(files), round(time.perf_counter() - began, 2), round(_children_cpu() - before, 2))


_known: tuple[list[bytes], Trust]


def _know(files: list[bytes], trust: Trust) -> None:
    global _known
    _known = files, trust


def _passes(number: int) -> bool:
    files, trust = _known
    return verify(files[number], trust=trust).verdict is Verdict.VALID


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pyhanko_within(seconds: int, pdf: bytes, trust: Trust, *, deep: bool) -> str:
    """Say what pyHanko makes of a file in a child with so many seconds of CPU: how long it took, or how it ended."""
    answer, tell = _fork.Pipe(duplex=False)

    def attempt() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        _try(lambda: tell.send(_outcome(lambda: plain.verify(pdf, trust))), deep=deep)

    child = _fork.Process(target=attempt)
    child.start()
    tell.close()
    try:
        return str(answer.recv())
    except EOFError:
        child.join()
        return f"CPU {seconds} 秒で終わらず、打ち切り" if child.exitcode == -signal.SIGXCPU else "プロセスが落ちました"
    finally:
        child.join()


def _try(work: Callable[[], None], *, deep: bool) -> None:
    if not deep:
        work()
        return
    sys.setrecursionlimit(DEEP)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def _outcome(work: Callable[[], object]) -> str:
    began = time.process_time()
    try:
        work()
    except Exception as error:  # noqa: BLE001 - どう終わったかを述べる
        return type(error).__name__
    return f"CPU {time.process_time() - began:.1f} 秒"
