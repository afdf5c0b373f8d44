"""Cities whose contractors have all signed: what the workers will find, and the time that passes meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connections, transaction
from django.utils import timezone

from accounts import tenancy
from accounts.actors import Actor
from accounts.models import Organization
from contracts.models import Case, ContractVersion, Party, Purpose, SigningJob, SigningStep
from contracts.services.signatures import signing
from contracts.states import StepState, VersionState
from notifications.models import WAITING, Delivery
from tests import factories
from tests.race import stage
from tests.stories import Story, story

CITIES = ("tosu", "kiyama", "miyaki")
# 一件の契約は二つの文書を、二人の当事者が署名する
JOBS_PER_CASE = 4
SIGNED_BY_LINK = "メールアドレスに届いた専用のリンク"


@dataclass
class Town:
    """Cases of several cities, half of whose jobs wait from the start; the other half follows them."""

    jobs: int
    stories: list[Story] = field(default_factory=list)

    @property
    def cities(self) -> list[Organization]:
        return list({told.tenant.pk: told.tenant for told in self.stories}.values())

    def found(self) -> None:
        """Bring every case to the point at which the contractor has signed. A city has one approver for all of them."""
        approvers: dict[str, Actor] = {}
        for number in range(1, -(-self.jobs // JOBS_PER_CASE) + 1):
            city = CITIES[number % len(CITIES)]
            case = {"number": f"障工第{number}号", "title": f"障害試験工事その{number}"}
            with stage.ready_made(), transaction.atomic():
                told = story(city, approver=approvers.get(city), **case)
                approvers[city] = told.approver
                self.stories.append(told.sent())
                holder = told.holder(Purpose.SIGN)
                signing.instruct(told.step(1), actor=holder, at=timezone.now(), authentication=SIGNED_BY_LINK)

    def sign_for_the_cities(self) -> None:
        """Have the city sign whatever has come to it."""
        for city in self._acting():
            asked = SigningStep.unscoped.filter(party=Party.CITY, state=StepState.REQUESTED).select_related("user")
            for step in asked:
                actor = factories.actor(step.user, city)
                signing.instruct(step, actor=actor, at=timezone.now(), authentication="パスワードと確認コード")

    def let_time_pass(self) -> None:
        """Let every lease run out, also those of workers that are alive; and no back-off last."""
        with connections["owner"].cursor() as cursor:
            cursor.execute("update contracts_signingjob set due_at = now() where state <> 'done' and due_at > now()")
            cursor.execute("update contracts_contractversion set conclude_at = now() where conclude_at > now()")
            # 生きている worker の送信は、三秒もあれば済む。それより前の送信中は、死んだ worker のものである
            cursor.execute(
                "update notifications_delivery set next_attempt_at = now()"
                " where state = 'sending' and next_attempt_at < now() + interval '5 minutes' - interval '3 seconds'"
            )
            cursor.execute("update notifications_delivery set next_attempt_at = now() where state = 'queued'")

    def is_done(self) -> bool:
        """Tell whether every contract is concluded and every mail has left."""
        for _ in self._acting():
            if ContractVersion.unscoped.exclude(state=VersionState.CONCLUDED).exists():
                return False
            if Delivery.unscoped.filter(state__in=WAITING).exists():
                return False
        return True

    def state(self) -> str:
        """Say how far it is, for whoever waits."""
        left = done = 0
        for _ in self._acting():
            left += SigningJob.unscoped.exclude(state="done").count()
            done += ContractVersion.unscoped.filter(state=VersionState.CONCLUDED).count()
        return f"残る封印 {left}、締結 {done}/{len(self.stories)}"

    def cases(self) -> Iterator[Case]:
        """Give each case with its city's rows in view."""
        for city in self._acting():
            yield from Case.unscoped.filter(tenant=city).order_by("pk")

    def _acting(self) -> Iterator[Organization]:
        for city in self.cities:
            with tenancy.acting_for(city.pk):
                yield city
