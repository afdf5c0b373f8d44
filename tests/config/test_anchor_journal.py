import secrets

import pytest
from asn1crypto import tsp

from accounts.tenancy import acting_for
from audit import journal
from audit.models import Anchor
from config.tasks import anchor_journal
from signing import setup
from signing.timestamps import TimestampAuthorities
from tests.audit.conftest import AT


@pytest.fixture
def told(db) -> None:
    city = secrets.randbelow(2**40) + 10**6
    with acting_for(city):
        journal.record(
            "contract.sent",
            tenant_id=city,
            at=AT,
            actor_kind="staff",
            actor_name="髙﨑 𠮷郎",
            ip=None,
            subject="contract:12",
            thread="case:7",
            data={},
        )


def test_the_time_authority_attests_the_hash_of_the_anchor(told):
    anchor_journal()

    anchor = Anchor.objects.last()
    token = tsp.ContentInfo.load(bytes(anchor.token))
    attested = token["content"]["encap_content_info"]["content"].parsed
    assert attested["message_imprint"]["hashed_message"].native.hex() == anchor.hash


def test_an_anchor_that_no_authority_attested_is_attested_the_next_time(told, monkeypatch):
    with monkeypatch.context() as silence:
        nobody = TimestampAuthorities(["http://127.0.0.1:1/"], trust=setup.trust())
        silence.setattr(setup, "authorities", lambda: nobody)
        anchor_journal()
    waiting = Anchor.objects.last()
    assert not waiting.token

    anchor_journal()

    waiting.refresh_from_db()
    assert waiting.token
