"""From the city's last signatures to the mails of conclusion, with the whole product running on this machine.

The machine may be busy: CPU per document tells what two idle cores would do, the clock what these cores did.

`python -m benchmarks.end_to_end [CONTRACTS]`
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import fresh
from config.embedded.stack import Stack

if TYPE_CHECKING:
    from accounts.models import Organization
    from benchmarks.watching import Reader

CONTRACTS = 40
CORES = 2
CROWD, SINGLE, COUNTED = "tosu", "kiyama", "kamimine"
# 時刻認証局は外の部品、web はその間にほかの人が開いた頁。どちらも、この仕事の費用ではない
APART = {"pki", "web"}


@dataclass(frozen=True)
class Result:
    """One run: seconds from the release of the work; CPU in milliseconds a document; pages in milliseconds."""

    contracts: int
    concluded_seconds: float
    told_seconds: float
    single_city_seconds: float
    statements_a_document: int
    cpu_ms_a_document: dict[str, float]
    cpu_ms_a_certificate: dict[str, float]
    pages_before_ms: tuple[float, float]
    pages_meanwhile_ms: tuple[float, float]

    @property
    def documents_a_second(self) -> float:
        return round(self.contracts / self.told_seconds, 1)

    @property
    def counted_ms(self) -> float:
        """Return the CPU of a document that counts, in milliseconds."""
        return counted(self.cpu_ms_a_document)

    @property
    def implied_documents_a_second(self) -> float:
        """Tell what two cores with nothing else to do would conclude."""
        return round(CORES * 1000 / self.counted_ms, 1)


def counted(spent: dict[str, float]) -> float:
    """Add up the parts that count."""
    return round(sum(ms for part, ms in spent.items() if part not in APART), 1)


def run(contracts: int) -> Result:
    """Start a fresh stack, bring the contracts to the city, and measure the rest of their way."""
    with fresh.stack("end-to-end", workers=True) as stack:
        return _measure(stack, contracts)


def _measure(stack: Stack, contracts: int) -> Result:
    from benchmarks import town, watching

    crowd, single, lone = (_waiting(slug, count) for slug, count in ((CROWD, contracts), (SINGLE, 1), (COUNTED, 1)))
    statements = town.statements(lone)
    before, a_page = _read_in_quiet(stack, crowd)
    with watching.Reader(stack, crowd) as meanwhile:
        used, began = watching.cpu(stack), time.monotonic()
        town.release(crowd)
        time.sleep(0.5)
        asked = time.monotonic()
        town.release(single)
        alone = town.wait(single, town.all_concluded) - asked
        concluded = town.wait(crowd, town.all_concluded) - began
        told = town.wait(crowd, town.all_told) - began
        spent, pages = watching.cpu(stack), len(meanwhile.seconds)
    town.wait(crowd, town.all_attested)
    attested = watching.cpu(stack)
    # 頁を読む人のために PostgreSQL が使った分は、契約の費用ではない
    for_documents = spent | {"postgres": spent["postgres"] - a_page * pages}
    return Result(
        contracts=contracts,
        concluded_seconds=round(concluded, 2),
        told_seconds=round(told, 2),
        single_city_seconds=round(alone, 2),
        statements_a_document=statements,
        cpu_ms_a_document=_each(used, for_documents, pieces=contracts + 1),
        cpu_ms_a_certificate=_each(spent, attested, pieces=contracts + 1),
        pages_before_ms=before.milliseconds(),
        pages_meanwhile_ms=meanwhile.milliseconds(),
    )


def _waiting(slug: str, contracts: int) -> "Organization":
    """Bring a city so many contracts that both parties have signed and that wait for the city's seal."""
    from benchmarks import town, works

    with town.prepared(works.contract()):
        city = town.found(slug, contracts=contracts)
    town.wait(city, town.all_sealed)
    town.instruct(city)
    town.wait(city, town.all_told)
    return city


def _read_in_quiet(stack: Stack, city: "Organization") -> "tuple[Reader, float]":
    """Read pages while nothing else is done; return the reader, and the seconds that one page costs PostgreSQL."""
    from benchmarks import watching

    used = watching.cpu(stack)["postgres"]
    with watching.Reader(stack, city) as reader:
        time.sleep(5)
    return reader, (watching.cpu(stack)["postgres"] - used) / len(reader.seconds)


def _each(before: dict[str, float], after: dict[str, float], *, pieces: int) -> dict[str, float]:
    return {part: round((after[part] - before[part]) / pieces * 1000, 1) for part in before}


def table(result: Result) -> str:
    """Tell a run in lines."""
    from benchmarks.watching import PARTS

    lines = [
        f"契約 {result.contracts} 件（文書は一つずつ）: 最後の封印の指示から、締結まで {result.concluded_seconds} 秒、"
        f"完了のメールまで {result.told_seconds} 秒",
        f"毎秒 {result.documents_a_second} 件。ほかに何も動かない {CORES} コアなら、"
        f"CPU から数えて {result.implied_documents_a_second} 件",
        f"その最中に来た、ほかの市の一件: 締結まで {result.single_city_seconds} 秒",
        "案件の一覧（p50 / p95、ミリ秒）: 前 {} / {}、最中 {} / {}".format(
            *result.pages_before_ms, *result.pages_meanwhile_ms
        ),
        f"一件あたりの SQL の文: {result.statements_a_document}（取引の始めと終わりを含む）",
        "一件あたりの CPU（ミリ秒）: 締結とメールまで、あとから作る合意締結証明書",
    ]
    each, later = result.cpu_ms_a_document, result.cpu_ms_a_certificate
    lines += [f"{each[part]:9.1f}{later[part]:9.1f}  {name}" for part, name in PARTS.items()]
    return "\n".join([*lines, f"{result.counted_ms:9.1f}{counted(later):9.1f}  合計（TSA と web を除く）"])


def main(arguments: list[str]) -> None:
    """Measure, tell, keep."""
    result = run(int(arguments[0]) if arguments else CONTRACTS)
    print(table(result))
    path = fresh.OUT / "end-to-end.json"
    path.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1))
    print(f"控え: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main(sys.argv[1:])
