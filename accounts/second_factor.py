"""Whether this session was opened with a second factor, and the way there when it was not."""

from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.forms import ReauthenticateForm
from accounts.models import FACTORS

FIRST = {"password": "パスワード", "sign_on": "市の認証基盤"}
CODES = {
    Authenticator.Type.TOTP: "認証アプリのコード",
    Authenticator.Type.RECOVERY_CODES: "回復用コード",
    Authenticator.Type.WEBAUTHN: "パスキー",
}
PASSKEY_ALONE = "パスキー（端末での本人確認を含む）"


def described(request: HttpRequest) -> str:
    """Name how the person proved who they are, as evidence keeps it; empty when no second factor was given lately."""
    records = get_authentication_records(request, request.user)
    since = timezone.now().timestamp() - settings.SECOND_FACTOR_FRESH.total_seconds()
    given = [each for each in records if each.get("method") == "mfa" and each["at"] > since]
    if not given:
        return ""
    kind, first = given[-1].get("type"), _first(request)
    if kind == Authenticator.Type.WEBAUTHN and not first:
        return PASSKEY_ALONE
    return f"{first or FIRST['password']}と{CODES.get(kind, CODES[Authenticator.Type.TOTP])}"


def told(request: HttpRequest) -> str:
    """Name how the person has just signed in, with a second factor or without."""
    return described(request) or _first(request) or FIRST["password"]


def _first(request: HttpRequest) -> str:
    records = get_authentication_records(request, request.user)
    return next((FIRST[each["method"]] for each in reversed(records) if each.get("method") in FIRST), "")


def form(request: HttpRequest) -> ReauthenticateForm:
    """Make the form that takes a code on the very page whose button needs it; once valid and saved, it was given."""
    asked = ReauthenticateForm(data=request.POST if request.method == "POST" else None, user=request.user)
    asked.fields["code"].label = "認証アプリのコード"
    asked.fields["code"].widget.attrs.update({"placeholder": "", "inputmode": "numeric"})
    return asked


def has_app(request: HttpRequest) -> bool:
    """Tell whether the person has an authenticator app to give a code with."""
    return bool(is_mfa_enabled(request.user, [Authenticator.Type.TOTP]))


def ask(request: HttpRequest, *, back: str) -> HttpResponseRedirect:
    """Send someone without a second factor to where they set it up or give it; `back` is where they go on."""
    if not is_mfa_enabled(request.user, FACTORS):
        messages.warning(
            request, "署名するには、二要素認証の設定が必要です。設定を終えたら、もう一度署名の画面を開いてください。"
        )
        return redirect("second_factor_due")
    messages.info(request, "署名の前に、もう一度ご本人を確かめます。")
    return ask_again(request, back=back)


def is_proven(request: HttpRequest) -> bool:
    """Tell whether the person has lately proved who they are: by their second factor, or by the password again."""
    if is_mfa_enabled(request.user, FACTORS):
        return bool(described(request))
    return bool(did_recently_reauthenticate(request))


def ask_again(request: HttpRequest, *, back: str) -> HttpResponseRedirect:
    """Have the person prove who they are, and lead them back."""
    page = "account_reauthenticate"
    if is_mfa_enabled(request.user, FACTORS):
        page = "mfa_reauthenticate" if has_app(request) else "mfa_reauthenticate_webauthn"
    return redirect(f"{reverse(page)}?{urlencode({'next': back})}")
