"""The staff menu: each app adds its pages, the menu shows those the person may open.

The pages of every day stand in the bar; the others are in groups that open (a group of which a person may open one page
stands in the bar as that page).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse

from accounts.actors import Actor


class Group(StrEnum):
    RECORDS = "記録"
    SETTINGS = "名簿と設定"


@dataclass(frozen=True)
class Item:
    label: str
    url_name: str
    allowed: Callable[[Actor], bool]
    order: int
    group: Group | None = None


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Menu:
    """Some links under one name; `here` is the page the person is on, if it is one of them."""

    label: str
    links: tuple[Link, ...]

    @property
    def here(self) -> Link | None:
        return here(self.links)


_items: list[Item] = []


def register(item: Item) -> None:
    """Add a page to the menu."""
    _items.append(item)
    _items.sort(key=lambda i: i.order)


def items_for(actor: Actor | None, path: str) -> list[Link | Menu]:
    """List the menu of one person, groups last; the page they are on is marked current."""
    if actor is None or not actor.is_staff or actor.lacks_factor:
        return []
    shown = [item for item in _items if item.allowed(actor)]
    links: dict[Group | None, list[Link]] = {group: [] for group in (None, *Group)}
    urls = {item: reverse(item.url_name) for item in shown}
    # 住所が入れ子の頁（/archive/ の中の頁）では、いちばん奥の一つだけ
    nearest = max((url for url in urls.values() if _holds(url, path)), key=len, default=None)
    for item, url in urls.items():
        links[item.group].append(Link(item.label, url, current=url == nearest))
    groups = [(group, tuple(links[group])) for group in Group]
    return [
        *links[None],
        *(Menu(group, them) if len(them) > 1 else them[0] for group, them in groups if them),
    ]


def here(items: Iterable[Link | Menu]) -> Link | None:
    """Return the page the person is on, wherever in the menu it stands."""
    links = (link for item in items for link in (item.links if isinstance(item, Menu) else (item,)))
    return next((link for link in links if link.current), None)


def _holds(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def start(actor: Actor) -> str:
    """Return the address of the first page in this person's menu; there is one for every role."""
    return reverse(next(item.url_name for item in _items if item.allowed(actor)))
