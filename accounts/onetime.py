"""A code of the authenticator app works once: the step of time it belonged to is kept with the authenticator."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt

LAST_STEP = "last_step"


def accepts(authenticator: Authenticator, code: str) -> bool:
    """Tell whether a code is right and was not used before; it is used by that. Call it with the row locked."""
    if authenticator.type != Authenticator.Type.TOTP:
        return bool(authenticator.wrap().validate_code(code))
    secret = decrypt(authenticator.data["secret"])
    for step in totp.yield_hotp_counters_from_time():
        right = compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, step)))
        if right and step > authenticator.data.get(LAST_STEP, -1):
            # allauth は使ったコードを Redis に 30 秒だけ覚える。コードは 90 秒通るので、行に残す
            authenticator.data[LAST_STEP] = step
            authenticator.save(update_fields=["data"])
            return True
    return False
