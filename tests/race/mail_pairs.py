"""Staff take a mail back, send it again or put its address right while its reader is at the very link."""

from collections.abc import Callable

from contracts.models import AccessLink, Case, Purpose, SigningStep
from notifications.models import Delivery
from tests.race import stage
from tests.race.pair import REFUSED, WON, Pair
from tests.race.stage import Scene

OLD, NEW = "keiyaku@takasaki.example.jp", "keiyaku2@takasaki.example.jp"


def asked(*, reader: str, email: str = "") -> Callable[[], Scene]:
    """Ask a contractor to sign: staff hold the mail, and its reader the link ("link") or the step ("step")."""

    def scene() -> Scene:
        told = stage.sent()
        link = stage.link_of(told)
        mail = Delivery.unscoped.filter(template="contracts/signature_requested").latest("pk")
        desk = {"delivery": mail.pk, "user": told.drafter.user_id} | ({"email": email} if email else {})
        others = {"link": {"link": link}, "step": {"link": link, "step": told.step(1).pk}, "desk": desk}
        return Scene(told, desk, others[reader])

    return scene


def link(case: Case) -> str:
    row = AccessLink.unscoped.get(case=case, purpose=Purpose.SIGN)
    return f"{'無効' if row.revoked_at else '有効'}、{'開封' if row.opened_at else '未開封'}"


def living_links(case: Case) -> str:
    return "、".join(
        AccessLink.unscoped.filter(case=case, purpose=Purpose.SIGN, revoked_at=None).values_list("email", flat=True)
    )


def signer(case: Case) -> str:
    step = SigningStep.unscoped.get(version__contract__case=case, order=1)
    return f"{step.email} {step.state}"


MAIL_PAIRS = [
    Pair(
        "メールの取り戻し × 「確認する」",
        asked(reader="link"),
        "take_back",
        "enter",
        link,
        {(WON, REFUSED): "無効、未開封", (REFUSED, WON): "有効、開封"},
        latest=0.2,
    ),
    Pair(
        "宛先を直す × 前の宛先の署名",
        asked(reader="step", email=NEW),
        "put_right",
        "sign",
        signer,
        {(WON, REFUSED): f"{NEW} requested", (REFUSED, WON): f"{OLD} instructed"},
        latest=0.2,
    ),
    Pair(
        "メールの送り直し × 送り直し（二つの画面）",
        asked(reader="desk"),
        "send_again",
        "send_again",
        living_links,
        {(WON, WON): OLD},
    ),
]
