"""Fly one drill in a process of its own: `python -m tests.torture CONTRACTS SEED SECONDS KINDS OUT`; KINDS 0 is all.

What it leaves is written to OUT, to be judged when everything has long been stopped.
"""

import pickle
import sys
from pathlib import Path

import django


def main(contracts: int, seed: str, seconds: float, kinds: int, out: Path) -> None:
    """Fly, and keep what is left."""
    django.setup()
    from tests.torture.flight import flown

    flight = flown(contracts, seed=seed, seconds=seconds, kinds=kinds or None)
    out.write_bytes(pickle.dumps(flight))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
