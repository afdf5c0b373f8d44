"""A city whose archive holds a few hundred entries of every sort, and a neighbour with as many."""

import random
from datetime import date, timedelta

import pytest

from accounts.models import Organization, Role
from contracts.dates import fiscal_year
from contracts.folding import search_key
from contracts.models import ArchiveEntry
from tests import factories

PARTIES = ("㈱髙﨑𠮷建設", "高崎吉建設", "松尾建設株式会社", "ｱﾋﾞｺ電設(有)", "渡邉組", "渡辺組", "ＮＴＴ西日本")
TITLES = ("市道元町線道路改良工事", "橋梁補修工事", "橋りょう点検業務委託", "駅前広場整備工事", "給食ｾﾝﾀｰ改築")
KINDS = ("construction", "survey_consulting", "maintenance")


@pytest.fixture
def auditor(db):
    fill(factories.city("usuki"), seed=2)
    tosu = factories.city("tosu")
    fill(tosu, seed=1)
    return factories.staff(tosu, Role.AUDITOR)


def fill(city: Organization, *, seed: int, count: int = 300) -> None:
    """File entries of other vendors' contracts, which have no case here."""
    dice = random.Random(seed)
    ArchiveEntry.unscoped.bulk_create(_entry(city, number, dice) for number in range(count))


def _entry(city: Organization, number: int, dice: random.Random) -> ArchiveEntry:
    party, title, written = dice.choice(PARTIES), dice.choice(TITLES), f"Ｒ7-{number % 40}号"
    day = date(2024, 3, 20) + timedelta(days=dice.randrange(400))
    return ArchiveEntry(
        tenant=city,
        what=dice.randint(1, 4),
        state=dice.randint(1, 3),
        subject=f"test:{number}",
        concluded_date=day,
        fiscal_year=fiscal_year(day),
        amount=dice.randrange(1, 9) * 1_000_000,
        kind=dice.choice(KINDS),
        number=written,
        title=title,
        party=party,
        title_key=search_key(title),
        party_key=search_key(party),
        number_key=search_key(written),
        is_current=dice.random() > 0.1,
    )
