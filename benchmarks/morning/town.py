"""A city with a case at every point of its way, and thousands of copies of each."""

from collections.abc import Callable, Iterator

from django.db import transaction
from django.utils import timezone

from accounts import tenancy
from accounts.models import Department, Organization
from benchmarks import town, works
from config.embedded.postgres import DATABASE
from config.embedded.stack import Stack
from contracts.models import Purpose
from contracts.services.consents import consenting
from contracts.services.versions import drafting
from tests.pages import many
from tests.stories import Story, story

CITY, DEPARTMENTS = "kiyama", 10
# _ways のうち、手続き中のものと、締結したもの
OPEN, OVER = 8, 4
# 市の課は、案件が増えても増えない
ALONE = many.ALONE | {"accounts.Department"}
# 課、登録した日、期限、締結した日を、実際の市のように散らす
SPREAD = (
    "update contracts_case set department_id = (%(departments)s::bigint[])[1 + id %% 9973 %% 10],"
    " registered_at = registered_at - id %% 9967 %% 360 * interval '1 day',"
    " conclusion_deadline_date = conclusion_deadline_date - 15 + (id %% 9949 %% 60)::int"
    " where tenant_id = %(city)s and id > %(first)s and id <= %(last)s",
    "update contracts_archiveentry set department_id = (%(departments)s::bigint[])[1 + id %% 9973 %% 10],"
    " concluded_date = concluded_date - (id %% 9967 %% 700)::int"
    " where tenant_id = %(city)s and id > %(first)s and id <= %(last)s",
)


def found() -> Organization:
    """Bring one case to each point of its way through the services, and some to their end."""
    with town.prepared(works.contract()):
        for bring in _ways():
            with transaction.atomic():
                bring(story(CITY))
    city: Organization = Organization.objects.get(slug=CITY)
    with tenancy.acting_for(city.pk):
        for number in range(DEPARTMENTS):
            Department.unscoped.create(tenant=city, name=f"第{number}課")
    return city


def fill(stack: Stack, city: Organization, *, cases: int) -> None:
    """Copy what was brought until about so many cases are under way, past the walls and the triggers."""
    assert stack.postgres is not None
    with stack.postgres.superuser(DATABASE) as connection:
        connection.execute("set session_replication_role = replica")
        counted = "select count(*), max(id) / %s from contracts_case where tenant_id = %s and state = any(%s)"
        known, copied = connection.execute(counted, [many.STRIDE, city.pk, ["registered", "contracting"]]).fetchone()
        last = copied + round((cases - known) / OPEN)
        for statement, values in many.statements(city.pk, first=copied + 1, last=last, alone=ALONE):
            connection.execute(statement, values)
        ids = "select array_agg(id order by id) from accounts_department where tenant_id = %s and id < %s"
        (departments,) = connection.execute(ids, [city.pk, many.STRIDE]).fetchone()
        span = {"first": (copied + 1) * many.STRIDE, "last": (last + 1) * many.STRIDE}
        for statement in SPREAD:
            connection.execute(statement, span | {"city": city.pk, "departments": departments[-DEPARTMENTS:]})
        connection.execute("vacuum (analyze)")


def _ways() -> Iterator[Callable[[Story], object]]:
    yield lambda told: told
    yield Story.invited
    yield _submitted
    yield Story.accepted
    yield _drafted
    yield _asked
    yield Story.sent
    yield _sealed
    yield from [Story.concluded] * OVER


def _submitted(told: Story) -> None:
    told.invited()
    answers = told.answers()
    consenting.submit(told.consent, actor=told.holder(Purpose.CONSENT), at=timezone.now(), answers=answers)


def _drafted(told: Story) -> None:
    told.accepted()
    drafting.draft(told.case, actor=told.drafter, at=timezone.now(), signatory=told.signatory)


def _asked(told: Story) -> None:
    _drafted(told)
    drafting.submit(told.version, actor=told.drafter, at=timezone.now())


def _sealed(told: Story) -> None:
    told.signed()
    told.seal()
