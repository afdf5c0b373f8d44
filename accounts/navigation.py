"""The staff menu: each app adds its pages, the menu shows those the person may open."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.actors import Actor


@dataclass(frozen=True)
class Item:
    label: str
    url_name: str
    allowed: Callable[[Actor], bool]
    order: int


_items: list[Item] = []


def register(item: Item) -> None:
    """Add a page to the menu."""
    _items.append(item)
    _items.sort(key=lambda i: i.order)


def items_for(actor: Actor | None, path: str) -> list[dict[str, object]]:
    """List the menu of one person; the page they are on is marked current."""
    if actor is None or not actor.is_staff:
        return []
    shown = [(item.label, reverse(item.url_name)) for item in _items if item.allowed(actor)]
    return [
        {"label": label, "url": url, "current": path == url or (url != "/" and path.startswith(url))}
        for label, url in shown
    ]


def start(actor: Actor) -> str:
    """Return the address of the first page in this person's menu; there is one for every role."""
    return reverse(next(item.url_name for item in _items if item.allowed(actor)))
