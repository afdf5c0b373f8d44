"""Every mail that carries a link, written by the services in a story at the point where its link is to be used."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import actors, hooks, tenancy
from accounts.models import Organization, Role, User
from accounts.services import passwords
from contracts import messages
from contracts.models import Case, Purpose
from contracts.services.cases import registering
from contracts.services.consents import addresses, consenting, withdrawing
from contracts.services.integrating import mails, webhooks
from contracts.services.keeping import proposing, terms
from contracts.services.signatures import changing, concluding
from contracts.services.versions import approving
from contracts.services.visits import ending
from guarantees import services as guarantees
from guarantees.issuing import messages as issued
from guarantees.issuing.services import entering
from guarantees.models import Channel, GuaranteeType, Institution
from guarantees.services import expecting, inviting
from notifications.models import Delivery
from notifications.reminders import sweeping
from signing import setup
from tests import factories
from tests.architecture import guests
from tests.contracts.links.mailed import link_in
from tests.guarantees.issuing.conftest import Books
from tests.race import stage
from tests.race.moves import QuickSealer
from tests.stories import Story

LANDING = re.compile(r"/[\w-]+/(?:issuing/)?[a-z]+/[\w-]{40,}/")
REASON = "支店名が名簿と違うため。"


@dataclass(frozen=True)
class Letter:
    """A mail as its reader has it: which, of which organization, to whom, and where its link leads."""

    template: str
    tenant_id: int
    to: str
    path: str
    reader: User | None

    @property
    def name(self) -> str:
        return f"{self.template} → {'アカウントのある人' if self.reader else '宛先の人'}"

    @property
    def has_landing(self) -> bool:
        """Tell whether the link carries its own key, and a page with a button stands before its matter."""
        return LANDING.fullmatch(self.path) is not None


def returned() -> None:
    told = stage.consented()
    consenting.return_(told.consent, actor=told.drafter, at=timezone.now(), reason=REASON)


def accepted() -> None:
    told = stage.consented()
    consenting.accept(told.consent, actor=told.drafter, at=timezone.now())


def draft_returned() -> None:
    told = stage.submitted()
    approving.return_(told.version, actor=told.approver, at=timezone.now(), reason=REASON)


def asked_to_sign() -> None:
    told = stage.sent()
    person = {"title": "支店長", "name": "濵田　二郎", "email": "hamada@takasaki.example.jp", "reason": "受任者の交代"}
    changing.ask(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now(), **person)
    version = told.version
    messages.seal_waiting(version, reason="タイムスタンプ局の応答待ち", at=timezone.now())
    messages.fixed_on_another_day(told.step(2), late=True, at=timezone.now())


def authority_changed() -> Story:
    told = stage.begin().accepted()
    person = {"authority_title": "支店長", "authority_name": "濵田", "authority_email": "hamada@takasaki.example.jp"}
    addresses.change_authority(
        told.consent, actor=told.drafter, at=timezone.now(), answers=told.answers() | person, reason="受任者の交代"
    )
    return told


def address_confirmed() -> None:
    told = authority_changed()
    addresses.confirm(told.consent, actor=told.holder(Purpose.ADDRESS), at=timezone.now())


def withdrawn() -> None:
    told = stage.begin().accepted()
    withdrawing.withdraw(
        told.consent, actor=told.holder(Purpose.STANDING), at=timezone.now(), reason="紙を希望するため"
    )


def concluded() -> None:
    told = stage.sent()
    stage.sign_all(told, appoint=factories.appointing(QuickSealer()))
    with stage.unverified():
        assert concluding.conclude(told.version, at=timezone.now(), trust=setup.trust())


def on_paper() -> Story:
    told, at = stage.begin(), timezone.now()
    told.case = registering.switch_to_paper(told.case, actor=told.drafter, at=at, contract_date=timezone.localdate(at))
    return told


def change_of_guarantee() -> None:
    told, at = on_paper(), timezone.now()
    handed = guarantees.submit(
        told.case,
        actor=told.holder(Purpose.GUARANTEE),
        at=at,
        type_=GuaranteeType.CONTRACT,
        institution=Institution.unscoped.get(tenant=told.tenant),
        number="1234567890",
        key="K7Q2M9X4TP",
        channel=Channel.UPLOAD,
    )
    need = expecting.expect(told.case, type_=handed.type, actor=told.drafter, at=at, amends=handed)
    inviting.ask_for_change(need, at=at)


def morning() -> None:
    told, now = stage.begin().invited(), timezone.now()
    Case.unscoped.filter(pk=told.case.pk).update(conclusion_deadline_date=timezone.localdate() + timedelta(days=14))
    # 閉庁日の朝は、だれにも知らせない。次に開いた朝まで進む
    days = (now + timedelta(days=number) for number in range(3, 14))
    assert any(sweeping.sweep(told.tenant, on=timezone.localdate(day), at=day).letters for day in days)


def upkeep() -> None:
    city = stage.new_city()
    chief = factories.member(city, Role.ADMINISTRATOR)
    at, who = timezone.now(), {"to": chief.email, "name": chief.name}
    since = at - timedelta(hours=1)
    messages.seal_held(city, contracts=2, since=since, reasons=["応答がありません"], at=at, **who)
    messages.records_broken(city, count=2, told=["操作記録 第3号: 一致しません。"], mark="3f", at=at, **who)
    messages.morning_report(city, to="ops@example.jp", concerns=["バックアップ: まだありません"], calm=[], at=at)
    messages.renewal_held(city, documents=2, first_end=at, reasons=["応答がありません"], at=at, **who)
    hook = factories.webhook(city)
    mails.stopped(webhooks.stop(hook, actor=actors.system(city.pk), at=at, because="届きません。"), at=at)


def disposal() -> None:
    city, at = stage.new_city(), timezone.now()
    factories.rule_set(city, retention={"period": "five_years", "count_from": "fiscal_year", "kinds": {}})
    chief, _, _ = (factories.staff(city, Role.ADMINISTRATOR) for _ in range(3))
    terms.begin(factories.foreign(city, by=chief), completed_date=date(2000, 3, 31), actor=chief, at=at)
    proposing.propose(up_to=timezone.localdate(at) - timedelta(days=1), actor=chief, at=at)


def visit() -> None:
    seen = guests.visit(stage.new_city())
    ending.leave(seen, actor=guests.inside(seen), at=timezone.now())


def accounts() -> None:
    city, at = stage.new_city(), timezone.now()
    chief = factories.staff(city, Role.ADMINISTRATOR)
    passwords.send_link(factories.member(city, Role.DRAFTER), tenant=city, at=at)
    colleague = factories.member(city, Role.DRAFTER)
    totp.TOTP.activate(colleague, totp.generate_totp_secret())
    for tell in hooks.on_address_asked:
        tell(colleague, city, "atarashii@example.jp", "http://localhost:8000/people/address/confirm/?token=x", at)
    for tell in hooks.on_address_changed:
        tell(colleague, city, "mae@example.jp", at)
    passwords.reset_second_factor(colleague, actor=chief, at=at, reason="端末の紛失")


def guarantor() -> None:
    books, at = Books(), timezone.now()
    books.applied()
    entering.send(books.city, actor=books.underwriter, at=at)
    certificate = books.issued()
    link = entering.make(books.firm, at=at)
    issued.registered(certificate, link=link, expires_at=at + entering.LIFETIME, at=at)


# 進んだ話を先に語る。どのメールも、最後に書かれた一通のリンクは、まだ使える
STORIES: tuple[Callable[[], Any], ...] = (
    concluded,
    change_of_guarantee,
    on_paper,
    stage.city_asked,
    asked_to_sign,
    draft_returned,
    withdrawn,
    address_confirmed,
    authority_changed,
    accepted,
    returned,
    stage.consented,
    morning,
    upkeep,
    disposal,
    visit,
    accounts,
    guarantor,
)


def write() -> list[Letter]:
    """Play the stories, commit them, and read the newest mail of each kind to each kind of reader."""
    before = set(Organization.objects.values_list("pk", flat=True))
    for tell in STORIES:
        with stage.ready_made(), transaction.atomic():
            tell()
    found = {letter.name: letter for letter in _posted(before)}
    return [found[name] for name in sorted(found)]


def _posted(before: set[int]) -> Iterator[Letter]:
    users = {user.email: user for user in User.objects.all()}
    for tenant_id in Organization.objects.exclude(pk__in=before).order_by("pk").values_list("pk", flat=True):
        with tenancy.acting_for(tenant_id):
            for mail in Delivery.unscoped.filter(sealed_link__isnull=False).order_by("pk"):
                path = link_in(mail).removeprefix(settings.BASE_URL)
                yield Letter(mail.template, tenant_id, mail.to, path, users.get(mail.to))
