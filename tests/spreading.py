"""Pytest plugin: how the suite is spread over workers. A module stays whole, and what takes long begins first.

What is made once for a module would otherwise be made by every worker: pytest 9.2 gives the marks of groups no hearing
in xdist 3.8, which goes on to spread every test by itself and says nothing of it.
"""

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# 一度だけ作るものを、幾つかの試験のファイルで分け合うフォルダー。起こすプロセスの多いものは、並べて走らせない
TOGETHER = {
    "tests/pages": "pages",
    "tests/race": "race",
    "tests/faults": "race",
    "tests/torture": "torture",
    "tests/journeys": "journeys",
    "tests/guarantees/registry": "registry",
    "tests/guarantees/secrecy": "secrecy",
    "tests/contracts/checking": "checking",
    "tests/contracts/packs": "packs",
    "tests/config/backups": "backups",
    "tests/config/exporting": "exports",
}


def portion(nodeid: str) -> str:
    """Tell which tests go to a worker together: those of a module, or of a folder that shares what it makes."""
    module = PurePosixPath(nodeid.partition("::")[0])
    return next((TOGETHER[str(folder)] for folder in module.parents if str(folder) in TOGETHER), str(module))


class ByModule(LoadScopeScheduling):  # type: ignore[misc]
    """Hand out whole modules in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return portion(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    config.option.loadscopereorder = False
    return ByModule(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: what starts browsers and processes of its own has a group."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
