"""認証局に、P-256 の鍵の署名者を足す。"""

import yaml
from certomancer.registry import ArchLabel, CertLabel
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from config.embedded import pki as authority

P256 = "p256.p12"


def add_p256_signer(paths: authority.PkiPaths) -> None:
    """Give the issuing CA a second signer whose key is on P-256, before the responders start."""
    key = ec.generate_private_key(ec.SECP256R1())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (paths.directory / "keys" / "p256.pem").write_bytes(key.private_bytes(*plain))
    config = yaml.safe_load(paths.config.read_text())
    config["keysets"]["keys"]["keys"]["p256"] = {"path": "p256.pem"}
    made = config["pki-architectures"]["musubi"]
    made["entities"]["p256"] = {"common-name": "Musubi Sign Dept. (P-256)"}
    made["certs"]["p256"] = made["certs"]["signer"]
    paths.config.write_text(yaml.safe_dump(config))
    architecture = authority.load(paths.directory).get_pki_arch(ArchLabel("musubi"))
    own, issuing = (
        x509.load_der_x509_certificate(architecture.get_cert(CertLabel(name)).dump()) for name in ("p256", "issuing")
    )
    secret = serialization.BestAvailableEncryption(paths.passphrase.read_bytes())
    bundle = pkcs12.serialize_key_and_certificates(b"p256", key, own, [issuing], secret)
    (paths.directory / P256).write_bytes(bundle)
