"""An OpenID Connect provider of our own, over real HTTP: it says whatever it is told to say."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "musubi", "合い言葉: 100%+secret"
PAGE = '<!DOCTYPE html><html lang="ja"><title>IdP</title><form method="post"><button>庁内IDでサインイン</button></form>'


@dataclass
class Provider:
    """What it is asked, and what it answers: claims and header may be overridden, None takes one away."""

    place: str = ""
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    algorithm: str = "RS256"
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    # 公開する鍵と違う鍵で署名させるとき
    signing_key: Any = None
    # 書き換えられたトークンを返させるとき
    token: str = ""
    back: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    redeemed: list[dict[str, str]] = field(default_factory=list)

    def means(self, address: str, *, subject: str = "", **claims: Any) -> None:
        """Say from now on that whoever comes is this person."""
        self.person = {"sub": subject or f"id-of-{address}", "email": address, "email_verified": True} | claims

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.place,
            "authorization_endpoint": f"{self.place}/authorize",
            "token_endpoint": f"{self.place}/token",
            "jwks_uri": f"{self.place}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        } | self.published

    def keys(self) -> dict[str, Any]:
        algorithm = RSAAlgorithm if isinstance(self.key, rsa.RSAPrivateKey) else ECAlgorithm
        public = algorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": "first", "use": "sig", "alg": self.algorithm}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return the address to which the person is sent back."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        came = {"code": code, "state": asked["state"]} | self.back
        return f"{asked['redirect_uri']}?{urlencode(came)}"

    def redeem(self, posted: dict[str, str], authorization: str) -> tuple[str, dict[str, Any]]:
        """Answer a code with tokens, once, to the client that asked for it."""
        asked = self.codes.pop(posted.get("code", ""), None)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client, secret = map(unquote, pair.split(":"))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(posted.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or (client, secret) != (CLIENT, SECRET)
            or asked["redirect_uri"] != posted.get("redirect_uri")
            or asked["code_challenge"] != challenge.rstrip(b"=").decode()
        ):
            return "400 Bad Request", {"error": "invalid_grant"}
        self.redeemed.append(posted)
        return "200 OK", {"access_token": "x", "token_type": "Bearer", "id_token": self.token or self.signed(asked)}

    def signed(self, asked: dict[str, str]) -> str:
        """Write an ID token."""
        now = int(time.time())
        claims = {"iss": self.place, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.person | self.claims
        header = {"kid": "first"} | self.header
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            self.signing_key or self.key,
            algorithm=self.algorithm,
            headers={name: value for name, value in header.items() if value is not None},
        )

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == "/authorize" and method == "GET":
            start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [PAGE.encode()]
        if path == "/authorize":
            start("303 See Other", [("Location", self.authorize(asked))])
            return []
        status, answer = "200 OK", {}
        if path == "/.well-known/openid-configuration":
            answer = self.configuration()
        elif path == "/keys":
            answer = self.keys()
        elif path == "/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
            posted = {name: values[0] for name, values in parse_qs(body).items()}
            status, answer = self.redeem(posted, environ.get("HTTP_AUTHORIZATION", ""))
        else:
            status = "404 Not Found"
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class Threaded(ThreadingMixIn, WSGIServer):
    """A browser opens connections that it does not use yet: none may keep the others waiting."""

    daemon_threads = True


@contextmanager
def serving() -> Iterator[Provider]:
    """Run a provider on this machine until the block ends."""
    provider = Provider()
    with make_server("127.0.0.1", 0, provider, server_class=Threaded, handler_class=Quiet) as server:
        provider.place = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def asked_in(address: str) -> dict[str, str]:
    """Read what a browser that was sent to the provider asks it."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def other_key() -> Any:
    """Make a key that the provider does not publish."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def curve_key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())
