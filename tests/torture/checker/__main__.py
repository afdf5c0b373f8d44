"""Judge what a drill left: `python -m tests.torture.checker ROOM`; 0 only when no question finds a flaw."""

import sys
from pathlib import Path

from tests.torture.checker.evidence import gather
from tests.torture.checker.invariants import INVARIANTS


def main(place: Path) -> int:
    """Put every question, and print what it finds."""
    evidence, flaws = gather(place), 0
    for name, question in INVARIANTS.items():
        found = list(question(evidence))
        flaws += len(found)
        sys.stdout.write("\n    ".join([f"{name}: {len(found)}", *found[:20]]) + "\n")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
