"""設定から、このプロセスで使う署名の道具を一度だけ組み立てる。"""

import functools
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from signing.keys import Pkcs12Key
from signing.sealing import Sealer
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust


@functools.cache
def trust() -> Trust:
    """Return whom this installation trusts; raises ImproperlyConfigured without TRUST_ROOTS."""
    chain = settings.SIGNING_CHAIN
    return Trust.load([_path("TRUST_ROOTS")], [Path(chain)] if chain else [])


@functools.cache
def authorities() -> TimestampAuthorities:
    """Return the timestamp authorities in their configured order."""
    return TimestampAuthorities(settings.TSA_URLS, trust=trust())


@functools.cache
def sealer() -> Sealer:
    """Return the sealer with its key parsed; raises ImproperlyConfigured or KeyUnusable."""
    return Sealer(Pkcs12Key(_path("SIGNING_PKCS12"), settings.SIGNING_PKCS12_PASSPHRASE), authorities(), trust())


def _path(name: str) -> Path:
    value = getattr(settings, name)
    if not value:
        raise ImproperlyConfigured(f"{name} が設定されていません。")
    return Path(value)
