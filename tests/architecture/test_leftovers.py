"""What a module commits where others see it is found, by its table."""

import pytest
from django.db import transaction

from tests import factories, leftovers

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_committed_row_is_named_by_its_table(own_database, monkeypatch):
    monkeypatch.setattr(leftovers, "watched", [own_database])
    assert leftovers.left() == []

    with transaction.atomic():
        factories.city("leftover")

    assert "accounts_organization" in leftovers.left()
