"""A deed asked for with many others waits for the worker while somebody else reaches for the same contract."""

from uuid import uuid4

from django.utils import timezone

from contracts.models import Batch, BatchKind, Case
from contracts.services.batches import asking
from contracts.services.batches.kinds import KINDS
from contracts.states import VersionState
from tests import factories
from tests.race import stage, watching
from tests.race.moves import BY_PASSWORD
from tests.race.pair import IDLE, REFUSED, WON, Pair
from tests.race.stage import Ids, Scene

ALL_SIGNED = VersionState.ALL_SIGNED
DRAFT, IN_APPROVAL = VersionState.DRAFT, VersionState.IN_APPROVAL


def pressed_twice() -> Scene:
    told = stage.city_asked()
    ids: Ids = {"step": told.step(2).pk, "user": told.signatory.pk, "key": str(uuid4())}
    return Scene(told, ids, ids)


def asked(rival: str) -> Scene:
    """Ask for the city's signature with one press; its rival is a second worker, the city's own hand, or a recall."""
    told = stage.city_asked()
    actor = factories.actor(told.signatory, told.tenant)
    press = {"key": uuid4(), "actor": actor, "at": timezone.now(), "authentication": BY_PASSWORD}
    asking.ask(KINDS[BatchKind.SIGN], targets=[told.step(2).pk], **press)
    rivals: dict[str, Ids] = {
        "carry_out": {},
        "sign_for_the_city": {"step": told.step(2).pk, "user": told.signatory.pk},
        "recall": {"version": told.version.pk, "user": told.drafter.user_id},
    }
    return Scene(told, {}, rivals[rival])


def submitted(rival: str) -> Scene:
    """Ask for the approval of a draft with one press; its rival is an edit of it, or the single request."""
    told = stage.drafted()
    seen = {told.version.pk: told.version.edit_number}
    press = {"key": uuid4(), "actor": told.drafter, "at": timezone.now(), "seen": seen}
    asking.ask(KINDS[BatchKind.SUBMIT], targets=list(seen), **press)
    hand: Ids = {"version": told.version.pk, "user": told.drafter.user_id}
    return Scene(told, {}, hand | ({"amount": 13_000_000} if rival == "edit" else {}))


def presses(case: Case) -> str:
    return str(Batch.unscoped.filter(deeds__case=case).count())


BATCH_PAIRS = [
    Pair(
        "まとめて署名の worker × worker",
        lambda: asked("carry_out"),
        "carry_out",
        "carry_out",
        watching.version_state,
        {(WON, IDLE): ALL_SIGNED, (IDLE, WON): ALL_SIGNED},
    ),
    Pair(
        "まとめて署名の worker × 同じ人の一件の署名",
        lambda: asked("sign_for_the_city"),
        "carry_out",
        "sign_for_the_city",
        watching.version_state,
        {(WON, WON): ALL_SIGNED},
    ),
    Pair(
        "まとめて署名の worker × 取下げ",
        lambda: asked("recall"),
        "carry_out",
        "recall",
        watching.version_state,
        {(WON, REFUSED): ALL_SIGNED, (WON, WON): VersionState.RECALLED},
    ),
    Pair(
        "まとめて承認依頼の worker × 同じ起案の編集",
        lambda: submitted("edit"),
        "carry_out",
        "edit",
        watching.edited,
        {(WON, REFUSED): f"{IN_APPROVAL} 0 11000000", (WON, WON): f"{DRAFT} 1 13000000"},
        is_slow=True,
        latest=0.2,
    ),
    Pair(
        "まとめて承認依頼の worker × 同じ人の一件の依頼",
        lambda: submitted("submit"),
        "carry_out",
        "submit",
        watching.version_state,
        {(WON, REFUSED): IN_APPROVAL, (WON, WON): IN_APPROVAL},
        is_slow=True,
        latest=0.2,
    ),
    Pair(
        "まとめて署名の二度押し（同じ画面）",
        pressed_twice,
        "ask_together",
        "ask_together",
        presses,
        {(WON, WON): "1"},
    ),
]
