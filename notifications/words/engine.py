"""The engine that fills the templates of mails: a value that is missing stops the mail, and nothing is HTML."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NoReturn

from django.conf import settings
from django.template import Context, Engine
from django.template.backends.django import DjangoTemplates


class MissingVariable(LookupError):
    """A template names something that it was not given."""


class _Loud(str):
    """Stand in for a missing variable: Django formats it with the variable's name, and that fails."""

    __slots__ = ()

    def __mod__(self, name: object) -> NoReturn:
        raise MissingVariable(f"メールの文面に必要な値 {name} がありません。")


def text(name: str, values: Mapping[str, object]) -> str:
    """Fill a template of text; raises MissingVariable and TemplateDoesNotExist."""
    return _filled(name, values, escape=False)


def html(name: str, values: Mapping[str, object]) -> str:
    """Fill a template of HTML, in which every value is escaped."""
    return _filled(name, values, escape=True)


def source(name: str) -> str:
    """Read a file among the templates as it is; raise TemplateDoesNotExist where there is none."""
    return str(get().get_template(name).source)


def _filled(name: str, values: Mapping[str, object], *, escape: bool) -> str:
    template = get().get_template(name)
    return str(template.render(Context(dict(values), autoescape=escape)))


@lru_cache(maxsize=1)
def get() -> Engine:
    """Build the engine once; its templates are read once too."""
    backend = DjangoTemplates(
        {
            "NAME": "mail",
            "DIRS": settings.TEMPLATES[0]["DIRS"],
            "APP_DIRS": False,
            "OPTIONS": {"string_if_invalid": _Loud("%s")},
        }
    )
    return backend.engine
