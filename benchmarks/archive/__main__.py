"""Measure the search of the archive: `python -m benchmarks.archive [ROWS]`; 1,000,000 rows unless told otherwise.

What is loaded stays in var/bench/archive-ROWS/, so that a run that was stopped goes on, and the next one is quick.
"""

import os
import sys
from importlib import import_module

import django

from benchmarks.archive import services
from config.embedded.children import BASE_DIR

ROWS = 1_000_000


def main(arguments: list[str]) -> None:
    """Load, measure, tell, keep."""
    rows = int(arguments[0]) if arguments else ROWS
    root = BASE_DIR / f"var/bench/archive-{rows}"
    with services.running(root, rows=rows) as postgres:
        os.environ.update(services.environment(postgres))
        django.setup()
        import_module("benchmarks.archive.run").run(postgres, rows=rows, out=root / "result.json")


if __name__ == "__main__":
    main(sys.argv[1:])
