"""The standard words of each mail: templates/notifications/<template>/words.toml, and what its placeholders stand for.

templates/notifications/values.toml names, once for all mails, the value behind each placeholder and a sample of every
value, from which previews are written.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from notifications.words import engine


@dataclass(frozen=True)
class Standard:
    """The words before the facts of a mail.

    `to` addresses the reader, `lead` says what has happened, `action` what the link's button does, where the mail
    may carry one. `life` says until
    when a link of the addressee's lives; a link without it opens a page for which one signs in. `values` are the
    placeholders that a city may use in words of its own, `samples` what a sample of this mail says otherwise.
    """

    subject: str
    to: str
    lead: str
    values: tuple[str, ...]
    action: str = ""
    life: str = ""
    samples: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Glossary:
    """What the placeholders stand for: the name of the value behind each, and a sample of every value."""

    names: dict[str, str]
    samples: dict[str, Any]


@cache
def of(template: str) -> Standard:
    """Read the standard words of a mail; raise TemplateDoesNotExist where there is none."""
    read = tomllib.loads(engine.source(f"notifications/{template}/words.toml"))
    return Standard(**read | {"values": tuple(read["values"])})


@cache
def glossary() -> Glossary:
    """Read what every placeholder stands for."""
    return Glossary(**tomllib.loads(engine.source("notifications/values.toml")))


def forget() -> None:
    """Read everything anew, where other templates are to be used."""
    of.cache_clear()
    glossary.cache_clear()
    engine.get.cache_clear()
