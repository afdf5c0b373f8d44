"""What a firm takes of its contracts (電子帳簿保存法7条) when one of them was disposed of since."""

import pytest
from django.utils import timezone

from contracts.services import records
from contracts.services.inboxes import entering
from tests.contracts.keeping.conftest import dispose
from tests.stories import story

pytestmark = pytest.mark.django_db


def test_a_firm_takes_its_other_contracts_when_one_was_disposed_of(tosu, whole, approved):
    other = story(number="鳥工第二号", contractor=tosu.case.contractor).concluded()
    inbox = entering.of(tosu.tenant, email=tosu.step(1).email, at=timezone.now())
    assert {step.version.case.number for step in records.of_address(inbox)} == {whole.number, other.case.number}

    approved()
    dispose(tosu)

    assert [step.version.case.number for step in records.of_address(inbox)] == [other.case.number]
