"""The suite is spread over workers by whole modules: what is made once for a module is made by one worker."""

import pytest

from tests import spreading
from tests.spreading import ByModule, portion


@pytest.mark.parametrize(
    ("one", "other", "are_together"),
    [
        ("tests/vault/test_files.py::test_a", "tests/vault/test_files.py::test_b[tests/vault]", True),
        ("tests/vault/test_files.py::test_a", "tests/vault/test_fields.py::test_a", False),
        ("tests/pages/test_eyes.py::test_a", "tests/pages/test_pages.py::test_b", True),
        ("tests/faults/test_faults.py::test_a", "tests/race/test_lease.py::test_b", True),
        ("tests/contracts/pages/test_home.py::test_a", "tests/contracts/pages/test_board.py::test_a", False),
    ],
)
def test_a_module_goes_to_one_worker_and_so_does_a_folder_that_shares_what_it_makes(one, other, are_together):
    assert (portion(one) == portion(other)) is are_together


def test_the_workers_are_given_their_portions_by_our_scheduler(pytestconfig):
    assert pytestconfig.pluginmanager.hasplugin("tests.spreading")
    assert issubclass(ByModule, spreading.LoadScopeScheduling)
    assert ByModule._split_scope(object(), "tests/race/test_lease.py::test_b") == "race"
