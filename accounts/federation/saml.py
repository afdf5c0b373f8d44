"""SAML 2.0 with one city's provider: what we ask, and the one shape of answer that we believe."""

import base64
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import quoteattr

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils.dateparse import parse_datetime
from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from accounts.federation import xml
from accounts.federation.attempts import Attempt
from accounts.federation.idtokens import SMALLEST_RSA
from accounts.federation.models import IdentityProvider
from accounts.federation.oidc import check_place
from accounts.federation.saying import NotProven, Said

NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
AS_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
# 多くの認証基盤が、メールアドレスを載せる属性
ADDRESSES = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "email",
    "mail",
)
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURES = {f"{MORE}{kind}-sha{size}" for kind in ("rsa", "ecdsa") for size in (256, 384, 512)}
DIGESTS = {"http://www.w3.org/2001/04/xmlenc#sha256", f"{MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"}
SKEW = timedelta(seconds=60)
LONGEST = timedelta(hours=1)


@dataclass(frozen=True)
class Arrived:
    """A proved assertion: what it says, the question it answers, and its own name, which may come once."""

    said: Said
    request_id: str
    assertion_id: str
    expires_at: datetime


def read_metadata(content: bytes) -> tuple[str, dict[str, Any]]:
    """Read a provider's name and where and with which keys it answers; raises NotProven."""
    root = xml.read(content)
    described = [
        each for each in root.iter(_tag("md:EntityDescriptor")) if each.find("md:IDPSSODescriptor", NS) is not None
    ]
    if len(described) != 1 or not described[0].get("entityID"):
        raise NotProven("メタデータに、認証基盤（IDPSSODescriptor）が一つではありません。")
    idp = described[0].find("md:IDPSSODescriptor", NS)
    assert idp is not None  # noqa: S101 - 上で確かめた
    doors = [
        each.get("Location") for each in idp.findall("md:SingleSignOnService", NS) if each.get("Binding") == REDIRECT
    ]
    if not doors:
        raise NotProven("メタデータに、HTTP-Redirect の SingleSignOnService がありません。")
    check_place(doors[0])
    certificates = [
        "".join("".join(text.itertext()).split())
        for key in idp.findall("md:KeyDescriptor", NS)
        if key.get("use", "signing") == "signing"
        for text in key.iterfind(".//ds:X509Certificate", NS)
    ]
    if not certificates:
        raise NotProven("メタデータに、署名の証明書がありません。")
    for each in certificates:
        _check_certificate(each)
    return described[0].get("entityID", ""), {"authorization_endpoint": doors[0], "certificates": certificates}


def _check_certificate(text: str) -> None:
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(text, validate=True)).public_key()
    except ValueError as error:
        raise NotProven("メタデータの証明書を読めません。") from error
    is_sound = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA
    )
    if not is_sound:
        raise NotProven("メタデータの証明書の鍵が、短すぎるか、使えない種類です。")


