"""Half the load for an hour, and whether anything grows: `python -m benchmarks.load.soak [MINUTES] [RATE]`.

RATE is half of what `python -m benchmarks.load` found, or 10. Memory, open files, connections and files of a moment
are written down ten times; the verdict compares the second of them, when everything is warm, with the last.
"""

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.load.__main__ import OUT, SIGNING_SHARE
from benchmarks.load.running import Load
from benchmarks.measuring import machine

CITIES, STRETCHES = 300, 10
GROWTH = 0.10
# これより小さな増え方は、増え続けているとは言わない（MB、個）
SLACK = {"メモリー": 20.0, "開いたファイル": 20.0, "接続": 5.0, "一時ファイル": 5.0}
Sample = dict[str, float]


def main(minutes: float, rate: float) -> int:
    """Send people, look again and again, tell the verdict; 0 when nothing grew."""
    contracts, samples, errors = round(rate * minutes * 60 * SIGNING_SHARE), [], 0
    with Load(OUT / "soak", cities=CITIES, contracts=contracts) as load:
        samples.append(sample(load))
        for _ in range(STRETCHES):
            step = load.measured(rate, minutes * 60 / STRETCHES)
            errors += step.errors
            samples.append(sample(load))
            print(f"{step.line()}\n    {told(samples[-1])}", flush=True)
    grown = {name: (samples[1][name], samples[-1][name]) for name in samples[-1] if grew(name, samples)}
    verdict = "増え続けるものはありません。" if not grown and not errors else f"誤り {errors}、増えたもの {grown}"
    print(verdict)
    kept = {"machine": machine(), "minutes": minutes, "rate": rate, "errors": errors, "samples": samples}
    (OUT / "soak.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    return 0 if not grown and not errors else 1


def sample(load: Load) -> Sample:
    """Look at what the product holds now."""
    found: Sample = {}
    for part, processes in load.groups().items():
        found[f"メモリー: {part}"] = _sum(_memory(each) for each in processes)
        found[f"開いたファイル: {part}"] = _sum(_files(each) for each in processes)
    assert load.stack.postgres is not None
    with load.stack.postgres.superuser() as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend'"
        ).fetchone()
    found["接続: PostgreSQL"] = float(row[0] - 1) if row else 0.0
    found["一時ファイル: /tmp"] = float(sum(1 for path in Path("/tmp").iterdir() if path.name.startswith("tmp")))
    return found


def _sum(values: Iterable[float]) -> float:
    return round(sum(values), 1)


def _memory(process: psutil.Process) -> float:
    """Return the megabytes that are this process's own; shared pages would count many times."""
    with suppress(psutil.Error):
        return float(process.memory_full_info().uss) / 1e6
    return 0.0


def _files(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return float(process.num_fds())
    return 0.0


def grew(name: str, samples: list[Sample]) -> bool:
    """Tell whether something is more at the end than when everything was warm."""
    first, last = samples[1].get(name, 0.0), samples[-1][name]
    return last > first * (1 + GROWTH) and last - first > SLACK[name.partition(":")[0]]


def told(found: Sample) -> str:
    """Tell a sample in one line."""
    return "、".join(f"{name} {value:g}" for name, value in found.items() if "メモリー" in name or "接続" in name)


def half() -> float:
    """Return half of what the load found on this machine, or 10."""
    with suppress(FileNotFoundError, KeyError):
        return max(1.0, json.loads((OUT / "load.json").read_text())["best"] / 2)
    return 10.0


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]]
    sys.exit(main(given[0] if given else 60, given[1] if len(given) > 1 else half()))
