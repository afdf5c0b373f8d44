"""A city's staff come in by the city's SAML provider, and by nothing that only looks like what it signed."""

import base64
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import xmlsec
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from accounts import tenancy
from accounts.federation.models import Arrival
from accounts.federation.saml import NS, TRANSIENT
from accounts.federation.saying import Said
from accounts.federation.services import settling
from accounts.models import FederatedIdentity, Role
from audit.models import Event
from tests import factories
from tests.accounts.conftest import last_event
from tests.accounts.federation.asserting import asserting, identity
from tests.accounts.federation.conftest import WENT_WRONG, is_in, is_out, told

pytestmark = pytest.mark.django_db
TARO = "taro@tosu.example.jp"


@pytest.fixture
def idp():
    with asserting() as asserter:
        yield asserter


def prepared(city, keeper, idp, **values):
    tenancy.set_tenant(city.pk)
    told = {"metadata": idp.metadata(), "metadata_url": "", "domains": [f"{city.slug}.example.jp"], "attribute": ""}
    return settling.prepare_saml(actor=factories.actor(keeper, city), at=timezone.now(), **told | values)


def begun(city, keeper, idp, **values):
    draft = prepared(city, keeper, idp, **values)
    actor, said = factories.actor(keeper, city), Said(idp.place, "tried", keeper.email, is_sure=True)
    settling.note_trial(draft, actor=actor, at=timezone.now(), said=said, user=keeper)
    return settling.begin(draft, actor=actor, at=timezone.now())


@pytest.fixture
def in_use(tosu, keeper, idp):
    return begun(tosu, keeper, idp)


def set_out(browser, idp, city="tosu", **posted):
    leaving = browser.post(reverse("city_sign_on", args=[city]), posted)
    assert leaving["Location"].startswith(f"{idp.place}/sso?")
    return idp.asked(leaving["Location"])


def post(browser, form, city="tosu"):
    """Bring an answer as a browser does that posts from another site: without our cookies; then go where it leads."""
    landed = Client().post(reverse("city_acs", args=[city]), form)
    assert landed.status_code in {302, 303}
    return browser.get(landed["Location"]) if landed.status_code == 303 else landed


def sign_on(browser, idp, **posted):
    return post(browser, idp.answer(set_out(browser, idp, **posted)))


def test_a_member_signs_in_with_the_citys_provider_and_is_known_by_its_name_id(tosu, in_use, idp, taro, client):
    idp.means(TARO)
    entered = sign_on(client, idp, next="/cases/")

    assert entered["Location"] == "/cases/"
    assert is_in(client, taro)
    tenancy.set_tenant(tosu.pk)
    bound = FederatedIdentity.unscoped.get()
    assert (bound.user, bound.subject, bound.issuer) == (taro, TARO, idp.place)
    assert [event.action for event in Event.objects.of_tenant(tosu.pk)[:2]] == ["people.signed_in", "sign_on.bound"]


def test_an_attribute_may_carry_the_address_and_the_name_id_something_that_stays(tosu, in_use, idp, taro, client):
    idp.means(TARO, subject="0042")
    idp.told |= {
        "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "attribute": '<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>'
        f"{TARO}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>",
    }

    sign_on(client, idp)

    assert is_in(client, taro)
    tenancy.set_tenant(tosu.pk)
    assert FederatedIdentity.unscoped.get().subject == "0042"


def copied(assertion, *, address="hanako@tosu.example.jp"):
    """Copy an assertion for somebody else, without its signature."""
    evil = etree.fromstring(etree.tostring(assertion))
    evil.remove(evil.find("ds:Signature", NS))
    evil.set("ID", "_evil")
    evil.find(".//saml:NameID", NS).text = address
    return evil


def wrapped_before(response):
    """XSW: the signed assertion stays, an unsigned one stands before it."""
    signed = response.find("saml:Assertion", NS)
    signed.addprevious(copied(signed))


def wrapped_after(response):
    signed = response.find("saml:Assertion", NS)
    response.append(copied(signed))


