"""A stack of its own for a measurement: empty, prepared, and known to Django in this process."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import django

from config.embedded import ports, setup
from config.embedded.children import BASE_DIR
from config.embedded.stack import Stack

OUT = BASE_DIR / "var/bench"


@contextmanager
def stack(name: str, *, workers: bool = False) -> Iterator[Stack]:
    """Start a fresh stack in var/bench/NAME/, with what works in the background where it is wanted."""
    from config.embedded import processes

    root = OUT / name
    shutil.rmtree(root, ignore_errors=True)
    with Stack(root, web_port=ports.pick()) as started:
        setup.prepare(started, static=True)
        os.environ.update(started.full_environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"})
        if workers:
            processes.start(started)
        django.setup()
        yield started
