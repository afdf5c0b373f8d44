"""Writing a mail: its words, the facts below them, the link and how long it lives, and whom to ask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from accounts.models import Organization
from notifications.words import engine, layout, patterns, standard

SUBJECT_LENGTH = 200
LINE = "-" * 50


@dataclass(frozen=True)
class Own:
    """A city's own words for a mail: subject and lead, patterns, and a note of its own; "" leaves the standard."""

    subject: str = ""
    lead: str = ""
    note: str = ""


@dataclass(frozen=True)
class Words:
    """One mail, ready for its envelope; the HTML is made from the text, when it is asked for."""

    subject: str
    main: str
    foot: str
    link: str
    ours: frozenset[str]

    @property
    def text(self) -> str:
        return f"{self.main}\n{LINE}\n{self.foot}"

    @cached_property
    def html(self) -> str:
        values = {
            "subject": self.subject,
            "main": list(layout.blocks(self.main, ours=self.ours)),
            "foot": list(layout.blocks(self.foot, ours=self.ours)),
            "link": self.link,
        }
        return re.sub(r"\n\s*\n", "\n", engine.html("notifications/base.html", values))


def write(
    *,
    tenant: Organization,
    template: str,
    context: Mapping[str, object],
    link: str | None,
    code: str | None = None,
    own: Own | None = None,
) -> Words:
    """Write a mail; raise MissingVariable, or Refused where the subject would not be one line."""
    said, own = standard.of(template), own or Own()
    values = _values(tenant, context, link=link, code=code)
    named = _Named(values)
    values["lines"] = {
        "to": patterns.fill(said.to, named),
        "lead": patterns.fill(own.lead or said.lead, named),
        "facts": engine.text(f"notifications/{template}/body.txt", values).strip("\n"),
        "note": patterns.fill(own.note, named),
        "life": patterns.fill(said.life, named) if link else "",
        "action": said.action,
    }
    subject = patterns.fitting(own.subject or said.subject, named, limit=SUBJECT_LENGTH)
    return Words(
        subject=patterns.one_line(subject),
        main=_even(engine.text("notifications/main.txt", values)),
        foot=_even(engine.text("notifications/foot.txt", values)),
        link=link or "",
        ours=frozenset(filter(None, (link, tenant.help_form, f"{settings.BASE_URL}/"))),
    )


def _values(
    tenant: Organization, context: Mapping[str, object], *, link: str | None, code: str | None
) -> dict[str, Any]:
    given = {name: layout.tame(value) for name, value in context.items()}
    here = {"city": tenant, "tenant_name": tenant.name, "city_name": tenant.name, "site": settings.BASE_URL}
    return {**given, **here, "link": link or "", "code": code or ""}


def _even(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


class _Named(Mapping[str, str]):
    """The values of a mail under the Japanese names of their placeholders."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        key = standard.glossary().names.get(name)
        if key is None or key not in self._values:
            raise engine.MissingVariable(f"メールの文面に必要な値 {name} がありません。")
        return str(self._values[key])

    def __iter__(self) -> Any:
        return iter(standard.glossary().names)

    def __len__(self) -> int:
        return len(standard.glossary().names)
