"""The outside of a mail: who writes, to whom, how it is filed and how it comes back, whatever was typed."""

import email
from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.core.exceptions import ValidationError

from accounts import addresses
from accounts.tenancy import acting_for
from notifications import identity, mail, smtp
from notifications.models import MailPolicy
from tests.notifications.conftest import AT
from tests.notifications.test_delivery import read, send

FIRM = {"recipient_name": "髙﨑 𠮷郎", "case_title": "轟木川護岸補修工事"}


@pytest.fixture
def arrived(server, enqueue):
    """Send one mail and read it as it came out of the server."""

    def sent(**changes):
        send(enqueue(**{"at": AT - timedelta(days=1)} | changes))
        return read(server.received[-1])

    return sent


def settle(city, **values) -> None:
    with acting_for(city.pk):
        MailPolicy.unscoped.create(tenant=city, **values)


def test_a_mail_and_its_way_back_name_the_row(server, enqueue):
    send(delivery := enqueue())

    (envelope,) = server.received
    ours = (delivery.uid, delivery.tenant_id)
    assert identity.read(read(envelope)["Message-ID"]) == identity.read(envelope.mail_from) == ours


def test_the_name_of_a_mail_stays_on_its_line_however_long_it_is(server, enqueue, settings):
    settings.MAIL_FROM = f"noreply@{'keiyaku.' * 8}example.lg.jp"
    send(delivery := enqueue())

    assert f"\r\nMessage-ID: {delivery.message_id}\r\n".encode() in server.received[0].content


def test_without_a_bounce_address_mails_come_back_to_the_sender(server, enqueue, settings):
    settings.BOUNCE_ADDRESS = ""
    send(enqueue())

    assert server.received[0].mail_from == "noreply@musubi.example.jp"


@pytest.mark.parametrize(
    "text", ["", "<x@example.jp>", "<e0280322-27bb-41f1-b1c0-f223e6a101d8@example.jp>", "bounces+1.2@example.jp"]
)
def test_what_names_no_mail_of_ours_is_nobodys(text):
    assert identity.read(text) is None


def test_the_mails_of_one_matter_to_one_reader_are_filed_together(arrived):
    first, second = arrived(), arrived(key="second")
    to_another, of_another = arrived(key="third", to="other@example.jp"), arrived(key="fourth", thread="case:8")

    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert len({mail["References"] for mail in (first, to_another, of_another)}) == 3


def test_a_city_writes_in_its_own_name(arrived, city):
    settle(city, sender_name="鳥栖市 契約検査課", sender_address="k@city.tosu.lg.jp", reply_to="re@city.tosu.lg.jp")

    mail = arrived()

    assert mail["From"] == "鳥栖市 契約検査課 <k@city.tosu.lg.jp>"
    assert mail["Reply-To"] == "re@city.tosu.lg.jp"


@pytest.mark.parametrize(
    "name",
    [
        "鳥栖市" * 33,
        'Tosu "City", <x@example.jp>',
        "=?utf-8?B?6YGV?= 鳥栖市",
        "鳥栖市（むすび）📮",
    ],
)
def test_the_name_of_the_sender_stands_as_it_was_typed(server, arrived, city, name):
    settle(city, sender_name=name)

    arrived()

    raw = email.message_from_bytes(server.received[0].content)["From"]
    shown, _, address = str(make_header(decode_header(raw))).rpartition(" ")
    assert (shown, address) == (name, "<noreply@musubi.example.jp>")
    headers = server.received[0].content.split(b"\r\n\r\n")[0]
    assert max(map(len, headers.splitlines())) <= 78


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("taro+keiyaku@kensetsu.example.jp", "taro+keiyaku@kensetsu.example.jp"),
        ("Keiyaku@City.Tosu.LG.jp", "Keiyaku@City.Tosu.LG.jp"),
        ("o'brien_{x}@example.jp", "o'brien_{x}@example.jp"),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("taro.@docomo.ne.jp", '"taro."@docomo.ne.jp'),
        (".taro@ezweb.ne.jp", '".taro"@ezweb.ne.jp'),
        ('"taro yamada"@example.jp', '"taro yamada"@example.jp'),
        (f"{'a' * 64}@example.jp", f"{'a' * 64}@example.jp"),
        ("taro@鳥栖市.jp", "taro@xn--7st47t0o8b.jp"),
    ],
)
def test_an_address_is_kept_as_written_and_quoted_where_mail_servers_need_it(
    server, enqueue, reload, monkeypatch, address, on_the_wire
):
    commands, put = [], smtp.Patient.putcmd
    monkeypatch.setattr(smtp.Patient, "putcmd", lambda line, *words: (commands.append(words), put(line, *words)))

    send(delivery := enqueue(to=address))

    assert reload(delivery).to == address
    assert ("rcpt", f"TO:<{on_the_wire}>") in commands
    (envelope,) = server.received
    assert email.message_from_bytes(envelope.content)["To"].strip() == on_the_wire


