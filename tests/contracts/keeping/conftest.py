"""A concluded case whose works were completed so long ago that its term has ended, and those who decide."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from contracts.models import Custody, Disposal
from contracts.services.keeping import disposing, proposing, terms
from tests import factories
from tests.stories import Story, story

LONG_AGO = date(2000, 3, 31)


@pytest.fixture
def tosu(db: None) -> Story:
    """Conclude a contract of a city that keeps everything for five years."""
    told = story()
    factories.rule_set(told.tenant, retention={"period": "five_years", "count_from": "fiscal_year", "kinds": {}})
    return told.concluded()


@pytest.fixture
def kept(tosu: Story) -> Custody:
    """Complete its works long ago, so that its term is over."""
    terms.on_completed(tosu.case, LONG_AGO, tosu.drafter, timezone.now())
    return Custody.unscoped.get(case=tosu.case)


@pytest.fixture
def keeper(tosu: Story) -> factories.Actor:
    return factories.staff(tosu.tenant, Role.ADMINISTRATOR)


@pytest.fixture
def second(tosu: Story) -> factories.Actor:
    return factories.staff(tosu.tenant, Role.APPROVER)


@pytest.fixture
def approved(tosu: Story, keeper: factories.Actor, second: factories.Actor) -> Callable[[], Disposal]:
    """Propose what is due by yesterday, and have two others approve it."""

    def act() -> Disposal:
        at = timezone.now()
        made = proposing.propose(up_to=yesterday(), actor=keeper, at=at)
        proposing.approve(made, actor=tosu.approver, at=at)
        return proposing.approve(made, actor=second, at=at)

    return act


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def dispose(tosu: Story) -> int:
    """Let the worker do all that is due; tell how many pieces there were."""
    pieces = 0
    while disposing.dispose_next(tenant_id=tosu.tenant.pk, at=timezone.now()):
        pieces += 1
    return pieces
