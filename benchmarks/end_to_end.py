"""From the city's last signatures to the mails of conclusion, with the whole product running on this machine.

`python -m benchmarks.end_to_end [CONTRACTS]`
"""

import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import django

from config.embedded import ports, processes, setup
from config.embedded.children import BASE_DIR
from config.embedded.stack import Stack

OUT = BASE_DIR / "var/bench"
CONTRACTS = 100
CROWD, SINGLE = "tosu", "kiyama"


@dataclass(frozen=True)
class Result:
    """One run: seconds from the release of the work; CPU in milliseconds a document; pages in milliseconds."""

    contracts: int
    concluded_seconds: float
    told_seconds: float
    single_city_seconds: float
    cpu_ms_a_document: dict[str, float]
    pages_before_ms: tuple[float, float]
    pages_meanwhile_ms: tuple[float, float]

    @property
    def documents_a_second(self) -> float:
        return round(self.contracts / self.told_seconds, 1)


def run(contracts: int) -> Result:
    """Start a fresh stack, bring the contracts to the city, and measure the rest of their way."""
    root = OUT / "end-to-end"
    shutil.rmtree(root, ignore_errors=True)
    with Stack(root, web_port=ports.pick()) as stack:
        setup.prepare(stack, static=True)
        os.environ.update(stack.full_environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"})
        processes.start(stack)
        django.setup()
        return _measure(stack, contracts)


def _measure(stack: Stack, contracts: int) -> Result:
    from benchmarks import town, watching, works

    with town.prepared(works.contract()):
        crowd, single = (town.found(slug, contracts=count) for slug, count in ((CROWD, contracts), (SINGLE, 1)))
    for city in (crowd, single):
        town.wait(city, town.all_sealed)
        town.instruct(city)
        town.wait(city, town.all_told)
    with watching.Reader(stack, crowd) as before:
        time.sleep(5)
    with watching.Reader(stack, crowd) as meanwhile:
        used, began = watching.cpu(stack), time.monotonic()
        town.release(crowd)
        time.sleep(0.5)
        asked = time.monotonic()
        town.release(single)
        alone = town.wait(single, town.all_concluded) - asked
        concluded = town.wait(crowd, town.all_concluded) - began
        told = town.wait(crowd, town.all_told) - began
        spent = watching.cpu(stack)
    return Result(
        contracts=contracts,
        concluded_seconds=round(concluded, 2),
        told_seconds=round(told, 2),
        single_city_seconds=round(alone, 2),
        cpu_ms_a_document={part: round((spent[part] - used[part]) / (contracts + 1) * 1000, 1) for part in used},
        pages_before_ms=before.milliseconds(),
        pages_meanwhile_ms=meanwhile.milliseconds(),
    )


def table(result: Result) -> str:
    """Tell a run in lines."""
    from benchmarks.watching import PARTS

    lines = [
        f"契約 {result.contracts} 件（文書は一つずつ）: 最後の封印の指示から、締結まで {result.concluded_seconds} 秒、"
        f"完了のメールまで {result.told_seconds} 秒。毎秒 {result.documents_a_second} 件",
        f"その最中に来た、ほかの市の一件: 締結まで {result.single_city_seconds} 秒",
        "案件の一覧（p50 / p95、ミリ秒）: 前 {} / {}、最中 {} / {}".format(
            *result.pages_before_ms, *result.pages_meanwhile_ms
        ),
        "一件あたりの CPU（ミリ秒）:",
    ]
    lines += [f"{result.cpu_ms_a_document[part]:9.1f}  {name}" for part, name in PARTS.items()]
    counted = sum(ms for part, ms in result.cpu_ms_a_document.items() if part not in {"pki", "web"})
    return "\n".join([*lines, f"{counted:9.1f}  合計（TSA と web を除く）"])


def main(arguments: list[str]) -> None:
    """Measure, tell, keep."""
    result = run(int(arguments[0]) if arguments else CONTRACTS)
    print(table(result))
    path = OUT / "end-to-end.json"
    path.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1))
    print(f"控え: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main(sys.argv[1:])
