"""Measure, print a table, and leave the numbers in var/bench/: `python -m benchmarks`."""

import os
from importlib import import_module

import django


def main() -> None:
    """Set Django up; only then can anything of ours be imported."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("SECRET_KEY", "benchmarks")
    django.setup()
    import_module("benchmarks.run").main()


if __name__ == "__main__":
    main()
