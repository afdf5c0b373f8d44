"""Settings of the test suite: the real ones, with cheap password hashes and plain static files."""

import os

from config.settings import *  # noqa: F403
from config.settings import CACHES, FILES_ROOT, LIMITS, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# 署名の鍵は、試験ごとに決める。決めなければ、市と共用の鍵ひとつ（SIGNING_PKCS12）
SIGNING_KEYS = ""
# 試験は、どれも同じ回線から来る。回数の限りは、その試験が決める
LIMITS = dict.fromkeys(LIMITS, 1_000_000)
# 試験は、時計を進めて先の日を演じる
CLOCK_TOLERANCE = None
# 並んで走る試験は別々のデータベースを持つ。同じ番号の市が、互いのファイルを別の鍵で上書きしないよう、置き場も分ける。
# 見出しの件数は、尋ねた数を数える試験の途中で忘れられないよう、長く覚える。
_glance = {"KEY_PREFIX": os.environ.get("PYTEST_XDIST_WORKER", "alone"), "TIMEOUT": 3600}
CACHES = CACHES | {"glance": CACHES["glance"] | _glance}
FILES_ROOT = FILES_ROOT / os.environ.get("PYTEST_XDIST_WORKER", "alone")
_files = STORAGES["vault"] | {"OPTIONS": STORAGES["vault"]["OPTIONS"] | {"location": FILES_ROOT}}
STORAGES = STORAGES | {
    "vault": _files,
    "default": _files,
    "anchors": STORAGES["anchors"] | {"OPTIONS": {"location": FILES_ROOT / "anchors"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
