"""The mails of every story, in a database of their own."""

import pytest


@pytest.fixture(autouse=True)
def surroundings() -> None:
    """Leave the keys and the templates as they are: the stories keep theirs from one test to the next."""
