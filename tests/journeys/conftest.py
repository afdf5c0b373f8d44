"""The product that the journeys share: started with the first of them, stopped after the last."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.stack import Stack
from tests.journeys import system


@pytest.fixture(scope="package")
def product() -> Iterator[Stack]:
    suite = Path(os.environ["STACK_ROOT"])
    with system.running(suite.with_name(f"{suite.name}-journey")) as stack:
        yield stack
