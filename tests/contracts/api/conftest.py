"""Another system of the city at the API, with a token of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import tenancy
from accounts.models import Organization, Role, User
from contracts.models import ApiToken, Scope
from contracts.services.integrating import tokens
from tests import factories
from tests.stories import Story, story


@dataclass
class System:
    """One of the city's other systems: it knows an address and a token, and nothing else."""

    token: ApiToken
    secret: str

    def ask(self, method: str, path: str, **more: Any) -> HttpResponse:
        """Send a request as a program does, and leave no city set behind for the next."""
        sent = {"HTTP_AUTHORIZATION": f"Bearer {self.secret}"} | more
        body = sent.pop("body", None)
        if body is not None:
            sent |= {"data": json.dumps(body), "content_type": "application/json"}
        tenancy.forget()
        return getattr(Client(), method)(f"/api/v1{path}", **sent)

    def get(self, path: str, **more: Any) -> HttpResponse:
        return self.ask("get", path, **more)


Connect = Callable[..., System]


def connect(tenant: Organization, *scopes: str, owner: User | None = None, **typed: Any) -> System:
    """Make a token for a system; for all scopes unless some are named."""
    at = timezone.now()
    tenancy.set_tenant(tenant.pk)
    keeper = factories.staff(tenant, Role.ADMINISTRATOR)
    person = owner or factories.member(tenant, Role.DRAFTER, Role.GUARANTEE_OFFICER)
    told = {"name": "財務会計", "scopes": scopes or list(Scope), "expires_at": at + timedelta(days=90)} | typed
    return System(*tokens.make(actor=keeper, at=at, owner=person, **told))


@pytest.fixture
def tosu(db: None) -> Story:
    return story()


@pytest.fixture
def system(tosu: Story) -> System:
    return connect(tosu.tenant)


def said(response: HttpResponse) -> Any:
    return json.loads(response.content)
