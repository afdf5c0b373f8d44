"""The settings that must not go into production as they are."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import tink
from django.core.exceptions import ImproperlyConfigured

from config.safety.faults import Fault
from config.safety.hosts import host_of, is_loopback, is_private
from signing import setup
from signing.refusals import SealingUnavailable
from vault import masters

SHORTEST_SECRET = 40
FEWEST_SIGNS = 12
SAMPLES = ("django-insecure-", "changeme", "example", "password", "secret", "musubi", "test")
SAMPLE_DOMAINS = (".example", ".example.jp", ".example.com", ".invalid", ".test")


def is_production(settings: Any) -> bool:
    """Tell whether people other than those at this machine are to open the site."""
    return settings.BASE_URL.startswith("https://") or not is_loopback(host_of(settings.BASE_URL))


def faults(settings: Any) -> list[Fault]:
    """List every unsafe value."""
    return [fault for look in LOOKS for fault in look(settings)]


def _shape(settings: Any) -> Iterator[Fault]:
    if settings.DEBUG:
        yield Fault("DEBUG", "誤りの画面に、設定と変数の中身が出ます。", "false にするか、消してください。")
    if not settings.BASE_URL.startswith("https://"):
        yield Fault("BASE_URL", "http の住所です。", "https:// で始まる住所にし、TLS を手前の装置で終えてください。")
    if not settings.SECURE_SSL_REDIRECT:
        yield Fault("SECURE_SSL_REDIRECT", "http のまま画面が開きます。", "消してください（https なら true です）。")
    for host in settings.ALLOWED_HOSTS:
        if host == "*" or host.startswith("."):
            yield Fault("ALLOWED_HOSTS", f"「{host}」は、名を限りません。", "ホスト名を一つずつ書いてください。")
    if settings.TEST_CERTIFICATE:
        yield Fault("TEST_CERTIFICATE", "試験用の証明書の印です。", "消し、認証局の証明書で署名してください。")
    if settings.MAILBOX_URL:
        yield Fault("MAILBOX_URL", "メールを誰でも読める、試験用の受け皿です。", "消してください。")


def _secret(settings: Any) -> Iterator[Fault]:
    value = settings.SECRET_KEY
    remedy = "openssl rand -base64 48 で作り直してください。"
    if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_SIGNS:
        yield Fault("SECRET_KEY", f"短いか、単純です（{SHORTEST_SECRET} 字以上が要ります）。", remedy)
    elif value.lower().startswith(SAMPLES):
        yield Fault("SECRET_KEY", "見本の値です。", remedy)


def _vault(settings: Any) -> Iterator[Fault]:
    if not (settings.VAULT_MASTER_KEYSET or settings.VAULT_KMS_KEY):
        yield Fault("VAULT_MASTER_KEYSET", "空です。", "README の命令で親鍵を作り、写しを別の場所に保ってください。")
        return
    if settings.VAULT_MASTER not in {"kms", "local"} or (settings.VAULT_MASTER == "kms" and not settings.VAULT_KMS_KEY):
        yield Fault(
            "VAULT_MASTER", "その親鍵は設定にありません。", "kms（VAULT_KMS_KEY も要ります）か local にしてください。"
        )
        return
    endpoint = urlsplit(settings.VAULT_KMS["endpoint_url"] or "https://")
    if settings.VAULT_KMS_KEY and endpoint.scheme != "https" and not is_private(endpoint.hostname or ""):
        yield Fault("VAULT_KMS_ENDPOINT_URL", "鍵束が、暗号なしで外を通ります。", "https:// の住所にしてください。")
    try:
        masters.master()
    except (ValueError, tink.TinkError):
        yield Fault("VAULT_MASTER_KEYSET", "親鍵として読めません。", "作ったときの値を、欠けずに渡してください。")


def _signing(settings: Any) -> Iterator[Fault]:
    materials: tuple[tuple[str, Callable[[], object]], ...] = (
        ("TRUST_ROOTS", setup.trust),
        ("TSA_LIST・TSA_URLS", setup.authorities),
        ("SIGNING_KEYS・SIGNING_PKCS12", setup.keyring),
    )
    for name, build in materials:
        try:
            build()
        except (ImproperlyConfigured, SealingUnavailable, OSError, ValueError) as error:
            yield Fault(name, f"署名の材料を用意できません（{error}）。", "値と、示すファイルを確かめてください。")
    if not (settings.TSA_LIST or settings.TSA_URLS):
        yield Fault("TSA_LIST・TSA_URLS", "時刻認証局がありません。", "使う順に書いてください。")


def _proxy(settings: Any) -> Iterator[Fault]:
    if settings.BEHIND_PROXY and not settings.TRUSTED_PROXIES:
        yield Fault("TRUSTED_PROXIES", "信じる手前の装置が決まっていません。", "その番地を CIDR で書いてください。")


def _mail(settings: Any) -> Iterator[Fault]:
    is_plain = not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if is_plain and settings.EMAIL_HOST_PASSWORD and not is_private(settings.EMAIL_HOST):
        remedy = "smtp+tls:// か smtps:// にしてください。"
        yield Fault("EMAIL_URL", "メールサーバーのパスワードが、暗号なしで外を通ります。", remedy)
    domain = "." + settings.MAIL_FROM.rpartition("@")[2]
    if domain.endswith(SAMPLE_DOMAINS):
        yield Fault("MAIL_FROM", f"見本の宛先です（{settings.MAIL_FROM}）。", "実在する差出人を書いてください。")
    if not settings.OPERATORS:
        yield Fault("OPERATORS", "滞りや異常を知らせる相手がいません。", "運用の担当者の宛先を書いてください。")


def _engines(settings: Any) -> Iterator[Fault]:
    redis = urlsplit(settings.REDIS_URL)
    if not redis.password and not is_loopback(redis.hostname or ""):
        yield Fault("REDIS_URL", "パスワードがありません。", "redis://:パスワード@ホスト:6379/0 の形にしてください。")
    owner = settings.DATABASES["owner"]
    if owner["USER"] != "offline":
        remedy = "migrate の時だけ渡してください。"
        yield Fault("DATABASE_OWNER_URL", "常に動くものが、表の所有者としてつなげます。", remedy)
    for alias, variable in (("default", "DATABASE_URL"), ("ops", "DATABASE_OPS_URL")):
        database = settings.DATABASES[alias]
        mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
        if not is_private(database["HOST"]) and mode not in {"require", "verify-ca", "verify-full"}:
            yield Fault(variable, "暗号なしで外につなぎ得ます。", "?sslmode=verify-full を足してください。")


LOOKS = (_shape, _secret, _vault, _signing, _proxy, _mail, _engines)
