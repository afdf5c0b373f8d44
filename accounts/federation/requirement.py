"""Where a city asks its staff to come by its identity provider: a password alone no longer opens."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from accounts.federation import finding
from accounts.models import Organization, User

METHOD = "sign_on"


def said_instead(address: str, found: User | None) -> str:
    """Say where to sign in instead, after a password was tried; empty where the password counts.

    For an address of a domain for which a provider is required, a right and a wrong password are answered alike.
    """
    if found is not None:
        required = finding.required_of(found)
        return _said(required.tenant) if required else ""
    asking = [each.city for each in finding.speakers(address) if each.is_required]
    return _said(asking[0]) if asking else ""


def _said(city: Organization) -> str:
    return (
        f"パスワードではサインインできませんでした。{city.name}の職員の方は、"
        "「所属の認証基盤でサインイン」からお入りください。"
    )


def turned_away(request: HttpRequest, user: User) -> HttpResponseRedirect | None:
    """Send to the city's provider whoever proved themselves in some other way; None where they may go on."""
    required = finding.required_of(user)
    if required is None or _came_by_provider(request, user):
        return None
    messages.error(request, _said(required.tenant))
    return redirect("city_sign_on", city=required.tenant.slug)


def _came_by_provider(request: HttpRequest, user: Any) -> bool:
    records = get_authentication_records(request, user)
    return bool(records) and records[-1].get("method") == METHOD
