"""The mailed link by which a password is chosen: looking at it changes nothing, its button begins."""

from typing import Any, cast

from allauth.account.views import PasswordResetFromKeyView
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.permissions import public


class PasswordLink(PasswordResetFromKeyView):  # type: ignore[misc]
    """allauth's page behind a landing page of our own: allauth keeps the key of the link at the first GET."""

    def dispatch(self, request: HttpRequest, uidb36: str, key: str, **kwargs: Any) -> HttpResponseBase:
        """Show the button to whoever only looks; the press goes on with the key, out of the address."""
        if key == self.reset_url_key or request.method == "POST":
            return cast(HttpResponseBase, super().dispatch(request, uidb36, key, **kwargs))
        return render(request, "account/password_link.html")


password_link = public(PasswordLink.as_view())
