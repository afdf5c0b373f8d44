"""A search that finds nothing proves nothing unless it would have found it: in every dress, however deep."""

import base64
import gzip
import json
import zlib
from email.message import EmailMessage

import pytest
from django.core import signing

from tests.guarantees import seeking

SECRET = "Kagi7-K2QZ9x"
WRAPPINGS = {
    "as it is": lambda secret: secret.encode(),
    "in other letters": lambda secret: secret.lower().encode(),
    "UTF-16": lambda secret: secret.encode("utf-16"),
    "hexadecimal, as bytea is dumped": lambda secret: b"\\x" + secret.encode().hex().encode(),
    "JSON with escapes": lambda secret: "".join(f"\\u{ord(char):04x}" for char in secret).encode(),
    "an address": lambda secret: b"?key=" + secret.replace("-", "%2D").encode() + secret.encode(),
    "base64": lambda secret: base64.b64encode(b'{"key": "' + secret.encode() + b'", "more": "words"}'),
    "base64 of an address": lambda secret: base64.urlsafe_b64encode(f"ab {secret} and what follows it".encode()),
    "deflated": lambda secret: zlib.compress(f"words before {secret} and after".encode() * 9),
    "gzipped": lambda secret: b"head" + gzip.compress(f"words before {secret} and after".encode()),
    "a session, signed and compressed": lambda secret: signing.dumps({"key": secret * 20}, compress=True).encode(),
    "JSON in base64 in JSON": lambda secret: json.dumps(
        {"body": base64.b64encode(json.dumps({"args": [secret], "kwargs": {}}).encode()).decode()}
    ).encode(),
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_a_secret_is_found_in(wrap):
    there, elsewhere = (b"before " + wrap(word) + b" after" for word in (SECRET, "Another-word"))

    assert seeking.found({SECRET, "Third-word"}, there) == {SECRET}
    assert seeking.found({SECRET}, elsewhere) == set()


def test_a_secret_is_found_in_the_parts_of_a_mail():
    mail = EmailMessage()
    mail["Subject"] = f"認証キー {SECRET}"
    mail.set_content("本文")
    mail.add_attachment(f"添付 {SECRET}".encode(), maintype="text", subtype="plain")

    assert seeking.found({SECRET, "Another-word"}, *seeking.parts(mail.as_bytes())) == {SECRET}
