"""A city asks a guarantor's instance, another process, for a certificate; a refusal says why in words."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from guarantees.facts import CertificateFacts
from guarantees.issuing import papers
from guarantees.issuing.services.viewing import MOST_TRIES
from guarantees.registry import RegistryLocked, RegistryRefused, RegistryUnavailable, Standing
from guarantees.registry.http import FACTS
from outgoing import client as network
from signing.attachments import attached
from signing.results import Verdict
from tests import clamav, factories

pytestmark = pytest.mark.xdist_group("registry")


def test_number_and_key_bring_the_facts_the_paper_and_a_seal_we_judged_ourselves(instance):
    viewed = instance.registry().view(number=instance.certificate.number, key=instance.key)

    assert viewed.facts == CertificateFacts.from_json(instance.certificate.facts)
    assert (viewed.facts.amount, viewed.facts.beneficiary) == (40_000_000, "鳥栖市長")
    assert viewed.pdf.startswith(b"%PDF-")
    assert viewed.is_sealed
    assert viewed.seal.level == "PAdES-B-LTA"
    assert viewed.signer.startswith("Nishinihon Kensetsu Hosho")
    assert viewed.standing is Standing.CURRENT


def test_both_sides_call_the_facts_in_the_paper_by_the_same_name():
    assert papers.FACTS == FACTS


def test_a_wrong_key_is_refused_in_words(instance):
    certificate, key = instance.another()

    with pytest.raises(RegistryRefused, match="保証機関の回答: 保証契約番号または認証キーが違います") as refused:
        instance.registry().view(number=certificate.number, key="WRONGKEY12")

    assert not isinstance(refused.value, RegistryLocked)
    assert instance.registry().view(number=certificate.number, key=key).facts.number == certificate.number


def test_the_count_of_wrong_keys_is_kept_from_one_question_to_the_next(instance):
    certificate, key = instance.another()
    registry = instance.registry()

    for _ in range(MOST_TRIES - 1):
        with pytest.raises(RegistryRefused):
            registry.view(number=certificate.number, key="WRONGKEY12")
    for tried in ("WRONGKEY12", key):
        with pytest.raises(RegistryLocked, match="閲覧を停止しています。保証機関にご連絡ください。"):
            registry.view(number=certificate.number, key=tried)


def test_a_stranger_is_not_let_in(instance):
    for token in ("", "another", instance.token[:-1]):
        with pytest.raises(RegistryUnavailable, match="この自治体の接続を受け付けません"):
            instance.registry(token=token).view(number=instance.certificate.number, key=instance.key)


def test_the_orderer_is_told_what_has_changed_since(instance):
    before, key = instance.another()
    after = instance.changed(before)
    instance.cancel(after)

    seen = instance.registry().view(number=before.number, key=key)

    assert seen.standing is Standing.CHANGED
    assert seen.standing.label == "変更済（変更後の証書があります）"
    assert seen.is_sealed, "it is still what the guarantor once issued"


@pytest.mark.parametrize(
    "question", [b"", b"[]", b'{"number": 1, "key": "a"}', b'{"number": "2070004426"}', b"x" * 5000]
)
def test_a_question_that_is_none_is_turned_away(instance, question):
    answer = httpx.post(instance.url, content=question, headers={"Authorization": f"Bearer {instance.token}"})

    assert answer.status_code == 400
    assert answer.json()["reason"] == "番号と認証キーを、JSON の number と key に書いてください。"


def test_answers_are_kept_in_no_cache_and_come_by_post_only(instance):
    head = {"Authorization": f"Bearer {instance.token}"}
    question = {"number": instance.certificate.number, "key": instance.key}

    assert httpx.get(instance.url, headers=head).status_code == 405
    answer = httpx.post(instance.url, json=question, headers=head)
    assert answer.json()["answer"] == "shown"
    assert "no-store" in answer.headers["Cache-Control"]
    assert instance.key not in answer.text


def test_a_guarantor_that_is_away_is_said_to_be_away(instance):
    with pytest.raises(RegistryUnavailable, match="応答しません（接続できません）。時間をおいて"):
        instance.registry(url="http://127.0.0.1:1024/").view(number="2070004426", key="KEY")


def test_no_key_travels_where_others_can_read_it(instance, monkeypatch):
    monkeypatch.setattr(network, "ask", lambda *_, **__: pytest.fail("asked"))

    with pytest.raises(RegistryUnavailable, match="https ではない"):
        instance.registry(url="http://hosho.example.jp/view/").view(number="2070004426", key="KEY")


def test_neither_the_token_nor_the_key_is_in_what_may_be_printed(instance):
    registry = instance.registry()

    with pytest.raises(RegistryRefused) as refused:
        registry.view(number="2629999999", key="SECRETKEY1")

    assert instance.token not in repr(registry)
    assert "SECRETKEY1" not in repr(refused.value)


@pytest.fixture
def answers(instance, monkeypatch) -> Callable[..., None]:
    """Have the guarantor answer something else."""

    def answer(body: bytes, status: int = 200) -> None:
        said = network.Answer(status, "application/json", body)
        monkeypatch.setattr(network, "ask", lambda *_, **__: said)

    return answer


def shown(content: bytes, **values: Any) -> bytes:
    said = {"answer": "shown", "standing": "current", "pdf": base64.b64encode(content).decode()} | values
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        shown(b"no paper at all"),
        shown(factories.pdf()),
        shown(factories.pdf(), pdf="***"),
        shown(factories.pdf(), pdf=None),
    ],
)
def test_what_cannot_be_read_sends_the_clerk_to_the_screen(instance, answers, answer):
    answers(answer)

    with pytest.raises(RegistryUnavailable, match="応答を読み取れません。保証確認サービスの画面で"):
        instance.registry().view(number="2070004426", key="KEY")


def test_a_paper_is_scanned_before_it_is_read(instance, answers, settings, tmp_path):
    answers(shown(clamav.TEST_STRING.encode()))

    with clamav.running(tmp_path) as (place, _address):
        settings.CLAMD_ADDRESS = place
        with pytest.raises(RegistryUnavailable, match="ウイルスが見つかった"):
            instance.registry().view(number="2070004426", key="KEY")

    with pytest.raises(RegistryUnavailable, match="数分後"):
        instance.registry().view(number="2070004426", key="KEY")


def test_a_fault_on_the_other_side_is_no_answer(instance, answers):
    answers(b"{}", status=500)

    with pytest.raises(RegistryUnavailable, match="応答を読み取れません"):
        instance.registry().view(number="2070004426", key="KEY")


def test_an_unknown_standing_is_not_taken_for_a_known_one(instance, answers):
    viewed = instance.registry().view(number=instance.certificate.number, key=instance.key)
    answers(shown(viewed.pdf, standing="fine"))

    with pytest.raises(RegistryUnavailable, match="応答を読み取れません"):
        instance.registry().view(number="2070004426", key="KEY")


def test_a_paper_that_was_altered_on_the_way_shows_in_the_verdict(instance, answers):
    pdf = instance.registry().view(number=instance.certificate.number, key=instance.key).pdf
    place = pdf.index(b"/ModDate")
    answers(shown(pdf[:place] + b"/modDate" + pdf[place + 8 :]))

    viewed = instance.registry().view(number="2070004426", key="KEY")

    assert viewed.seal.verdict is Verdict.INVALID
    assert not viewed.is_sealed


def test_a_paper_without_a_seal_is_not_taken_for_sealed(instance, answers):
    facts = CertificateFacts.from_json(instance.certificate.facts)
    guarantor = papers.Guarantor.of(instance.books.guarantor)
    printed = papers.render_certificate(facts, guarantor=guarantor, at=instance.certificate.issued_at)
    assert attached(printed, name=FACTS)
    answers(shown(printed))

    viewed = instance.registry().view(number="2070004426", key="KEY")

    assert viewed.facts == facts
    assert (viewed.seal.signatures, viewed.signer, viewed.is_sealed) == ((), "", False)