def wrapped_inside(response):
    """XSW: the signed assertion moves into the signature of an unsigned one."""
    signed = response.find("saml:Assertion", NS)
    evil = copied(signed)
    signature = signed.find("ds:Signature", NS)
    signed.remove(signature)
    etree.SubElement(signature, f"{{{NS['ds']}}}Object").append(signed)
    evil.insert(1, signature)
    response.append(evil)


def wrapped_in_extensions(response):
    signed = response.find("saml:Assertion", NS)
    evil = copied(signed)
    response.replace(signed, evil)
    holder = etree.SubElement(response, f"{{{NS['samlp']}}}Extensions")
    holder.append(signed)


def wrapped_with_the_same_name(response):
    signed = response.find("saml:Assertion", NS)
    evil = copied(signed)
    evil.set("ID", signed.get("ID"))
    signed.addprevious(evil)


def moved_signature(response):
    """The signature of the assertion stands at the response, over what is no longer there to be read."""
    signed = response.find("saml:Assertion", NS)
    signature = signed.find("ds:Signature", NS)
    evil = copied(signed)
    response.replace(signed, evil)
    response.insert(1, signature)


def altered(response):
    response.find(".//saml:NameID", NS).text = "hanako@tosu.example.jp"


def commented(response):
    """hanako@tosu.example.jp.evil, cut by a comment, is read as hanako@tosu.example.jp by some."""
    named = response.find(".//saml:NameID", NS)
    named.text = "hanako@tosu.example.jp"
    named.append(etree.Comment("x"))
    named[0].tail = ".evil.example"


def without_signature(response):
    signed = response.find("saml:Assertion", NS)
    signed.remove(signed.find("ds:Signature", NS))


def bomb(response):
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 8))
    text = etree.tostring(response).decode()
    return f'<!DOCTYPE r [<!ENTITY l0 "lol">{lol}]>{text.replace("</saml:NameID>", "&l7;</saml:NameID>")}'.encode()


def outside(response):
    text = etree.tostring(response).decode()
    return f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{text}'.encode()


def bombed_in_utf16(response):
    return b"\xff\xfe" + ('<?xml version="1.0" encoding="UTF-16"?>' + bomb(response).decode()).encode("utf-16-le")


def large(response):
    return etree.tostring(response).replace(b"</samlp:Response>", b" " * 300_000 + b"</samlp:Response>")


def at(**since):
    return timezone.now() + timedelta(**since)


LIES = {
    "signed by a stranger": lambda idp: setattr(idp, "signing_key", identity()[0]),
    "not signed": lambda idp: setattr(idp, "signature", None),
    "signed and stripped": lambda idp: setattr(idp, "spoil", without_signature),
    "only the response is signed": lambda idp: (
        setattr(idp, "signature", None),
        setattr(idp, "spoil", lambda response: _sign_response(idp, response)),
    ),
    "signed with SHA-1": lambda idp: setattr(idp, "signature", xmlsec.Transform.RSA_SHA1),
    "digested with SHA-1": lambda idp: setattr(idp, "digest", xmlsec.Transform.SHA1),
    "altered": lambda idp: setattr(idp, "spoil", altered),
    "a comment in the name": lambda idp: setattr(idp, "prepare", commented),
    "wrapped: an assertion before": lambda idp: setattr(idp, "spoil", wrapped_before),
    "wrapped: an assertion after": lambda idp: setattr(idp, "spoil", wrapped_after),
    "wrapped: inside the signature": lambda idp: setattr(idp, "spoil", wrapped_inside),
    "wrapped: in extensions": lambda idp: setattr(idp, "spoil", wrapped_in_extensions),
    "wrapped: under the same name": lambda idp: setattr(idp, "spoil", wrapped_with_the_same_name),
    "wrapped: the signature moved": lambda idp: setattr(idp, "spoil", moved_signature),
    "another audience": lambda idp: idp.told.update(audience="https://elsewhere.example"),
    "another recipient": lambda idp: idp.told.update(recipient="https://elsewhere.example/acs"),
    "a recipient that goes on": lambda idp: idp.told.update(recipient="http://localhost:8000/tosu/sign-on/saml/acs/x"),
    "another destination": lambda idp: idp.told.update(destination="https://elsewhere.example/acs"),
    "another issuer": lambda idp: idp.told.update(issuer="https://elsewhere.example"),
    "expired": lambda idp: idp.told.update(ends=at(minutes=-2)),
    "lasting too long": lambda idp: idp.told.update(ends=at(days=2)),
    "answering another question": lambda idp: idp.told.update(in_response_to="_elsewhere"),
    "answering no question": lambda idp: idp.told.update(in_response_to=""),
    "a name that changes each time": lambda idp: idp.told.update(format=TRANSIENT),
    "an entity bomb": lambda idp: setattr(idp, "spoil", bomb),
    "an entity bomb in UTF-16": lambda idp: setattr(idp, "spoil", bombed_in_utf16),
    "a file of ours": lambda idp: setattr(idp, "spoil", outside),
    "far too large": lambda idp: setattr(idp, "spoil", large),
    "no XML": lambda idp: setattr(idp, "spoil", lambda _: b"not xml"),
}


