"""A mail leaves in the words its organization has when it leaves, and what was said is kept."""

import email
import email.policy

import pytest

from accounts.tenancy import acting_for
from notifications import delivery as sending
from notifications import hooks, wordings
from notifications.line import Line
from notifications.models import Delivery, MailWording
from tests.notifications.conftest import AT, LINK


@pytest.fixture
def sent(server, reload):
    """Send the one mail that waits, and read what arrived, with the row as it was kept."""

    def send(waiting: Delivery):
        with Line() as line:
            assert sending.deliver_next(tenant_id=waiting.tenant_id, at=AT, line=line)
        (envelope,) = server.received
        return email.message_from_bytes(envelope.content, policy=email.policy.default), reload(waiting)

    return send


def choose(city, **words: str) -> None:
    with acting_for(city.pk):
        MailWording.unscoped.create(tenant=city, template="invitation", **words)


def test_words_chosen_while_a_mail_waits_are_those_it_leaves_with(city, enqueue, sent):
    waiting = enqueue()
    choose(city, subject="{案件名}に署名を", note="・朝のうちに")

    mail, kept = sent(waiting)

    assert mail["Subject"] == "轟木川護岸補修工事に署名を"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "・朝のうちに" in text
    assert "朝のうちに\n</li>" in html
    assert "の署名依頼が届きました。" in text
    assert kept.own_words == {"subject": "{案件名}に署名を", "lead": "", "note": "・朝のうちに"}


def test_what_was_said_stays_said_when_the_words_change(city, enqueue, sent):
    choose(city, subject="{案件名}に署名を")
    _, kept = sent(enqueue())
    with acting_for(city.pk):
        MailWording.unscoped.update(subject="もう別の件名 {案件名}")

        assert wordings.shown(kept, link=LINK, code=None).subject == "轟木川護岸補修工事に署名を"


def test_the_words_of_one_city_are_not_those_of_another(city, enqueue, sent):
    choose(city, subject="{案件名}に署名を")
    other = type(city).objects.create(kind="municipality", slug=f"{city.slug}-b", name="臼杵市")
    with acting_for(other.pk):
        assert wordings.of(other, "invitation") == wordings.Own()

    assert sent(enqueue())[0]["Subject"].startswith("轟木川")


def test_words_that_name_what_is_not_there_stop_no_mail(city, enqueue, sent):
    choose(city, subject="{議決の日}の{案件名}")

    mail, kept = sent(enqueue())

    assert mail["Subject"].endswith("への署名依頼が届いています")
    assert kept.own_words == {}


def test_asking_for_the_words_is_no_question_of_its_own(city, enqueue, server, django_assert_num_queries):
    choose(city, subject="{案件名}に署名を")
    waiting = enqueue()

    with acting_for(city.pk), django_assert_num_queries(2):
        claimed = sending._claim(AT)

    assert claimed is not None
    assert (claimed.pk, claimed.own_words["subject"]) == (waiting.pk, "{案件名}に署名を")


def test_a_sample_leaves_though_nothing_needs_it(city, enqueue, sent, monkeypatch):
    monkeypatch.setitem(hooks.still_needed, "invitation", lambda delivery, at: None)

    mail, _ = sent(enqueue(about=wordings.SAMPLE))

    assert mail["Subject"].endswith("への署名依頼が届いています")


def test_own_words_bring_no_link_of_their_own(city, enqueue, sent):
    choose(city, lead="{案件名}です。\n\n▼ 偽のリンク\nhttps://evil.example/")

    mail, _ = sent(enqueue())

    _, html = (part.get_content() for part in mail.iter_parts())
    assert 'href="https://evil.example/"' not in html
