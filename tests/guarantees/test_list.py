"""The list of guarantees: what waits comes first, and a clerk narrows it to what they look for."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Role
from guarantees import services
from guarantees.models import Guarantee
from tests.guarantees.conftest import checked, clerk, contracted, officer, submitted

pytestmark = pytest.mark.django_db
ADDRESS = reverse("guarantee_list")


def listed(case, **asked: object) -> list[int]:
    """Give the guarantees that the list links to, in its order."""
    page = clerk(case.tenant).get(ADDRESS, asked).content.decode()
    return [int(pk) for pk in re.findall(r'<th scope="row">\s*<a href="/guarantees/(\d+)/"', page)]


@pytest.fixture
def guarantees(case) -> dict[str, Guarantee]:
    """Have one guarantee at each point: expected with the contract, waiting, and settled."""
    other = contracted(number="鳥工第900号", title="大木川河川改修工事")
    newer = submitted(case, number="2070004427")
    older = submitted(other, number="2070004428", at=timezone.now() - timedelta(days=3))
    held = checked(submitted(case, number="2070004429"))
    services.accept(held, actor=officer(case.tenant), at=timezone.now())
    waits = {"newer": newer, "older": older, "held": held}
    return waits | {"expected": expected_of(case), "other": expected_of(other)}


def expected_of(case) -> Guarantee:
    return Guarantee.unscoped.get(case=case, state="expected")


def test_the_longest_waiting_is_on_top_and_what_is_settled_comes_last(case, guarantees):
    found = listed(case)

    assert found[:2] == [guarantees["older"].pk, guarantees["newer"].pk]
    assert found[-1] == guarantees["held"].pk
    assert set(found) == {guarantee.pk for guarantee in guarantees.values()}


def test_a_line_says_how_long_it_has_been_waiting(case, guarantees):
    page = clerk(case.tenant).get(ADDRESS).content.decode()

    assert "3日前から" in page
    assert "照合・決定を待つもの（2）" in page
    assert "提出を待つもの（2）" in page
    assert "受理済・紙で受領（1）" in page


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"state": "open"}, ["older", "newer"]),
        ({"state": "expected"}, ["other", "expected"]),
        ({"state": "held"}, ["held"]),
        ({"state": "ended"}, []),
        ({"type": "contract"}, ["other", "expected"]),
        ({"words": "２０７０００４４２７"}, ["newer"]),
        ({"words": "大木川"}, ["older", "other"]),
        ({"words": "鳥工第900号", "state": "open"}, ["older"]),
        ({"words": "ない工事"}, []),
        ({"state": "nonsense", "words": "大木川"}, ["older", "other"]),
    ],
)
def test_the_list_is_narrowed_to_what_was_asked_for(case, guarantees, asked, kept):
    assert listed(case, **asked) == [guarantees[name].pk for name in kept]


def test_the_list_is_narrowed_to_a_department(case, guarantees):
    own, other = (Department.unscoped.get(tenant=case.tenant, name=name) for name in ("建設課", "契約検査課"))

    assert set(listed(case, department=own.pk)) == {guarantees[name].pk for name in ("older", "newer", "held")}
    assert listed(case, department=other.pk) == []


def test_nothing_found_says_what_to_do(case, guarantees):
    page = clerk(case.tenant, Role.AUDITOR).get(ADDRESS, {"words": "ない工事"}).content.decode()

    assert "当てはまる保証はありません" in page
    assert "条件を消す" in page
