import secrets

import pytest
from asn1crypto import tsp
from django.core.files.storage import storages

from accounts.tenancy import acting_for
from audit import hooks, journal, publishing
from audit.models import Anchor
from config import judging
from config.tasks import anchor_journal, write_out_anchors
from signing import setup
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from signing.verification.attesting import token_problem
from signing.verification.problems import ALTERED, FORGED, MALFORMED, NO_CHAIN
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
        nobody = TimestampAuthorities(["http://127.0.0.1:1024/"], trust=setup.trust())
        silence.setattr(setup, "authorities", lambda: nobody)
        anchor_journal()
    waiting = Anchor.objects.last()
    assert not waiting.token

    anchor_journal()

    waiting.refresh_from_db()
    assert waiting.token


def test_the_journal_is_lent_our_judgement_of_tokens(told):
    anchor_journal()
    anchor = Anchor.objects.last()
    token, digest = bytes(anchor.token), bytes.fromhex(anchor.hash)
    signature = tsp.ContentInfo.load(token)["content"]["signer_infos"][0]["signature"].native

    assert judging.token_flaw in hooks.token_flaws
    assert judging.token_flaw(token, digest) == ""
    assert judging.token_flaw(token, bytes(32)) == ALTERED
    assert judging.token_flaw(token.replace(signature, bytes(len(signature))), digest) == FORGED
    assert judging.token_flaw(b"no token", digest) == MALFORMED


def test_a_token_of_an_authority_that_nobody_trusts_is_not_believed(told):
    anchor_journal()
    anchor = Anchor.objects.last()

    problem = token_problem(bytes(anchor.token), bytes.fromhex(anchor.hash), trust=Trust(roots=()))

    assert problem == NO_CHAIN


def test_the_day_ends_with_the_attested_anchors_written_out(told, settings, tmp_path):
    once = {"BACKEND": "vault.storage.WriteOnceStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"anchors": once}
    anchor_journal()

    write_out_anchors()
    write_out_anchors()

    assert publishing.published(storages["anchors"])[Anchor.objects.last().number] == Anchor.objects.last().hash
    assert len(list(tmp_path.iterdir())) == 1 + (Anchor.objects.count() - 1) // publishing.MOST
