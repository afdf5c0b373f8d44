"""A person chooses their own password by the mailed link; the second factor starts over with a reason and a mail."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.services import members, passwords
from accounts.services.passwords import PasswordRefused
from notifications import mail
from notifications.models import Delivery
from tests import factories
from tests.accounts.conftest import last_event, user_of
from vault import fields

pytestmark = pytest.mark.django_db


def link_in(sent: Delivery) -> str:
    text = fields.unseal(bytes(sent.sealed_link), tenant_id=sent.tenant_id, context=sent.link_context)
    return re.sub(r"^https?://[^/]+", "", text)


def test_the_mailed_link_leads_a_new_member_to_a_password_and_in(tosu, administrator, client):
    user = members.add(
        actor=administrator,
        at=timezone.now(),
        email="shin@tosu.example.jp",
        name="新任　一郎",
        roles=[Role.AUDITOR],
        post=members.Post(None),
    )
    form = client.post(link_in(Delivery.unscoped.get(to=user.email)), follow=True)
    typed = {"password1": factories.PASSWORD, "password2": factories.PASSWORD}

    client.post(form.request["PATH_INFO"], typed)
    client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})

    user.refresh_from_db()
    assert user.check_password(factories.PASSWORD)
    assert client.get(reverse("log")).status_code == 200


def test_looking_at_the_mailed_link_begins_nothing_however_often(tosu, administrator, client):
    user = factories.member(tosu, Role.DRAFTER)
    passwords.send_link_again(user, actor=administrator, at=timezone.now())
    link = link_in(Delivery.unscoped.get(to=user.email))

    pages = [client.get(link) for _ in range(30)]

    assert {page.status_code for page in pages} == {200}
    assert "次へ進む" in pages[0].content.decode()
    assert not client.session.keys()
    assert "set-password" in client.post(link)["Location"]


def test_the_link_is_sent_again_by_the_administrator_and_kept_sealed(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER)

    passwords.send_link_again(user, actor=administrator, at=timezone.now())

    sent = Delivery.unscoped.get(to=user.email)
    assert "/accounts/password/reset/key/" in link_in(sent)
    assert "reset/key" not in str(sent.context)
    assert last_event(tosu)[0] == "people.password_link_sent"


def test_no_link_goes_to_someone_whose_account_is_stopped(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()

    with pytest.raises(PasswordRefused, match="利用を止めている"):
        passwords.send_link_again(user, actor=administrator, at=timezone.now())


def test_a_second_factor_is_forgotten_with_a_reason_and_its_owner_is_told(tosu, administrator):
    user = factories.member(tosu, Role.SIGNATORY)
    TOTP.activate(user, generate_totp_secret())

    passwords.reset_second_factor(user, actor=administrator, at=timezone.now(), reason="電話の機種変更")

    assert not Authenticator.objects.filter(user=user).exists()
    assert Delivery.unscoped.get(to=user.email).template == "accounts/second_factor_reset"
    action, thread, data = last_event(tosu)
    assert (action, thread) == ("people.second_factor_reset", f"person:{user.pk}")
    assert data["reason"] == "電話の機種変更"


def test_a_second_factor_is_not_reset_without_reason_need_or_right(tosu, administrator):
    user = factories.member(tosu, Role.DRAFTER)
    asked = {"actor": administrator, "at": timezone.now()}

    with pytest.raises(PasswordRefused, match="設定していません"):
        passwords.reset_second_factor(user, **asked, reason="紛失")
    TOTP.activate(user, generate_totp_secret())
    with pytest.raises(PasswordRefused, match="理由"):
        passwords.reset_second_factor(user, **asked, reason="　")
    with pytest.raises(PasswordRefused, match="自分の"):
        passwords.reset_second_factor(user_of(administrator), **asked, reason="紛失")
    drafter = factories.staff(tosu, Role.DRAFTER)
    with pytest.raises(PermissionDenied):
        passwords.reset_second_factor(user, actor=drafter, at=timezone.now(), reason="紛失")
    assert Authenticator.objects.filter(user=user).exists()


@pytest.mark.parametrize("template", ["password_link", "second_factor_reset"])
def test_a_mail_about_an_account_names_the_person_the_city_and_its_one_link(tosu, template):
    link = "https://musubi.example.jp/accounts/password/reset/key/1-abc/"

    said = mail.words(
        tenant=tosu,
        template=f"accounts/{template}",
        context={"recipient_name": "髙﨑 <花子>", "days": 3},
        link=link,
    )

    assert "鳥栖市" in said.subject
    for part in (said.text, said.html):
        assert link in part
        assert tosu.help_phone in part
    assert "髙﨑 <花子> 様" in said.text
    assert "髙﨑 &lt;花子&gt; 様" in said.html