def _sign_response(idp, response):
    idp.signature = xmlsec.Transform.RSA_SHA256
    idp.sign(response)


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_not_proved_lets_nobody_in(lie, tosu, in_use, idp, taro, keeper, client):
    idp.means(TARO)
    LIES[lie](idp)

    refused = post(client, idp.answer(set_out(client, idp)))

    assert refused["Location"] == reverse("account_login")
    assert is_out(client)
    tenancy.set_tenant(tosu.pk)
    assert not FederatedIdentity.unscoped.exists()


def test_who_is_refused_is_told_so(tosu, in_use, idp, taro, client):
    idp.means(TARO)
    idp.told["in_response_to"] = "_elsewhere"

    sign_on(client, idp)

    assert WENT_WRONG in told(client)


def test_the_same_answer_does_not_come_twice(tosu, in_use, idp, taro, client):
    idp.means(TARO)
    form = idp.answer(set_out(client, idp))
    post(client, form)
    assert is_in(client, taro)
    client.logout()

    again = Client().post(reverse("city_acs", args=["tosu"]), form)

    assert again.status_code == 302
    assert again["Location"] == reverse("account_login")
    tenancy.set_tenant(tosu.pk)
    assert Arrival.unscoped.count() == 1


def test_an_answer_is_of_no_use_in_another_browser_nor_taken_up_twice_nor_later(tosu, in_use, idp, taro, client):
    idp.means(TARO)
    landed = Client().post(reverse("city_acs", args=["tosu"]), idp.answer(set_out(client, idp)))
    stranger = Client()
    set_out(stranger, idp)
    stranger.get(landed["Location"])
    assert is_out(stranger)
    client.get(landed["Location"])
    assert is_out(client)

    landed = Client().post(reverse("city_acs", args=["tosu"]), idp.answer(set_out(client, idp)))
    tenancy.set_tenant(tosu.pk)
    Arrival.unscoped.update(arrived_at=timezone.now() - timedelta(minutes=3))
    client.get(landed["Location"])
    assert is_out(client)


@pytest.mark.parametrize("address", ["nobody@tosu.example.jp", "taro@elsewhere.example", "jiro@usuki.example.jp"])
def test_whom_the_provider_names_without_a_member_to_match_does_not_get_in(address, tosu, in_use, idp, taro, client):
    factories.member(factories.city("usuki"), Role.DRAFTER, email="jiro@usuki.example.jp")
    idp.means(address)

    sign_on(client, idp)

    assert is_out(client)
    tenancy.set_tenant(tosu.pk)
    assert last_event(tosu)[0] == "sign_on.refused"


def test_someone_disabled_does_not_get_in(tosu, in_use, idp, taro, client):
    taro.is_active = False
    taro.save()
    idp.means(TARO)

    sign_on(client, idp)

    assert is_out(client)