def our_metadata(*, entity: str, back: str) -> str:
    """Describe us to a provider."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="{NS["md"]}" entityID={quoteattr(entity)}>'
        f'<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" '
        f'protocolSupportEnumeration="{NS["samlp"]}">'
        f'<md:AssertionConsumerService Binding="{POST}" Location={quoteattr(back)} index="0" isDefault="true"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>\n"
    )


def request_id(attempt: Attempt) -> str:
    """Name the question of an attempt, as the answer must name it again."""
    return f"_{attempt.nonce}"


def address_of(provider: IdentityProvider, attempt: Attempt, *, entity: str, back: str) -> str:
    """Write the address to which a person is sent to prove who they are (HTTP-Redirect binding)."""
    place = provider.places["authorization_endpoint"]
    asked_at = datetime.fromtimestamp(attempt.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    question = (
        f'<samlp:AuthnRequest xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="{request_id(attempt)}" '
        f'Version="2.0" IssueInstant="{asked_at}" Destination={quoteattr(place)} ProtocolBinding="{POST}" '
        f"AssertionConsumerServiceURL={quoteattr(back)}><saml:Issuer>{entity}</saml:Issuer></samlp:AuthnRequest>"
    )
    deflater = zlib.compressobj(wbits=-15)
    packed = deflater.compress(question.encode()) + deflater.flush()
    asked = {"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": str(provider.pk)}
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def prove(provider: IdentityProvider, came: str, *, entity: str, back: str, at: datetime) -> Arrived:
    """Read what a posted response proves; raises NotProven.

    First its shape: one assertion, signed by itself, with nothing around it that might be read instead. Then its
    signature and its conditions, by python3-saml. Last, what python3-saml takes as given: whatever is read is read from
    the signed form of that assertion, and nothing that may be left out is.
    """
    try:
        content = base64.b64decode(came.encode(), validate=False)
    except ValueError as error:
        raise NotProven(xml.UNREADABLE) from error
    assertion = _only_assertion(xml.read(content))
    _check_signature(provider, came, entity=entity, back=back)
    signed = etree.fromstring(_signed_form(assertion))
    return _read(provider, signed, entity=entity, back=back, at=at)


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}"


def _only_assertion(root: etree._Element) -> etree._Element:
    """Return the one assertion of a response; raises NotProven where anything could be taken for another."""
    everywhere = list(root.iter(_tag("saml:Assertion")))
    signatures = list(root.iter(_tag("ds:Signature")))
    names = [each.get("ID") for each in root.iter() if each.get("ID") is not None]
    is_plain = (
        root.tag == _tag("samlp:Response")
        and len(everywhere) == 1
        and everywhere[0].getparent() is root
        and not list(root.iter(_tag("saml:EncryptedAssertion"), _tag("xenc:EncryptedData")))
        and len(names) == len(set(names))
        and all(each.getparent() in (root, everywhere[0]) for each in signatures)
    )
    if not is_plain:
        raise NotProven("SAML の応答に、署名された Assertion がただ一つ、ではありません。")
    own = [each for each in signatures if each.getparent() is everywhere[0]]
    if len(own) != 1:
        raise NotProven("SAML の Assertion に署名がありません。")
    for each in signatures:
        _check_form(each)
    return everywhere[0]


def _check_form(signature: etree._Element) -> None:
    """Refuse a signature over anything but the whole of its own parent, or with methods that are too weak."""
    references = list(signature.iter(_tag("ds:Reference")))
    owner: Any = signature.getparent()
    methods = [each.get("Algorithm") for each in signature.iter(_tag("ds:SignatureMethod"))]
    digests = [each.get("Algorithm") for each in signature.iter(_tag("ds:DigestMethod"))]
    transforms = [each.get("Algorithm") for each in signature.iter(_tag("ds:Transform"))]
    canonical = [each.get("Algorithm") for each in signature.iter(_tag("ds:CanonicalizationMethod"))]
    is_sound = (
        len(references) == 1
        and references[0].get("URI") == f"#{owner.get('ID')}"
        and len(methods) == len(digests) == len(canonical) == 1
        and methods[0] in SIGNATURES
        and digests[0] in DIGESTS
        and canonical[0] == EXCLUSIVE
        and transforms == [ENVELOPED, EXCLUSIVE]
        and not list(signature.iter(_tag("ds:Object")))
    )
    if not is_sound:
        raise NotProven("SAML の署名の方式が、使えるものではありません（SHA-256 以上、exc-c14n）。")


def _check_signature(provider: IdentityProvider, came: str, *, entity: str, back: str) -> None:
    place = urlsplit(back)
    asked: dict[str, Any] = {
        "https": "on" if place.scheme == "https" else "off",
        "http_host": place.netloc,
        "script_name": place.path,
        "get_data": {},
        "post_data": {},
    }
    try:
        response = OneLogin_Saml2_Response(_settings(provider, entity=entity, back=back), came)
        response.is_valid(asked, raise_exceptions=True)
    except (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError) as error:
        raise NotProven(f"SAML の応答を確かめられません（{str(error)[:120]}）。") from error
    except Exception as error:  # 組み込んだ部品が、壊れた入力で何を上げるかは決まっていない
        raise NotProven("SAML の応答を読めません。") from error


def _settings(provider: IdentityProvider, *, entity: str, back: str) -> OneLogin_Saml2_Settings:
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "debug": False,
            "sp": {"entityId": entity, "assertionConsumerService": {"url": back, "binding": POST}},
            "idp": {
                "entityId": provider.issuer,
                "singleSignOnService": {"url": provider.places["authorization_endpoint"], "binding": REDIRECT},
                "x509certMulti": {"signing": provider.places["certificates"]},
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantNameId": True,
                "wantAttributeStatement": False,
                "requestedAuthnContext": False,
                "rejectDeprecatedAlgorithm": True,
                "allowSingleLabelDomains": True,
            },
        }
    )


def _signed_form(assertion: etree._Element) -> bytes:
    """Write the assertion anew in the form that was signed: what is read from it is what was signed."""
    signature: Any = assertion.find("ds:Signature", NS)
    if signature.tail and signature.tail.strip():
        raise NotProven(xml.UNREADABLE)
    form: bytes = etree.tostring(assertion, method="c14n", exclusive=True, with_comments=False)
    if not form:
        raise NotProven(xml.UNREADABLE)
    return form


def _read(provider: IdentityProvider, signed: etree._Element, *, entity: str, back: str, at: datetime) -> Arrived:
    audiences = [_text(each) for each in signed.iterfind("saml:Conditions/saml:AudienceRestriction/saml:Audience", NS)]
    if audiences != [entity]:
        raise NotProven("SAML の Assertion が、ほかのものに宛てて作られています。")
    if _text(signed.find("saml:Issuer", NS)) != provider.issuer:
        raise NotProven("ほかの認証基盤の Assertion です。")
    confirmed = [
        each.find("saml:SubjectConfirmationData", NS)
        for each in signed.iterfind("saml:Subject/saml:SubjectConfirmation", NS)
        if each.get("Method") == BEARER
    ]
    if len(confirmed) != 1 or confirmed[0] is None:
        raise NotProven("SAML の Assertion に、SubjectConfirmation（bearer）が一つではありません。")
    asked, ends = confirmed[0].get("InResponseTo"), _moment(confirmed[0].get("NotOnOrAfter"))
    if confirmed[0].get("Recipient") != back:
        raise NotProven("SAML の Assertion の Recipient が、こちらの受け口ではありません。")
    if not asked:
        raise NotProven("こちらから求めていない Assertion です。認証基盤から始めるサインインは受け付けません。")
    conditions: Any = signed.find("saml:Conditions", NS)
    lasts = _moment(conditions.get("NotOnOrAfter")) if conditions.get("NotOnOrAfter") else ends
    if not at - SKEW < min(ends, lasts) or ends > at + LONGEST:
        raise NotProven("SAML の Assertion の期限が切れているか、長すぎます。")
    return Arrived(_said(provider, signed), asked, signed.get("ID", ""), ends)


def _said(provider: IdentityProvider, signed: etree._Element) -> Said:
    named = signed.find("saml:Subject/saml:NameID", NS)
    if named is None or named.get("Format") == TRANSIENT:
        raise NotProven("NameID がないか、毎回替わる形式（transient）です。emailAddress か persistent にしてください。")
    subject = _text(named)
    wanted = [provider.places["attribute"]] if provider.places.get("attribute") else list(ADDRESSES)
    found = [
        _text(value)
        for name in wanted
        for attribute in signed.iterfind("saml:AttributeStatement/saml:Attribute", NS)
        if attribute.get("Name") == name
        for value in attribute.iterfind("saml:AttributeValue", NS)
    ]
    address = found[0] if found else subject if named.get("Format") == AS_ADDRESS else ""
    return Said(provider.issuer, subject, address, is_sure=provider.vouches)


def _text(element: etree._Element | None) -> str:
    return "" if element is None or len(element) else (element.text or "").strip()


def _moment(text: str | None) -> datetime:
    try:
        moment = parse_datetime(text or "")
    except ValueError as error:
        raise NotProven("SAML の Assertion の期限を読めません。") from error
    if moment is None:
        raise NotProven("SAML の Assertion に期限がありません。")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
