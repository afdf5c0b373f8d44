"""Two people type a code for the same inbox at the same instant: no try is lost, and a code opens once."""

from collections.abc import Callable

from django.utils import timezone

from contracts.models import AddressCode, Case
from contracts.services.inboxes import codes
from tests.contracts.links.mailed import code_in, newest, wrong
from tests.race import stage
from tests.race.pair import IDLE, WON, Pair
from tests.race.stage import Scene


def asked(*, rightly: bool) -> Callable[[], Scene]:
    """Mail a code to the signer's address, and let both type it, or both something else."""

    def scene() -> Scene:
        told = stage.sent()
        email = told.step(1).email
        codes.send_to_enter(told.tenant, email=email, at=timezone.now(), ip=None)
        code = code_in(newest(told, "inbox_code"))
        typed = {"email": email, "code": code if rightly else wrong(code)}
        return Scene(told, typed, typed)

    return scene


def tries(case: Case) -> str:
    code = AddressCode.unscoped.get(tenant=case.tenant)
    return f"{code.wrong_tries}回、{'使用済み' if code.used_at else '未使用'}"


INBOX_PAIRS = [
    Pair(
        "窓口のコードの誤り × 誤り",
        asked(rightly=False),
        "open_inbox",
        "open_inbox",
        tries,
        {(IDLE, IDLE): "2回、未使用"},
    ),
    Pair(
        "窓口のコード × 同じコード",
        asked(rightly=True),
        "open_inbox",
        "open_inbox",
        tries,
        {(WON, IDLE): "0回、使用済み", (IDLE, WON): "0回、使用済み"},
    ),
]
