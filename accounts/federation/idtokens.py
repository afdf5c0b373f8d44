"""ID tokens, as OpenID Connect Core 3.1.3.7 wants them checked, and a little stricter."""

from typing import Any

import jwt
from jwt import PyJWK
from jwt.algorithms import RSAAlgorithm

from accounts.federation.saying import NotProven

# 署名の方式は、こちらが選ぶ。共有の鍵（HS）と、署名のないもの（none）は通さない
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
SMALLEST_RSA = 2048
LEEWAY_SECONDS = 60
OLDEST_SECONDS = 600
WANTED = ("iss", "sub", "aud", "exp", "iat", "nonce")


def check(token: str, *, keys: list[Any], issuer: str, audience: str, nonce: str, now: float) -> dict[str, Any]:
    """Return the claims of a token that this issuer signed for us, now, in answer to this nonce; raises NotProven."""
    header = _header(token)
    key = _key(keys, header)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[header["alg"]],
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(WANTED), "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        raise NotProven(f"ID トークンを確かめられません（{type(error).__name__}）。") from error
    _for_us(claims, audience)
    if claims["nonce"] != nonce:
        raise NotProven("ID トークンの nonce が、こちらの求めたものと違います。")
    if not isinstance(claims["iat"], int | float) or now - claims["iat"] > OLDEST_SECONDS:
        raise NotProven("ID トークンが、作られてから時間がたっています。")
    return claims


def _header(token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise NotProven("ID トークンの形が正しくありません。") from error
    if header.get("alg") not in ALGORITHMS or "crit" in header:
        raise NotProven("ID トークンの署名の方式が、使えるものではありません。")
    if str(header.get("typ", "JWT")).lower() != "jwt":
        raise NotProven("ID トークンではない種類のトークンです。")
    return header


def _key(keys: list[Any], header: dict[str, Any]) -> PyJWK:
    """Choose the issuer's key that the header names; only one of the right kind, for signatures."""
    algorithm = header["alg"]
    fit = [
        each
        for each in keys
        if isinstance(each, dict)
        and each.get("kty") == KINDS[algorithm[:2]]
        and each.get("use", "sig") == "sig"
        and each.get("alg", algorithm) == algorithm
        and ("kid" not in header or each.get("kid") == header["kid"])
    ]
    if len(fit) != 1:
        raise NotProven("ID トークンの署名の鍵が、認証基盤の公開する鍵の中に一つに決まりません。")
    try:
        key = PyJWK(fit[0], algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise NotProven("認証基盤の公開する鍵を読めません。") from error
    if isinstance(key.Algorithm, RSAAlgorithm) and key.key.key_size < SMALLEST_RSA:
        raise NotProven("認証基盤の公開する鍵が短すぎます。")
    return key


def _for_us(claims: dict[str, Any], audience: str) -> None:
    """Refuse a token that was made for somebody else as well, unless it says that it was given to us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else audience) != audience:
        raise NotProven("ID トークンが、ほかのものに宛てて作られています。")
