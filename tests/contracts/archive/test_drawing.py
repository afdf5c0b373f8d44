"""A drawn set can be drawn again by anyone, and what comes later leaves it as it was."""

import hashlib
from datetime import date

import pytest

from accounts.models import Organization, Role
from accounts.refusals import Refusal
from contracts.archive import drawing, entries
from contracts.archive.asking import Wanted
from contracts.archive.drawing import Draw
from contracts.archive.entries import Filing, Outside
from contracts.models import Archived, ArchiveEntry, EntryState
from tests import factories

BRIDGES = Wanted(titles=("橋",))


def sample(auditor, *, seed="r8", size=10, wanted=BRIDGES) -> Draw:
    return Draw(wanted, upto=drawing.last_entry(auditor), size=size, seed=seed)


def answers(auditor, **conditions):
    rows = ArchiveEntry.objects.visible_to(auditor).filter(is_current=True, **conditions)
    return set(rows.values_list("id", flat=True))


def test_a_sample_is_the_smallest_hashes_of_seed_and_number(auditor):
    found = answers(auditor, title_key__contains="橋")
    right = sorted(found, key=lambda pk: hashlib.sha256(f"r8:{pk}".encode()).digest())

    assert drawing.drawn(sample(auditor), actor=auditor) == right[:10]
    assert drawing.population(sample(auditor), actor=auditor) == len(found) > 50


def test_the_same_seed_draws_the_same_and_another_draws_others(auditor):
    once, again = (drawing.drawn(sample(auditor), actor=auditor) for _ in range(2))

    assert once == again
    assert set(once) != set(drawing.drawn(sample(auditor, seed="r9"), actor=auditor))


def test_what_is_filed_and_corrected_later_leaves_a_set_as_it_was(auditor):
    draws = [sample(auditor), Draw(Wanted(least_amount=5_000_000), upto=drawing.last_entry(auditor))]
    before = [drawing.drawn(draw, actor=auditor) for draw in draws]
    city = Organization.objects.get(pk=auditor.tenant_id)

    file_later(city)
    drawn = ArchiveEntry.unscoped.filter(pk__in=before[0][:4] + before[1][:4])
    entries.restate(drawn, EntryState.ENDED)
    entries.restate(ArchiveEntry.unscoped.filter(tenant=city, subject__in=drawn.values("subject")), EntryState.CHANGED)

    assert [drawing.drawn(draw, actor=auditor) for draw in draws] == before
    now = Draw(BRIDGES, upto=drawing.last_entry(auditor), size=10, seed="r8")
    assert drawing.drawn(now, actor=auditor) != before[0]


def file_later(city: Organization) -> None:
    for number in range(40):
        case = Outside(tenant_id=city.pk, number=f"後{number}")
        what = {"what": Archived.CONTRACT, "subject": f"later:{number}", "title": "橋梁補修工事", "party": "後の会社"}
        entries.file(Filing(**what, day=date(2024, 5, 1), amount=9_000_000, case=case))


def test_without_a_size_everything_is_drawn_the_newest_first(auditor):
    draw = Draw(Wanted(least_amount=8_000_000), upto=drawing.last_entry(auditor))

    ids = drawing.drawn(draw, actor=auditor)

    assert set(ids) == answers(auditor, amount__gte=8_000_000)
    days = [entry.concluded_date for entry in drawing.entries(ids, actor=auditor)]
    assert days == sorted(days, reverse=True)


def test_too_many_are_refused_and_a_sample_of_them_is_not(auditor, monkeypatch):
    monkeypatch.setattr(drawing, "MOST", 20)

    with pytest.raises(Refusal, match="20件まで"):
        drawing.drawn(Draw(Wanted(), upto=drawing.last_entry(auditor)), actor=auditor)
    assert len(drawing.drawn(sample(auditor, wanted=Wanted(), size=500), actor=auditor)) == 20


def test_nothing_of_another_city_is_drawn(auditor):
    drawn = drawing.drawn(sample(auditor, wanted=Wanted(), size=5_000), actor=auditor)
    stranger = factories.staff(factories.city("usuki"), Role.AUDITOR)

    assert drawing.entries(drawn, actor=stranger) == []
    factories.city("tosu")
    assert {entry.tenant_id for entry in drawing.entries(drawn, actor=auditor)} == {auditor.tenant_id}