def test_one_citys_provider_says_nothing_at_the_door_of_another(tosu, in_use, idp, taro, client):
    usuki = factories.city("usuki")
    other = factories.member(usuki, Role.ADMINISTRATOR, email="keeper@usuki.example.jp")
    jiro = factories.member(usuki, Role.DRAFTER, email="jiro@usuki.example.jp")
    with asserting() as theirs:
        begun(usuki, other, theirs)
        # 臼杵市の受け口に、鳥栖市の認証基盤が、臼杵市の職員を名乗って
        asked = set_out(client, theirs, city="usuki")
        idp.means(jiro.email)
        idp.told["issuer"] = theirs.place
        post(client, idp.answer(asked), city="usuki")
        assert is_out(client)
        # 臼杵市に宛てた正しい答えを、鳥栖市の受け口に
        theirs.means(TARO)
        set_out(client, idp)
        post(client, theirs.answer(asked), city="tosu")
        assert is_out(client)


def test_the_question_names_us_and_the_way_back(tosu, in_use, idp, client):
    asked = set_out(client, idp)

    assert urlsplit(asked["back"]).path == "/tosu/sign-on/saml/acs/"
    assert urlsplit(asked["audience"]).path == "/tosu/sign-on/saml/metadata/"
    described = etree.fromstring(client.get(urlsplit(asked["audience"]).path).content)
    assert described.get("entityID") == asked["audience"]
    assert described.find(".//md:AssertionConsumerService", NS).get("Location") == asked["back"]
    assert described.find("md:SPSSODescriptor", NS).get("WantAssertionsSigned") == "true"


def desk_of(keeper):
    browser = Client()
    browser.force_login(keeper)
    return browser


def typed(idp, **values):
    return {"metadata": idp.metadata(), "domains": "tosu.example.jp", "vouches": "on"} | values


def test_a_provider_is_prepared_tried_and_used(tosu, idp, keeper, taro, client):
    desk = desk_of(keeper)
    desk.post(reverse("sign_on_saml"), typed(idp))
    page = desk.get(reverse("sign_on_settings"))
    assert f"form-action 'self' {idp.place}" in page["Content-Security-Policy"]

    idp.means("hanako@tosu.example.jp")
    post(desk, idp.answer(idp.asked(desk.post(reverse("sign_on_try"))["Location"])))
    assert "として戻って来ました" in desk.get(reverse("sign_on_settings")).content.decode()
    desk.post(reverse("sign_on_begin"))

    idp.means(TARO)
    sign_on(client, idp)
    assert is_in(client, taro)


def test_the_metadata_may_be_read_from_its_address(tosu, idp, keeper, client):
    desk_of(keeper).post(reverse("sign_on_saml"), typed(idp, metadata="", metadata_url=f"{idp.place}/metadata"))

    tenancy.set_tenant(tosu.pk)
    row = settling.draft_of(factories.actor(keeper, tosu))
    assert row is not None
    assert (row.issuer, row.places["certificates"]) == (idp.place, [base64.b64encode(idp.certificate).decode()])


BAD = {
    "no XML": (lambda _: "x", "読めません"),
    "two providers": (
        lambda idp: f'<md:EntitiesDescriptor xmlns:md="{NS["md"]}">{idp.metadata() * 2}</md:EntitiesDescriptor>',
        "一つではありません",
    ),
    "no key": (lambda idp: idp.metadata().replace("KeyDescriptor", "Extensions"), "署名の証明書がありません"),
    "a broken key": (lambda idp: idp.metadata().replace("MII", "AAA"), "証明書を読めません"),
    "a small key": (lambda idp: setattr(idp, "certificate", identity(1024)[1]) or idp.metadata(), "短すぎる"),
    "no door": (lambda idp: idp.metadata().replace("HTTP-Redirect", "HTTP-POST"), "HTTP-Redirect"),
    "a door that is not secure": (lambda idp: idp.metadata().replace("localhost", "idp.example"), "https の URL"),
    "a DTD": (lambda idp: f'<!DOCTYPE x [<!ENTITY a "b">]>{idp.metadata()}', "読めません"),
}


@pytest.mark.parametrize("what", BAD)
def test_metadata_that_cannot_be_used_is_not_kept(what, tosu, idp, keeper):
    write, words = BAD[what]

    refused = desk_of(keeper).post(reverse("sign_on_saml"), typed(idp, metadata=write(idp)))

    assert refused.status_code == 422
    assert words in refused.content.decode()
