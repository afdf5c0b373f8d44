"""Ten thousand guesses by several workers at once: five are compared, then the number is stopped; two are told."""

from collections import Counter

import pytest
from django.utils import timezone

from accounts import tenancy
from guarantees.issuing.services import entering, viewing
from guarantees.issuing.services.viewing import MOST_TRIES, Outcome
from guarantees.models.issuing import Tries
from notifications.models import Delivery
from tests.guarantees.registry.conftest import CONTEXT
from tests.guarantees.registry.guesser import PATIENCE, main

pytestmark = pytest.mark.xdist_group("registry")
WORKERS, GUESSES = 4, 2500


def guessed(guarantor_id: int, number: str) -> Counter[str]:
    """Let the workers guess, all from the same instant, and count what they were told."""
    barrier = CONTEXT.Barrier(WORKERS)
    pipes = [CONTEXT.Pipe() for _ in range(WORKERS)]
    arguments = (barrier, guarantor_id, number, GUESSES)
    workers = [CONTEXT.Process(target=main, args=(far, *arguments), daemon=True) for _, far in pipes]
    for worker in workers:
        worker.start()
    said: Counter[str] = Counter()
    for (near, far), worker in zip(pipes, workers, strict=True):
        assert near.poll(5 * PATIENCE)
        said += near.recv()
        worker.join(PATIENCE)
        worker.close()
        near.close()
        far.close()
    return said


def test_ten_thousand_guesses_get_five_tries(instance):
    certificate, key = instance.another()
    books = instance.books

    said = guessed(books.guarantor.pk, certificate.number)

    assert said == {Outcome.REFUSED: MOST_TRIES - 1, Outcome.LOCKED: WORKERS * GUESSES - MOST_TRIES + 1}
    with tenancy.acting_for(books.guarantor.pk):
        assert Tries.unscoped.get(number=certificate.number).wrong == MOST_TRIES
        actor = entering.visitor(books.city, ip=None, user_agent="")
        asked = {"number": certificate.number, "key": key}
        assert viewing.view(books.city, actor=actor, at=timezone.now(), **asked).outcome is Outcome.LOCKED
        told = Delivery.unscoped.filter(template="guarantees/issuing_locked", context__number=certificate.number)
        assert sorted(told.values_list("to", flat=True)) == ["hosho@nishinihon.example.jp", books.city.email]
