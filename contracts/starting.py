"""Where to begin: what a new city and a new colleague set up, in order; what is done is counted, never ticked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import FACTORS, WITH_FACTOR, Department, Membership, Organization, Role
from contracts import guide, hooks, rules
from contracts.dates import wareki
from contracts.guide import Published
from contracts.hooks import Beginning
from contracts.models import ApprovalAct, Case, Contractor, Party, SigningStep

# 役割のない市では、契約が進まない。
NEEDED = (Role.DRAFTER, Role.APPROVER, Role.SIGNATORY, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Progress:
    """Some steps, and how many of them are done."""

    steps: tuple[Beginning, ...]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_whole(self) -> bool:
        return self.done == len(self.steps)

    @property
    def next(self) -> Beginning | None:
        """Find the first step that is not done."""
        return next((step for step in self.steps if not step.is_done), None)


def of_city(city: Organization, *, actor: Actor, at: datetime) -> Progress:
    """Count what is set up in a city, in the order in which it is set up."""
    today = timezone.localdate(at)
    found = guide.published(city, on=today)
    own = [_rules(found), _told(found), _named(city), _desk(city), _departments(actor)]
    own += [*_people(actor, at=at), _register(actor)]
    above = [step for find in hooks.beginnings for step in find(actor)]
    return Progress((*own, *above, _certificate(), _first_case(actor)))


def of_person(actor: Actor) -> Progress:
    """Count what a member of staff has set up and done for the first time."""
    return Progress((_second_factor(actor), *_first_deeds(actor)))


def _rules(found: Published) -> Beginning:
    said = ""
    if found.current:
        said = f"{found.current.name}（第{found.current.number}版）を適用しています"
    elif found.coming:
        said = f"{wareki(found.coming.effective_date)}から適用します"
    text = "電子契約の対象、期限の数え方、承諾書、決裁の経路、保証の提出先などを定めます。"
    return Beginning("規程を公開する", text, reverse("rules"), is_done=found.current is not None, said=said)


def _told(found: Published) -> Beginning:
    data = found.current.data if found.current else None
    kinds = {"guide": "手引", "checklist": "落札前の確認", "faq": "よくある質問", "outage": "つながらないときの定め"}
    missing = [label for key, label in kinds.items() if data is None or not rules.text(data, key)]
    text = "受注者が開く公開の頁の文です。規程の「案内の文」で直せます。"
    said = f"まだないもの：{'、'.join(missing)}" if missing else ""
    return Beginning("受注者への案内を書く", text, reverse("rules"), is_done=not missing, said=said)


def _named(city: Organization) -> Beginning:
    text = "契約書と承諾書に印字します。"
    known = bool(city.mayor_title and city.mayor_name and city.address)
    return Beginning("首長の職名・氏名と所在地を入れる", text, reverse("city_settings"), is_done=known)


def _desk(city: Organization) -> Beginning:
    text = "電話と受付時間、メールを、すべての画面とメールに載せます。"
    known = bool(city.help_phone and city.help_hours and city.help_email)
    return Beginning("問い合わせ先を入れる", text, reverse("city_settings"), is_done=known)


def _departments(actor: Actor) -> Beginning:
    rows = Department.objects.visible_to(actor)
    count, reachable = rows.count(), rows.exclude(phone="").count()
    text = "課の電話は、受注者へのメールに載ります。"
    done = 0 < count == reachable
    said = f"{count}課のうち、{reachable}課に電話があります"
    return Beginning("課と、その電話を入れる", text, reverse("department_list"), is_done=done, said=said)


def _people(actor: Actor, *, at: datetime) -> Iterator[Beginning]:
    held = Membership.objects.visible_to(actor).held_on(timezone.localdate(at))
    roles = set(held.values_list("role", flat=True).distinct())
    missing = [role.label for role in NEEDED if role not in roles]
    said = f"まだいない役割：{'、'.join(missing)}" if missing else ""
    text = "起案者、承認者、署名者などを、課と任期とともに登録します。"
    yield Beginning("職員を登録する", text, reverse("people"), is_done=not missing, said=said)
    signers = set(held.filter(role=Role.SIGNATORY).values_list("user_id", flat=True))
    ready = _with_second_factor(signers)
    said = f"{len(signers)}人のうち、{ready}人が済んでいます"
    text = "署名には、パスワードのほかに、認証アプリのコードかパスキーが要ります。本人が設定します。"
    done = 0 < len(signers) == ready
    yield Beginning("署名者が二要素認証を設定する", text, reverse("people"), is_done=done, said=said)


def _with_second_factor(people: Iterable[int | None]) -> int:
    rows = Authenticator.objects.filter(user_id__in=people, type__in=FACTORS)
    return int(rows.values("user_id").distinct().count())


def _register(actor: Actor) -> Beginning:
    known = Contractor.objects.visible_to(actor).exists()
    text = "競争入札参加資格者名簿を、CSV で取り込みます。"
    return Beginning("事業者の名簿を取り込む", text, reverse("register_import"), is_done=known)


def _certificate() -> Beginning:
    text = "契約書に署名する証明書です。運営者が用意します。"
    said = "いまは、自己署名の試験用証明書です" if settings.TEST_CERTIFICATE else ""
    done = not settings.TEST_CERTIFICATE
    return Beginning("本番の証明書に替える", text, reverse("city_settings"), is_done=done, said=said)


def _first_case(actor: Actor) -> Beginning:
    known = Case.objects.visible_to(actor).exists()
    text = "起案者が、落札した案件を登録します。CSV でまとめて登録もできます。"
    return Beginning("最初の案件を登録する", text, reverse("case_list"), is_done=known)


def _second_factor(actor: Actor) -> Beginning:
    known = _with_second_factor([actor.user_id]) > 0
    who = (
        "設定をお勧めします。" if WITH_FACTOR.isdisjoint(actor.roles) else "署名する人と運用管理者は、必ず設定します。"
    )
    text = f"パスワードに加えて、認証アプリの数字かパスキーで本人を確かめます。{who}"
    return Beginning("二要素認証を設定する", text, reverse("mfa_index"), is_done=known)


def _first_deeds(actor: Actor) -> Iterator[Beginning]:
    if actor.has(Role.DRAFTER):
        known = Case.objects.visible_to(actor).filter(registered_by_id=actor.user_id).exists()
        text = "落札した案件を登録すると、対象かどうかと期限が出ます。次に、承諾書を依頼します。"
        yield Beginning("案件を登録してみる", text, reverse("case_new"), is_done=known)
    if actor.has(Role.APPROVER):
        known = ApprovalAct.objects.visible_to(actor).filter(user_id=actor.user_id).exists()
        text = "決裁の順番が来ると、「私の仕事」に並び、メールが届きます。文書を読み、承認するか差し戻します。"
        yield Beginning("決裁をしてみる", text, reverse("home"), is_done=known)
    if actor.has(Role.SIGNATORY):
        rows = SigningStep.objects.visible_to(actor).filter(user_id=actor.user_id, party=Party.CITY)
        text = "受注者の署名が済むと、あなたの番です。文書を確かめ、「完了する」「署名手続きを完了する」と進みます。"
        known = rows.filter(instructed_at__isnull=False).exists()
        yield Beginning("署名をしてみる", text, reverse("home"), is_done=known)
