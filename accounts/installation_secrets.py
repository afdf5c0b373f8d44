"""The secrets that belong to people and no city, and the rotation of the key that seals them."""

import base64
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from vault import fields, keys, keysets, versions

# 認証アプリの秘密、控えのコードの種、移されたコード
SEALED = ("secret", "seed", "migrated_codes")
CONTEXT = "mfa"


def rotate(*, at: datetime, older_than: timedelta | None, grace: timedelta) -> int:
    """Give the installation a new key where its key is that old, seal every secret with the newest; tell how many.

    The versions before are retired once their time has come and nothing is under them.
    """
    with transaction.atomic():
        keys.installation()
        rows = list(versions.of_installation())
        if older_than is not None and len(rows) == 1 and rows[0].created_at <= at - older_than:
            rows.append(versions.begin(versions.of_installation()))
    in_use = keysets.prefix(versions.number_in_use(rows[-1]))
    moved = sum(_reseal(pk, in_use) for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        _retire(in_use, at=at, grace=grace)
    return moved


def follow_master() -> int:
    """Wrap the installation's versions with the master key in use where another has; tell how many."""
    with transaction.atomic():
        keys.installation()
        return versions.follow_master(versions.of_installation())


def _reseal(pk: int, in_use: bytes) -> bool:
    with transaction.atomic():
        row = Authenticator.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None or not _holds_old(row.data, in_use):
            return False
        row.data = {name: _resealed(value) if name in SEALED else value for name, value in row.data.items()}
        row.save(update_fields=["data"])
        return True


def _resealed(value: Any) -> Any:
    if isinstance(value, list):
        return [_resealed(each) for each in value]
    text = fields.unseal_for_installation(base64.b64decode(value), context=CONTEXT)
    return base64.b64encode(fields.seal_for_installation(text, context=CONTEXT)).decode()


def _holds_old(data: dict[str, Any], in_use: bytes) -> bool:
    held = [data[name] for name in SEALED if name in data]
    values = [text for value in held for text in (value if isinstance(value, list) else [value])]
    return not all(base64.b64decode(text).startswith(in_use) for text in values)


def _retire(in_use: bytes, *, at: datetime, grace: timedelta) -> None:
    rows = versions.held(versions.of_installation())
    if len(rows) < 2 or any(_holds_old(data, in_use) for data in Authenticator.objects.values_list("data", flat=True)):
        return
    if rows[-1].rewrapped_at is None:
        rows[-1].rewrapped_at = at
        rows[-1].save(update_fields=["rewrapped_at"])
    if rows[-1].rewrapped_at <= at - grace:
        versions.retire(rows)
