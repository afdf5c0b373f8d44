"""OpenID Connect with one city's provider: authorization code flow with PKCE, state and nonce (RFC 9700)."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from accounts.federation import idtokens
from accounts.federation.attempts import Attempt
from accounts.federation.models import AddressClaim, IdentityProvider
from accounts.federation.saying import NotProven, Said
from outgoing import client
from outgoing.client import Unreachable
from vault import fields

WELL_KNOWN = "/.well-known/openid-configuration"
LARGEST_ANSWER = 256 * 1024
# 公開されている設定から読むもの
PLACES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
NAMES_ITSELF = "authorization_response_iss_parameter_supported"
LONGEST_PLACE = 500
HERE = {"localhost", "127.0.0.1", "::1"}


def discover(issuer: str) -> dict[str, Any]:
    """Read where a provider is asked (OpenID Connect Discovery 4); raises NotProven."""
    check_place(issuer)
    found = _ask(issuer.rstrip("/") + WELL_KNOWN)
    if found.get("issuer") != issuer:
        raise NotProven("公開されている設定の issuer が、入力した発行者と一字一句同じではありません。")
    places = {name: found.get(name) for name in PLACES}
    for place in places.values():
        check_place(place)
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "S256" not in found.get("code_challenge_methods_supported", ["S256"]):
        raise NotProven("認証基盤が PKCE（S256）に対応していません。")
    by_form = "client_secret_basic" not in methods and "client_secret_post" in methods
    return places | {"by_form": by_form, "names_itself": found.get(NAMES_ITSELF) is True}


def check_place(url: Any) -> None:
    """Raise NotProven for what is no address to send people or secrets to: https, or http on this very machine."""
    try:
        parts = (
            urlsplit(url) if isinstance(url, str) and client.WRITTEN.fullmatch(url[:LONGEST_PLACE]) else urlsplit("")
        )
        is_place = bool(parts.hostname) and not parts.username and not parts.fragment and len(url) <= LONGEST_PLACE
        is_secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    except (ValueError, TypeError):
        is_place = is_secure = False
    if not is_place or not is_secure:
        raise NotProven("認証基盤の行き先は、https の URL でなければなりません。")


def address_of(provider: IdentityProvider, attempt: Attempt, *, back: str) -> str:
    """Write the address to which a person is sent to prove who they are."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=")
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid email" if provider.address_claim == AddressClaim.EMAIL else "openid email profile",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    place = provider.places["authorization_endpoint"]
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def prove(provider: IdentityProvider, attempt: Attempt, came: dict[str, str], *, back: str, now: float) -> Said:
    """Turn the code that came back into what the provider says of the person; raises NotProven."""
    if came.get("iss", provider.issuer) != provider.issuer or (provider.places["names_itself"] and "iss" not in came):
        raise NotProven("ほかの認証基盤からの応答です。")
    if "error" in came or not came.get("code"):
        raise NotProven(f"認証基盤が断りました（{came.get('error', 'code なし')[:60]}）。")
    answer = _redeem(provider, attempt, came["code"], back=back)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise NotProven("認証基盤の応答に ID トークンがありません。")
    claims = idtokens.check(
        token,
        keys=_keys(provider),
        issuer=provider.issuer,
        audience=provider.client_id,
        nonce=attempt.nonce,
        now=now,
    )
    address = claims.get(provider.address_claim)
    is_sure = provider.vouches or (
        provider.address_claim == AddressClaim.EMAIL and claims.get("email_verified") is True
    )
    return Said(provider.issuer, claims["sub"], address if isinstance(address, str) else "", is_sure)


def _redeem(provider: IdentityProvider, attempt: Attempt, code: str, *, back: str) -> dict[str, Any]:
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": attempt.verifier,
    }
    secret = secret_of(provider)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if provider.places["by_form"]:
        asked |= {"client_id": provider.client_id, "client_secret": secret}
    else:
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return _ask(provider.places["token_endpoint"], body=urlencode(asked).encode(), headers=headers)


def secret_of(provider: IdentityProvider) -> str:
    """Open the secret that the provider knows us by."""
    assert provider.sealed_secret is not None  # noqa: S101 - OIDC の行には、必ず入れる
    return fields.unseal(provider.sealed_secret, tenant_id=provider.tenant_id, context=provider.secret_context)


def _keys(provider: IdentityProvider) -> list[Any]:
    # 鍵は、認証基盤の都合で替わる。覚えずに、その都度読む
    keys = _ask(provider.places["jwks_uri"]).get("keys")
    return keys if isinstance(keys, list) else []


def fetch(url: str) -> bytes:
    """Read what a provider publishes about itself; raises NotProven."""
    check_place(url)
    try:
        answer = client.ask(url, limit=LARGEST_ANSWER)
    except Unreachable as error:
        raise NotProven(f"認証基盤に尋ねられません（{error}）。") from error
    if answer.status != 200:
        raise NotProven(f"認証基盤が {answer.status} で答えました。")
    return answer.body


def _ask(url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = client.ask(
            url, limit=LARGEST_ANSWER, body=body, headers={"Accept": "application/json"} | (headers or {})
        )
    except Unreachable as error:
        raise NotProven(f"認証基盤に尋ねられません（{error}）。") from error
    if answer.status != 200:
        raise NotProven(f"認証基盤が {answer.status} で答えました。")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise NotProven("認証基盤の応答を読めません。") from error
    if not isinstance(found, dict):
        raise NotProven("認証基盤の応答を読めません。")
    return found
