"""A SAML provider of our own: assertions signed with xmlsec, and everything that may be wrong with them."""

import base64
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4
from wsgiref.simple_server import make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils import timezone
from lxml import etree

from accounts.federation.saml import AS_ADDRESS, BEARER, NS, POST, REDIRECT
from tests.accounts.federation.provider import Quiet, Threaded

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


def identity(bits: int = 2048) -> tuple[Any, bytes]:
    """Make a key and a certificate of its own (DER)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    now = timezone.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    return key, made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass
class Asserter:
    """Who it says comes, how it signs, and what is wrong with it."""

    place: str = ""
    key: Any = None
    certificate: bytes = b""
    address: str = ""
    subject: str = ""
    # 既定の値を替える: audience、recipient、in_response_to、ends、issuer、destination、format
    told: dict[str, Any] = field(default_factory=dict)
    signature: Any = xmlsec.Transform.RSA_SHA256
    digest: Any = xmlsec.Transform.SHA256
    signing_key: Any = None
    # 署名した後に手を加える
    spoil: Callable[[etree._Element], Any] | None = None
    # 署名する前に手を加える
    prepare: Callable[[etree._Element], Any] | None = None
    last: str = ""

    def means(self, address: str, *, subject: str = "") -> None:
        self.address, self.subject = address, subject

    def metadata(self) -> str:
        """Describe the provider."""
        return (
            f'<md:EntityDescriptor xmlns:md="{NS["md"]}" xmlns:ds="{NS["ds"]}" entityID="{self.place}">'
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{NS["samlp"]}"><md:KeyDescriptor use="signing">'
            f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64.b64encode(self.certificate).decode()}"
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            f'<md:SingleSignOnService Binding="{REDIRECT}" Location="{self.place}/sso"/>'
            "</md:IDPSSODescriptor></md:EntityDescriptor>"
        )

    def asked(self, address: str) -> dict[str, str]:
        """Read the question in an address (HTTP-Redirect binding)."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        question = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"]), -15))
        issuer = question.findtext("saml:Issuer", namespaces=NS)
        return {
            "id": question.get("ID", ""),
            "back": question.get("AssertionConsumerServiceURL", ""),
            "audience": issuer or "",
            "RelayState": query["RelayState"],
        }

    def answer(self, asked: dict[str, str]) -> dict[str, str]:
        """Write the form that the browser posts back."""
        response = etree.fromstring(self._written(asked))
        assertion = response.find("saml:Assertion", NS)
        assert assertion is not None
        if self.prepare:
            self.prepare(response)
        if self.signature is not None:
            self.sign(assertion)
        if self.spoil:
            response = self.spoil(response) or response
        self.last = base64.b64encode(response if isinstance(response, bytes) else etree.tostring(response)).decode()
        return {"SAMLResponse": self.last, "RelayState": asked["RelayState"]}

    def sign(self, element: etree._Element) -> None:
        """Sign an element by its ID, with the signature inside it."""
        node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, self.signature, ns="ds")
        element.insert(1, node)
        reference = xmlsec.template.add_reference(node, self.digest, uri=f"#{element.get('ID')}")
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        xmlsec.tree.add_ids(element, ["ID"])
        context = xmlsec.SignatureContext()
        pem = (self.signing_key or self.key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
        context.sign(node)

    def _written(self, asked: dict[str, str]) -> bytes:
        now = timezone.now()
        told = {
            "issuer": self.place,
            "audience": asked["audience"],
            "recipient": asked["back"],
            "destination": asked["back"],
            "in_response_to": asked["id"],
            "ends": now + timedelta(minutes=5),
            "format": AS_ADDRESS,
            "id": f"_{uuid4().hex}",
            "attribute": "",
        } | self.told
        stamp, ends = (each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in (now, told["ends"]))
        answered = f' InResponseTo="{told["in_response_to"]}"' if told["in_response_to"] else ""
        return f"""<samlp:Response xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="_{uuid4().hex}"
 Version="2.0" IssueInstant="{stamp}" Destination="{told["destination"]}"{answered}>
<saml:Issuer>{told["issuer"]}</saml:Issuer><samlp:Status><samlp:StatusCode Value="{SUCCESS}"/></samlp:Status>
<saml:Assertion ID="{told["id"]}" Version="2.0" IssueInstant="{stamp}"><saml:Issuer>{told["issuer"]}</saml:Issuer>
<saml:Subject><saml:NameID Format="{told["format"]}">{escape(self.subject or self.address)}</saml:NameID>
<saml:SubjectConfirmation Method="{BEARER}"><saml:SubjectConfirmationData NotOnOrAfter="{ends}"
 Recipient="{told["recipient"]}"{answered}/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{stamp}" NotOnOrAfter="{ends}"><saml:AudienceRestriction>
<saml:Audience>{told["audience"]}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{stamp}" SessionIndex="x"><saml:AuthnContext>
<saml:AuthnContextClassRef>{PASSWORD}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
{told["attribute"]}</saml:Assertion></samlp:Response>""".encode()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        """Show the button that posts the answer back; hand out the metadata."""
        if environ["PATH_INFO"] == "/metadata":
            start("200 OK", [("Content-Type", "application/samlmetadata+xml")])
            return [self.metadata().encode()]
        asked = self.asked(f"/?{environ['QUERY_STRING']}")
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in self.answer(asked).items()
        )
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        page = f'<form method="post" action="{asked["back"]}">{hidden}<button>庁内IDでサインイン</button></form>'
        return [f'<!DOCTYPE html><html lang="ja"><title>IdP</title>{page}</html>'.encode()]


@contextmanager
def asserting() -> Iterator[Asserter]:
    """Run a provider on this machine, under another name than the site's, until the block ends."""
    key, certificate = identity()
    asserter = Asserter(key=key, certificate=certificate)
    with make_server("127.0.0.1", 0, asserter, server_class=Threaded, handler_class=Quiet) as server:
        asserter.place = f"http://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield asserter
        finally:
            server.shutdown()
            thread.join()


__all__ = ["POST", "Asserter", "asserting", "identity"]
