"""Measure the pages that staff open at 8:30: `python -m benchmarks.morning [CASES …]`; 2,000 and 10,000 cases.

A fresh stack is filled in var/bench/morning/: a case at every point of its way through the services, and as many
copies of them as there are to be. Nothing runs beside it but what a page needs.
"""

import json
import sys
from dataclasses import asdict
from importlib import import_module
from typing import Any

from benchmarks import fresh
from benchmarks.measuring import machine

CASES = (2_000, 10_000)


def run(cases: list[int]) -> dict[str, Any]:
    """Fill the city up to each number of cases in turn, and measure at each."""
    with fresh.stack("morning") as stack:
        town, looks, rush = (import_module(f"benchmarks.morning.{name}") for name in ("town", "looks", "rush"))
        city = town.found()
        kept = {}
        for number in sorted(cases):
            town.fill(stack, city, cases=number)
            figures, crowd = looks.measured(city), rush.measured(stack, city)
            kept[number] = {"looks": [asdict(each) for each in figures], "rush": asdict(crowd)}
            print("\n".join([f"\n手続き中の案件 {number:,} 件", looks.table(figures), rush.told(crowd)]), flush=True)
        return kept


def main(arguments: list[str]) -> None:
    """Measure, tell, keep."""
    about = machine()
    print(f"{about['processor']}、{about['cores']} コア、負荷 {about['load']}", flush=True)
    kept = run([int(each) for each in arguments] or list(CASES))
    path = fresh.OUT / "morning.json"
    path.write_text(json.dumps({"machine": about, "cases": kept}, ensure_ascii=False, indent=1))
    print(f"控え: {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
