"""A worker that guesses keys, in an operating-system process of its own."""

from collections import Counter
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

PATIENCE = 60  # 秒


def main(track: Connection, barrier: Barrier, guarantor_id: int, number: str, guesses: int) -> None:
    """Guess so many keys of one number as fast as it goes; tell how often each answer came."""
    import django

    django.setup()
    from django.utils import timezone

    from accounts import tenancy
    from guarantees.issuing.services import entering, viewing
    from guarantees.models.issuing import Correspondent, Side

    with tenancy.acting_for(guarantor_id):
        orderer = Correspondent.unscoped.select_related("tenant").get(side=Side.ORDERER)
    actor = entering.visitor(orderer, ip=None, user_agent="")
    said: Counter[str] = Counter()
    barrier.wait(PATIENCE)
    for guess in range(guesses):
        with tenancy.acting_for(guarantor_id):
            answer = viewing.view(orderer, actor=actor, at=timezone.now(), number=number, key=f"{guess:010}")
        said[answer.outcome] += 1
    track.send(said)
