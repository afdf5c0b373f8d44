"""The main job at the service level: from award to a concluded contract, with the real TSA and the real vault."""

import pytest

from contracts.models import ArchiveEntry
from contracts.reading import content_of
from contracts.states import CaseState, VersionState
from signing import setup
from signing.verification import verify
from tests.stories import story

pytestmark = pytest.mark.django_db


def test_a_contract_goes_from_award_to_concluded_with_every_document_at_b_lta():
    tosu = story("tosu")

    tosu.concluded()

    tosu.case.refresh_from_db()
    assert (tosu.version.state, tosu.case.state) == (VersionState.CONCLUDED, CaseState.CONCLUDED)
    assert tosu.version.fixed_at == tosu.step(2).signed_at
    for document in tosu.version.documents.all():
        report = verify(content_of(document), trust=setup.trust())
        assert (report.level, len(report.signatures), len(report.timestamps)) == ("PAdES-B-LTA", 2, 1)
    assert ArchiveEntry.unscoped.get(version=tosu.version).amount == tosu.case.amount
