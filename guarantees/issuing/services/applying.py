"""Apply for a guarantee, or for the change of one that stands (R101, R106)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import permissions as doors
from accounts.actors import Actor
from contracts.services import evidence
from guarantees.issuing import messages, permissions
from guarantees.issuing.refusals import IssuingRefused
from guarantees.models import GuaranteeType
from guarantees.models.issuing import Application, Correspondent, IssuedCertificate, Side

PERIOD_ONLY = (
    "工期だけの変更では、保証期間が工期に応じて自動的に変わるため、変更の保証証書は発行しません。"
    "このままの証書で保証が続きます。"
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be guaranteed; amounts in whole yen with tax, `base_price` only where it differs (対象額)."""

    work_title: str
    price: int
    amount: int
    work_from: date
    work_until: date
    base_price: int | None = None
    deposit_bank: str = ""


@transaction.atomic
def apply(
    applicant: Correspondent, *, actor: Actor, at: datetime, type_: str, orderer: Correspondent, wish: Wish
) -> Application:
    """Apply for a guarantee; raises IssuingRefused for what no certificate could say."""
    doors.check(permissions.can_apply, actor)
    if orderer.side != Side.ORDERER:
        raise IssuingRefused("発注者を一覧から選んでください。")
    _check(wish, type_=type_)
    application = Application(
        tenant_id=applicant.tenant_id, applicant=applicant, orderer=orderer, type=type_, applied_at=at, **asdict(wish)
    )
    application.save(force_insert=True)
    return _applied(application, actor=actor, at=at)


@transaction.atomic
def apply_for_change(certificate: IssuedCertificate, *, actor: Actor, at: datetime, wish: Wish) -> Application:
    """Apply for a change certificate （変更）; a change of the period alone needs none, and is refused so (R106)."""
    doors.check(permissions.can_take_notice, actor, certificate)
    before = certificate.application
    _check(wish, type_=before.type)
    if _amounts(wish) == _amounts(before):
        raise IssuingRefused(PERIOD_ONLY)
    application = Application(
        tenant_id=before.tenant_id,
        applicant_id=before.applicant_id,
        orderer_id=before.orderer_id,
        type=before.type,
        changes=certificate,
        applied_at=at,
        **asdict(wish),
    )
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError as clash:
        if "one_open_change_per_certificate" not in str(clash):
            raise
        raise IssuingRefused("この証書の変更は、すでに申し込まれています。審査の結果をお待ちください。") from clash
    return _applied(application, actor=actor, at=at)


def _amounts(said: "Wish | Application") -> tuple[object, ...]:
    return said.price, said.base_price, said.amount, said.work_title


def _check(wish: Wish, *, type_: str) -> None:
    if wish.work_until < wish.work_from:
        raise IssuingRefused("工期の終わりが、始まりより前になっています。")
    if wish.base_price is not None and not 0 < wish.base_price <= wish.price:
        raise IssuingRefused("請負金額の対象額は、総額を超えない額を入力してください。")
    if not 0 < wish.amount <= (wish.base_price or wish.price):
        raise IssuingRefused("保証金額は、1円以上で、請負金額を超えない額を入力してください。")
    if type_ != GuaranteeType.CONTRACT and not wish.deposit_bank.strip():
        raise IssuingRefused("前払金を預け入れる金融機関を入力してください。")


def _applied(application: Application, *, actor: Actor, at: datetime) -> Application:
    messages.applied(application, at=at)
    record("issuing.applied", application, actor=actor, at=at, amount=application.amount, price=application.price)
    return application


def record(action: str, application: Application, *, actor: Actor, at: datetime, **data: object) -> None:
    """Add an event to the thread of an application and its certificate; last in a service."""
    evidence.record_in(
        thread_of(application),
        action,
        subject=thread_of(application),
        actor=actor,
        at=at,
        type=application.get_type_display(),
        work_title=application.work_title,
        **data,
    )


def thread_of(application: Application) -> str:
    """Name the thread in which an application, its certificate and every look at it stand."""
    return f"issuing:{application.pk}"
