"""Settings: each environment variable is read once, here; the defaults are safe in production.

With no DATABASE_URL in the environment, the file that the embedded stack writes at its start
(`var/embedded/stack.env`) is read, so that every command reaches the services of this machine.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from csp.constants import NONE, SELF
from environs import Env

from config.schedule import SCHEDULE
from config.sign_in import *  # noqa: F403 - 設定の続き

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()
if "DATABASE_URL" not in os.environ and (VAR_DIR / "embedded/stack.env").exists():
    env.read_env(VAR_DIR / "embedded/stack.env", recurse=False)


def secret(name: str, default: str | None = None) -> str:
    """Read NAME, or the file that NAME_FILE points to."""
    file = env.str(f"{name}_FILE", None)
    if file is not None:
        return Path(file).read_text().strip()
    return env.str(name, default) if default is not None else env.str(name)


# 起動の形 -------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = secret("SECRET_KEY")
BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [urlparse(BASE_URL).hostname or "localhost"])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEST_CERTIFICATE = env.bool("TEST_CERTIFICATE", False)
MAILBOX_URL = env.str("MAILBOX_URL", "")

INSTALLED_APPS = [
    "config",
    "guarantees",
    "contracts",
    "signing",
    "notifications",
    "accounts",
    "vault",
    "audit",
    "pgtrigger",
    "django_cotton",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.headers.HeadersMiddleware",
    "config.health.HealthMiddleware",
    "config.metrics.page.MetricsMiddleware",
    "config.logs.requests.RequestLogMiddleware",
    "config.metrics.requests.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.compression.CompressedPagesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "contracts.glance.GlanceMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActorMiddleware",
    "accounts.scanning.ScanMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.page",
                "contracts.glance.page",
            ],
        },
    }
]
COTTON_DIR = "components"

# データベース ---------------------------------------------------------------------------------
# web と worker は表を所有しない役割 musubi_app でつなぎ、行の壁（RLS）を越えられない。
# 表を所有する役割 owner は migrate と保守コマンドだけが使う。
# 運営者の役割 ops は、すべての自治体の書庫を読むことだけができる。
_OFFLINE = "postgres://offline@127.0.0.1:1/offline"
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", _OFFLINE),
    "owner": env.dj_db_url("DATABASE_OWNER_URL", _OFFLINE),
    "ops": env.dj_db_url("DATABASE_OPS_URL", _OFFLINE.replace("offline@", "musubi_ops@")),
}
# 同じ文を三度使ったら、PostgreSQL にその計画を持たせる。封印一件の PostgreSQL の CPU が半分ほどになる。
_PREPARED = {"server_side_binding": True, "prepare_threshold": 2}
DATABASES["default"] |= {"TEST": {"MIRROR": "owner"}, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}
DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | _PREPARED
DATABASES["owner"] |= {"TEST": {"TEMPLATE": "template0"}}
DATABASES["ops"] |= {"TEST": {"MIRROR": "owner"}, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}
DATABASE_APP_ROLE, DATABASE_OPS_ROLE = DATABASES["default"]["USER"], DATABASES["ops"]["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGTRIGGER_INSTALL_ON_MIGRATE = False
# 写しを取る役割。すべての行を読むだけで、写しの命令だけが使う
BACKUP_DATABASE: dict[str, Any] = env.dj_db_url("DATABASE_BACKUP_URL", _OFFLINE)
# pg_dump と pg_restore のあるフォルダー。なければ、一台で動かす部品か、命令の道（PATH）のもの
PG_BIN = env.str("PG_BIN", "")

# 待ち行列 -------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:1/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# 鈴が鳴らなくても行は残る。publish が待たされて画面が止まらないよう、短く諦める。
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "max_retries": 1}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = SCHEDULE
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 2},
    },
    # どの画面も尋ねる数。画面を待たせず、答えがなければ数を出さない
    "glance": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "glance",
        "TIMEOUT": 30,
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    },
}

# 保管 -----------------------------------------------------------------------------------------
FILES_ROOT = env.path("FILES_ROOT", VAR_DIR / "files")
VAULT_MASTER_KEYSET = secret("VAULT_MASTER_KEYSET", "")
# 親鍵を KMS に置くときの鍵（先頭で包み、ほかは開くだけ）。どちらで包むかは VAULT_MASTER
VAULT_KMS_KEY: list[str] = env.list("VAULT_KMS_KEY", [])
VAULT_MASTER = env.str("VAULT_MASTER", "") or ("kms" if VAULT_KMS_KEY else "local")
VAULT_KMS = {
    "region_name": env.str("VAULT_KMS_REGION", "ap-northeast-1"),
    "endpoint_url": env.str("VAULT_KMS_ENDPOINT_URL", "") or None,
    "aws_access_key_id": secret("VAULT_KMS_ACCESS_KEY", "") or None,
    "aws_secret_access_key": secret("VAULT_KMS_SECRET_KEY", "") or None,
}


def _bucket(name: str, **options: Any) -> dict[str, Any]:
    kept = {"bucket_name": name, "file_overwrite": True, "default_acl": None}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": kept | options}


def _folder(backend: str, location: Path, **options: Any) -> dict[str, Any]:
    return {"BACKEND": f"vault.storage.{backend}", "OPTIONS": {"location": location} | options}


_s3: dict[str, Any] = {}
if _name := env.str("S3_BUCKET", ""):
    _s3 = {"endpoint_url": env.str("S3_ENDPOINT_URL", None)}
    _s3 |= {"access_key": secret("S3_ACCESS_KEY"), "secret_key": secret("S3_SECRET_KEY")}
    _files = _bucket(_name, **_s3)
    # 錨を毎日書き出す先。S3 では、バケットのオブジェクトロックで上書きと削除を止める（docs/operations.md）
    _anchors = _bucket(env.str("ANCHORS_S3_BUCKET", f"{_name}-anchors"), **_s3 | {"file_overwrite": False})
else:
    # 停電で切り詰められた契約書が残らないよう、書き終えてから名前を付ける
    _files = _folder("DurableFileSystemStorage", FILES_ROOT, allow_overwrite=True)
    _anchors = _folder("WriteOnceStorage", env.path("ANCHORS_ROOT", VAR_DIR / "anchors"))
# バックアップの置き場。元の保管庫とは別の管理のもとに置けるよう、住所も鍵も別に決められる（docs/operations.md）
BACKUP_KEYSET = secret("BACKUP_KEYSET", "")
BACKUP_KEEPING = env.path("BACKUP_KEEPING", BASE_DIR / "config/backups/keeping.toml")
if _name := env.str("BACKUP_S3_BUCKET", ""):
    _backups = _bucket(
        _name,
        endpoint_url=env.str("BACKUP_S3_ENDPOINT_URL", _s3.get("endpoint_url")),
        access_key=secret("BACKUP_S3_ACCESS_KEY", _s3.get("access_key", "")),
        secret_key=secret("BACKUP_S3_SECRET_KEY", _s3.get("secret_key", "")),
    )
else:
    _backups = _folder("DurableFileSystemStorage", env.path("BACKUP_ROOT", VAR_DIR / "backups"), allow_overwrite=True)
STORAGES = {
    "vault": _files,
    "anchors": _anchors,
    "backups": _backups,
    "default": _files,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", VAR_DIR / "static")
# 切り分けた書体（manage.py cut_fonts）。scripts/bootstrap と Dockerfile が作る
FONTS_DIR = VAR_DIR / "fonts"
STATICFILES_DIRS = [BASE_DIR / "static", ("fonts", FONTS_DIR)]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

# 届いたファイルを調べる clamd（host:port かソケットの場所）。書けば、調べられないものは受け取らない
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", "")

# 外への問い -----------------------------------------------------------------------------------
# 内側の番地には、ここで名指した網（CIDR）のほか、つながない（outgoing/fence.py）
OUTGOING_PRIVATE: list[str] = env.list("OUTGOING_PRIVATE", [])
OUTGOING_PROXY = secret("OUTGOING_PROXY", "")
OUTGOING_DIRECT: list[str] = env.list("OUTGOING_DIRECT", [])

# 署名 -----------------------------------------------------------------------------------------
SIGNING_KEYS = env.str("SIGNING_KEYS", "")
SIGNING_PKCS12 = env.path("SIGNING_PKCS12", None)
SIGNING_PKCS12_PASSPHRASE = secret("SIGNING_PKCS12_PASSPHRASE", "")
SIGNING_CHAIN = env.path("SIGNING_CHAIN", None)
TRUST_ROOTS = env.path("TRUST_ROOTS", None)
TSA_URLS: list[str] = env.list("TSA_URLS", [])
TSA_LIST = env.str("TSA_LIST", "")
OPERATORS: list[str] = env.list("OPERATORS", [])
# 文書タイムスタンプの証拠を、終わる何日前から延ばすか
RENEWAL_LEAD = timedelta(days=env.int("RENEWAL_LEAD_DAYS", 365))

# 文書の本文 -----------------------------------------------------------------------------------
# 画像の頁の文字を読む Tesseract の命令（名か場所）。なければ読まず、読んでいないことを示す
OCR_COMMAND = env.str("OCR_COMMAND", "")
OCR_LANGUAGE = env.str("OCR_LANGUAGE", "jpn")

# メール ---------------------------------------------------------------------------------------
_mail = urlparse(env.str("EMAIL_URL", "smtp://127.0.0.1:25"))
EMAIL_HOST = _mail.hostname or "127.0.0.1"
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = _mail.username or ""
EMAIL_HOST_PASSWORD = secret("EMAIL_PASSWORD", _mail.password or "")
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_USE_SSL = _mail.scheme == "smtps"
# 差出人のドメインに公開する DKIM の鍵の名。署名はメールサーバーが付ける
MAIL_DKIM_SELECTOR = env.str("MAIL_DKIM_SELECTOR", "musubi")
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "notifications.smtp.Backend"
MAIL_FROM = env.str("MAIL_FROM", "noreply@musubi.example.jp")
DEFAULT_FROM_EMAIL = MAIL_FROM
# 不達の知らせを受ける宛先。一通ごとに <名>+<一通の名>@<ドメイン> として封筒に書く（VERP）。無ければ MAIL_FROM に返る
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", "")
# その宛先に届いた知らせを読む場所: maildir:///場所 か imaps://利用者@サーバー/INBOX。pipe で受けるなら書かない
BOUNCE_MAILBOX = env.str("BOUNCE_MAILBOX", "")
BOUNCE_PASSWORD = secret("BOUNCE_PASSWORD", "")

# 利用者 ---------------------------------------------------------------------------------------
# config/sign_in.py の値。環境変数を読まない

# 安全 -----------------------------------------------------------------------------------------
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", _https)
# API は転送せずに断る（contracts/api/doors.py）
SECURE_REDIRECT_EXEMPT = [r"^api/v"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "upgrade-insecure-requests": _https,
        # report-to は、https でない頁からはどこへも知らせず、あれば report-uri が読まれない
        "report-uri": ["/csp/"],
    }
}

# ことばと時刻 ---------------------------------------------------------------------------------
# 英語は、そう名乗る頁（accounts/languages.py）だけ
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = _https, True, "Lax"
USE_I18N = True
USE_TZ = True
# データベースの時計とこれより違う（秒）worker は何も決めず、web は支度ができていないと言う
CLOCK_TOLERANCE: int | None = 60
TIME_ZONE = "Asia/Tokyo"
FORMAT_MODULE_PATH = None

# 見張り ---------------------------------------------------------------------------------------
# 計測値を読む合言葉。なければ /metrics はない。worker は METRICS_ADDRESS（ホスト:ポート）でも答える
METRICS_TOKEN = secret("METRICS_TOKEN", "")
METRICS_ADDRESS = env.str("METRICS_ADDRESS", "")
# 同じ機械のプロセスが数を持ち寄る、空のフォルダー（prometheus-client が自分でも読む）
PROMETHEUS_MULTIPROC_DIR = env.str("PROMETHEUS_MULTIPROC_DIR", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "config.logs.lines.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line" if DEBUG else "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # 4xx は config.logs.requests が一行で書く。Django の行は住所を繰り返す
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "pyhanko": {"level": "WARNING"},
        "pyhanko_certvalidator": {"level": "WARNING"},
    },
}
