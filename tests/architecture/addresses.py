"""The addresses of the site, as the URL resolver knows them."""

from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver


@cache
def ours() -> dict[str, URLPattern]:
    """List the addresses of the site whose views are our own, by name."""
    found = [p for p in _walk(get_resolver()) if not p.callback.__module__.startswith(("allauth.", "django."))]
    return {pattern.name or str(pattern.pattern): pattern for pattern in found}


def _walk(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in resolver.url_patterns:
        found += _walk(entry) if isinstance(entry, URLResolver) else [entry]
    return found
