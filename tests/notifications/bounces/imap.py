"""A small mail store that speaks as much IMAP (RFC 9051), over real TLS, as a reader of bounces needs."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone


class Store(socketserver.ThreadingTCPServer):
    """One account with one folder; each mail has its bytes and its flags."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext, *, user: str, password: str) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.context, self.login = context, f'LOGIN {user} "{password}"'
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.hangs_up_at = ""

    def add(self, raw: bytes) -> int:
        number = len(self.mails) + 1
        self.mails[number], self.flags[number] = raw, set()
        return number

    @property
    def port(self) -> int:
        return self.server_address[1]


class Session(socketserver.StreamRequestHandler):
    server: Store

    def setup(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            if self.server.hangs_up_at and self.server.hangs_up_at in command:
                return
            self.wfile.write(b"".join(self.answer(command)) + tag.encode() + b" " + self.verdict(command) + b"\r\n")

    def verdict(self, command: str) -> bytes:
        if command.startswith("LOGIN") and command != self.server.login:
            return b"NO [AUTHENTICATIONFAILED] no"
        if command.startswith("SELECT") and command != 'SELECT "INBOX"':
            return b"NO no such folder"
        return b"OK done"

    def answer(self, command: str) -> Iterator[bytes]:
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command.startswith("SELECT"):
            yield f"* {len(self.server.mails)} EXISTS\r\n".encode()
        elif command == "UID SEARCH UNSEEN":
            unseen = [str(number) for number, flags in self.server.flags.items() if "\\Seen" not in flags]
            yield f"* SEARCH {' '.join(unseen)}\r\n".encode()
        elif found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            raw = self.server.mails[int(found[1])][: int(found[2])]
            yield f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        elif found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)", command):
            self.server.flags[int(found[1])] |= set(found[2].split())


@contextmanager
def store(room: Path, *, user: str, password: str) -> Iterator[tuple[Store, Path]]:
    """Run a store on localhost; give it and the certificate by which it is trusted."""
    certificate = _certificate(room)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Store(context, user=user, password=password) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server, certificate
        finally:
            server.shutdown()
            thread.join()


def _certificate(room: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = room / "imap.pem"
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return path
