"""The consent held against the register: spelling is forgiven, another name, title or address is shown (備考3)."""

from datetime import date

import pytest

from contracts import mailboxes
from contracts.models import Authority, Basis
from contracts.services.consents import consenting, matching
from tests import factories
from tests.stories import story

pytestmark = pytest.mark.django_db
DAY = date(2026, 4, 1)


def labels(consent) -> list[str]:
    return [each.label for each in matching.mismatches(consent, on=DAY)]


@pytest.fixture
def consent():
    tenant = factories.city("tosu")
    firm = factories.contractor(
        tenant,
        name="㈱髙﨑𠮷建設",
        branch="福岡支店",
        agent_title="支店長",
        agent_name="濵田　二郎",
        email="fukuoka@takasaki.example.jp",
    )
    return consenting.prefilled(story("tosu", contractor=firm).case, firm)


def test_the_form_as_the_register_fills_it_in_differs_in_nothing(consent):
    assert labels(consent) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("company_name", "株式会社高崎吉建設　福岡支店"),
        ("authority_company", "株式会社 髙崎𠮷建設 福岡支店"),
        ("representative_name", "髙﨑 吉男"),
        ("representative_name", "支店長　浜田　二郎"),
        ("authority_name", "浜田二郎"),
        ("authority_email", "FUKUOKA@takasaki.example.jp"),
    ],
)
def test_another_spelling_of_the_same_is_no_difference(consent, field, typed):
    setattr(consent, field, typed)

    assert labels(consent) == []


@pytest.mark.parametrize(
    ("field", "typed", "label"),
    [
        ("company_name", "㈱髙﨑𠮷建設", "商号又は名称"),
        ("authority_company", "㈱別の会社", "請負（受注）者名"),
        ("representative_name", "代表取締役　山田　太郎", "代表者名"),
        ("authority_title", "代表取締役", "契約締結権限者の役職"),
        ("authority_name", "山田　太郎", "契約締結権限者の氏名"),
        ("authority_email", "taro@takasaki.example.jp", "契約締結権限者のメールアドレス"),
    ],
)
def test_what_differs_is_named_with_both_sides(consent, field, typed, label):
    setattr(consent, field, typed)

    (found,) = matching.mismatches(consent, on=DAY)

    assert (found.label, found.typed) == (label, typed)
    assert str(found) == f"{label}（名簿: {found.registered} / 承諾書: {typed}）"


def test_a_person_of_the_authority_register_is_known_while_their_term_lasts(consent):
    consent.authority_title, consent.authority_name = "営業所長", "邉　三郎"
    consent.authority_email = "nabe@takasaki.example.jp"
    assert len(labels(consent)) == 3

    Authority.unscoped.create(
        tenant_id=consent.tenant_id,
        contractor=consent.contractor,
        basis=Basis.AGENT,
        title="営業所長",
        name="辺　三郎",
        email="nabe@takasaki.example.jp",
        ends_date=DAY,
    )

    assert labels(consent) == []
    assert len(matching.mismatches(consent, on=date(2026, 4, 2))) == 3


def test_addresses_that_anyone_may_own_or_several_read_get_a_word(consent):
    assert "だれでも取れる" in mailboxes.hint("taro@gmail.com")
    assert "何人かで読む" in mailboxes.hint("info@takasaki.example.jp")
    assert mailboxes.hint(consent.authority_email) == ""
