"""A contract of elsewhere whose term has ended, a concluded case, and those who decide on them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from contracts.models import Custody, Disposal, ForeignContract
from contracts.services.keeping import disposing, proposing, terms
from guarantees import services as guarantees
from tests import factories
from tests.stories import Story, story

LONG_AGO = date(2000, 3, 31)
FIVE_YEARS = {"period": "five_years", "count_from": "fiscal_year", "kinds": {}}


@pytest.fixture
def tosu(db: None) -> Story:
    """Found a city that keeps everything for five years, with one case."""
    told = story()
    factories.rule_set(told.tenant, retention=FIVE_YEARS)
    return told


def foreign(tosu: Story) -> ForeignContract:
    return factories.foreign(tosu.tenant, by=tosu.drafter)


@pytest.fixture
def kept(tosu: Story) -> Custody:
    """Keep a contract of elsewhere whose works were completed so long ago that its term is over."""
    return terms.begin(foreign(tosu), completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())


@pytest.fixture
def whole(tosu: Story) -> Custody:
    """Keep a concluded case, completed, and counted as if that had been long ago."""
    tosu.concluded()
    guarantees.complete(tosu.case, actor=tosu.drafter, at=timezone.now(), completed_date=timezone.localdate())
    terms.completed(tosu.case, completed_date=LONG_AGO, actor=tosu.drafter, at=timezone.now())
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