@pytest.mark.parametrize(
    "address",
    [
        "taro@localhost",
        "taro@",
        "@example.jp",
        "...@example.jp",
        "taro yamada@example.jp",
        '"taro@example.jp',
        '"ta"ro"@example.jp',
        "taro@example.jp>",
        "ｔａｒｏ@example.jp",
        "taro\u202e@example.jp",
        "taro@example.jp\r\nRCPT TO:<x@example.jp>",
        '"taro\r\n"@example.jp',
        "=?utf-8?q?taro?=@example.jp\n",
        f"{'a' * 65}@example.jp",
    ],
)
def test_what_no_mail_system_carries_is_refused(address):
    with pytest.raises(ValidationError):
        addresses.check(address)


@pytest.mark.parametrize(
    "title",
    [
        "令和8年度 轟木川護岸補修工事（第2工区）その3に伴う附帯設備の更新" * 6,
        "A" * 200,
        "橋りょう補修🏗️工事 👷‍♀️",
        "=?utf-8?B?6YGV44GG5Lu25ZCN?=工事",
        "護岸 =?iso-2022-jp?Q?abc?= 工事",
    ],
)
def test_a_title_stands_in_the_subject_as_it_was_typed(server, arrived, title):
    mail = arrived(context=FIRM | {"case_title": title[:200]})

    assert title[:150] in mail["Subject"]
    assert len(mail["Subject"]) <= 200
    assert max(map(len, server.received[0].content.split(b"\r\n\r\n")[0].splitlines())) <= 78
    assert [*mail.keys()].count("Subject") == [*mail.keys()].count("To") == 1


def test_a_letter_that_turns_the_writing_is_shown_and_turns_nothing(arrived):
    mail = arrived(context=FIRM | {"case_title": "護岸工事\u202egpj.exe", "recipient_name": "髙﨑\u2066 𠮷郎"})

    text, html = (part.get_content() for part in mail.iter_parts())
    assert "護岸工事〔U+202E〕gpj.exe" in mail["Subject"]
    for form in (str(mail["Subject"]), text, html):
        assert "\u202e" not in form
        assert "\u2066" not in form
    assert "髙﨑〔U+2066〕 𠮷郎" in text


def test_a_line_break_in_a_name_makes_no_header_and_no_block(arrived):
    mail = arrived(
        context=FIRM | {"recipient_name": "髙﨑\r\nBcc: x@example.jp\r\n\r\n▼ 署名する\r\nhttps://x.example/"}
    )

    assert mail["Bcc"] is None
    assert 'href="https://x.example/' not in [*mail.iter_parts()][1].get_content()


def test_a_name_may_be_as_long_as_it_likes_and_the_key_holds_every_address(enqueue, reload):
    longest = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.jp"

    delivery = reload(enqueue(key=f"contracts/signature_requested:12:{AT.isoformat()}:{longest}", to=longest))

    assert delivery.to == longest
    assert delivery.key.endswith(longest)


def test_an_address_typed_with_more_than_one_is_refused_before_anything_is_written(enqueue):
    with pytest.raises(mail.Refused, match="メールアドレスの形"):
        enqueue(to="a@example.jp,b@example.jp")
