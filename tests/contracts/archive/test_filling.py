"""What was there before the archive is brought into it in the worker, which may be stopped anywhere and goes on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts import hooks, tasks
from contracts.archive import filling
from contracts.models import ArchiveBackfill, ArchiveEntry, Consent
from contracts.services.consents import consenting
from contracts.states import ConsentState
from tests import factories
from vault import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> ArchiveBackfill:
    """A city with seven consents that were accepted before there was an archive, and two that were not."""
    city = factories.city("tosu")
    case = factories.case(city)
    for _ in range(7):
        _consent(case, ConsentState.ACCEPTED)
    _consent(case, ConsentState.INVITED)
    _consent(case, ConsentState.CANCELLED)
    return ArchiveBackfill.unscoped.create(tenant=city, source="consent", due_at=timezone.now())


def _consent(case, state: ConsentState) -> Consent:
    at, firm = timezone.now(), factories.contractor(case.tenant)
    consent = consenting.prefilled(case, firm)
    consent.state = state
    if state == ConsentState.ACCEPTED:
        consent.accepted_at = consent.submitted_at = consent.address_confirmed_at = at
        consent.paper = files.store(tenant_id=case.tenant_id, content=factories.pdf())
    if state == ConsentState.CANCELLED:
        consent.cancelled_at, consent.cancel_reason = at, "宛先の誤り"
    consent.save(force_insert=True)
    return consent


def filed() -> list[str]:
    return sorted(ArchiveEntry.unscoped.values_list("subject", flat=True))


def wanted() -> list[str]:
    accepted = Consent.unscoped.filter(accepted_at__isnull=False)
    return sorted(f"consent:{consent.pk}" for consent in accepted)


def fill(row: ArchiveBackfill, *, after: timedelta = timedelta()) -> bool:
    return filling.fill_next(tenant_id=row.tenant_id, at=timezone.now() + after)


def test_the_bell_brings_everything_in_once(waiting):
    tasks.file_old()

    assert filed() == wanted()
    waiting.refresh_from_db()
    assert waiting.due_at is None
    assert not fill(waiting)


def test_it_goes_on_step_by_step(waiting, monkeypatch):
    monkeypatch.setattr(filling, "AT_A_TIME", 3)

    assert [fill(waiting) for _ in range(4)] == [True, True, True, False]
    assert filed() == wanted()


def test_a_crash_in_the_middle_loses_nothing_and_files_nothing_twice(waiting, monkeypatch):
    source, seen = hooks.archive_sources["consent"], []

    def crash(consent):
        seen.append(consent)
        if len(seen) == 5:
            raise MemoryError
        source.follow(consent)

    with monkeypatch.context() as patched:
        patched.setitem(hooks.archive_sources, "consent", hooks.ArchiveSource(source.rows, crash))
        with pytest.raises(MemoryError):
            fill(waiting)
    assert len(filed()) == 4
    assert not fill(waiting), "まだ、止まった働き手の持ち分"

    assert fill(waiting, after=filling.LEASE + timedelta(seconds=1))
    assert filed() == wanted()


def test_what_was_withdrawn_meanwhile_is_filed_as_it_stands_now(waiting):
    consent = Consent.unscoped.filter(state=ConsentState.ACCEPTED).first()
    consent.state, consent.withdrawn_at, consent.withdrawal_reason = ConsentState.WITHDRAWN, timezone.now(), "紙へ"
    consent.save()

    fill(waiting)

    assert ArchiveEntry.unscoped.get(subject=f"consent:{consent.pk}").get_state_display() == "終了"
