"""Which addresses deserve a second look, and which of them a person must have looked at."""

from datetime import date

import pytest

from contracts.shield import Known, doubts

REGISTERED = frozenset({"keiyaku@takasaki.example.jp"})


def texts(address: str, **known: object) -> list[tuple[str, bool]]:
    return [(doubt.text, doubt.serious) for doubt in doubts(address, Known(**known))]


def is_serious(address: str, **known: object) -> bool:
    return any(serious for _, serious in texts(address, **known))


def test_an_address_of_the_register_at_the_firms_own_domain_raises_no_doubt():
    assert texts("Keiyaku@Takasaki.example.jp", registered=REGISTERED) == []


@pytest.mark.parametrize(
    "address", ["keiyaku@takasakl.example.jp", "keiyaku@takasaki.example.com", "takasaki@gmail.com"]
)
def test_another_domain_than_the_registers_must_be_looked_at(address):
    assert is_serious(address, registered=REGISTERED)


def test_someone_else_at_the_same_domain_is_only_shown():
    ((text, serious),) = texts("jiro@takasaki.example.jp", registered=REGISTERED)

    assert "名簿にない宛先" in text
    assert "keiyaku@takasaki.example.jp" in text
    assert not serious


def test_an_address_that_has_answered_is_shown_but_need_not_be_looked_at_again():
    known = {"registered": REGISTERED, "answered": True}

    assert texts("takasaki@gmail.com", **known)
    assert not is_serious("takasaki@gmail.com", **known)


def test_a_free_address_that_the_register_names_is_only_shown():
    address = "takasaki@docomo.ne.jp"

    assert texts(address, registered=frozenset({address}))
    assert not is_serious(address, registered=frozenset({address}))
    assert is_serious(address)


def test_firms_that_only_have_free_addresses_are_not_held_to_a_domain():
    ((text, _), *_) = texts("jiro@gmail.com", registered=frozenset({"taro@yahoo.co.jp"}), answered=True)

    assert "@ の右" not in text


def test_a_shared_mailbox_is_only_shown():
    assert texts("info@takasaki.example.jp", registered=frozenset({"info@takasaki.example.jp"}))
    assert not is_serious("info@takasaki.example.jp", registered=frozenset({"info@takasaki.example.jp"}))


def test_an_address_from_which_mail_came_back_must_be_looked_at_even_if_it_answered_before():
    (text, serious), *_ = texts(
        "keiyaku@takasaki.example.jp", registered=REGISTERED, answered=True, bounced=date(2026, 3, 5)
    )

    assert "令和8年3月5日" in text
    assert serious


def test_an_address_of_another_firm_must_be_looked_at_and_the_serious_doubts_come_first():
    found = doubts(
        "info@gyosei.example.jp", Known(registered=frozenset({"info@gyosei.example.jp"}), others=("㈱佐藤組",))
    )

    assert [doubt.serious for doubt in found] == [True, False]
    assert "㈱佐藤組" in found[0].text
    assert str(found[0]).startswith("info@gyosei.example.jp: ")
