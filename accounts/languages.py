"""Japanese everywhere; English on the pages that say they speak it, for whoever chose it."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SPEAKS_ENGLISH = "speaks_english"
JAPANESE, ENGLISH = "ja", "en"


def speaks_english(view: View) -> View:
    """Say of a page that all it shows is there in English as well, or marked as Japanese."""
    setattr(view, SPEAKS_ENGLISH, True)
    return view


class LanguageMiddleware:
    """Answer in Japanese, or in English where the page speaks it and the browser's cookie asks for it.

    The cookie is set by Django's own `set_language`, by POST. What a browser would prefer is not asked:
    the same address shows everyone the same words until they choose.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(JAPANESE):
            response = self.get_response(request)
        if getattr(request, SPEAKS_ENGLISH, False):
            patch_vary_headers(response, ["Cookie"])
        return response

    def process_view(
        self, request: Any, view: Callable[..., HttpResponseBase], _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> None:
        """Take up the language that was chosen, where the page speaks it; its templates then offer the switch."""
        request.speaks_english = getattr(view, SPEAKS_ENGLISH, False)
        if request.speaks_english and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) == ENGLISH:
            translation.activate(ENGLISH)
