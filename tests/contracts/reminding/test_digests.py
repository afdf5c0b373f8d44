"""One mail a morning: what stands in it, that it comes once, and that it says what is still so when it leaves."""

import re
from datetime import date

import pytest
from django.core import mail as sent
from django.test import Client

from accounts.models import Role
from audit.models import Event
from contracts.models import AccessLink, Case, Consent, Inbox, InboxLink, Purpose
from contracts.services.mails import reading
from contracts.states import CaseState, ConsentState
from notifications import delivery, wordings
from notifications.line import Line
from notifications.models import Delivery, DeliveryState, Reminder
from tests import factories
from tests.contracts.reminding import scene
from tests.contracts.reminding.scene import FIRM

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY, TUESDAY = (date(2026, 3, day) for day in (6, 9, 10))


@pytest.fixture
def city():
    return factories.city("tosu")


@pytest.fixture
def drafter(city):
    return factories.member(city, Role.DRAFTER, email="drafter@tosu.example.jp")


@pytest.fixture
def two(city, drafter):
    """Return two cases of a firm that has not consented to either; the second is to be concluded first."""
    by, firm = factories.actor(drafter, city), factories.contractor(city, email=FIRM)
    later = scene.case(city, awarded=date(2026, 3, 5), by=by, contractor=firm, title="橋の補修工事")
    sooner = scene.case(city, awarded=date(2026, 3, 4), by=by, contractor=firm, title="道路改良工事")
    for case in (later, sooner):
        scene.consent(case, asked=date(2026, 3, 5))
    return later, sooner


def digest(to: str) -> Delivery:
    return next(each for each in scene.mails() if each.to == to)


def deliver(city, *, day: date) -> list[str]:
    """Send what waits on the morning of a day; return the texts that left."""
    sent.outbox.clear()
    with Line() as line:
        while delivery.deliver_next(tenant_id=city.pk, at=scene.moment(day, 9), line=line):
            pass
    return [str(message.body) for message in sent.outbox]


def test_everything_of_a_morning_is_one_mail_with_the_nearest_deadline_first(city, two, drafter):
    scene.sweep(city, MONDAY)

    assert sorted(each.to for each in scene.mails()) == [drafter.email, FIRM]
    matters = digest(FIRM).context["matters"]
    assert [each["heading"].partition("（")[0] for each in matters] == ["道路改良工事", "橋の補修工事"]
    # 期限と承諾書の二つの理由が、一つの案件の下に並ぶ
    assert [len(each["reasons"]) for each in digest(drafter.email).context["matters"]] == [2, 2]
    assert digest(FIRM).reminders.count() == 4


def test_each_case_shows_the_digests_that_spoke_of_it_and_no_others(city, two, drafter):
    later, sooner = two
    other = scene.case(city, awarded=date(2026, 3, 9), by=factories.actor(drafter, city), title="まだ先の工事")
    scene.sweep(city, MONDAY)

    told = [set(reading.of_case(case, actor=factories.actor(drafter, city))) for case in (later, sooner, other)]

    assert told == [{digest(FIRM), digest(drafter.email)}] * 2 + [set()]


def test_a_second_sweep_tells_nothing_and_what_came_up_since_waits_for_the_next_morning(city, two, drafter):
    scene.sweep(city, MONDAY)
    late = scene.case(city, awarded=date(2026, 3, 4), by=factories.actor(drafter, city))

    assert scene.sweep(city, MONDAY, hour=9).letters == {}
    scene.sweep(city, TUESDAY)

    told = Reminder.unscoped.filter(subject=f"case:{late.pk}", rule="deadline")
    assert [row.delivery.key for row in told] == [f"morning:2026-03-10:{drafter.email}"]


def test_a_sweep_that_was_away_for_days_tells_only_where_things_stand(city, two, drafter):
    scene.sweep(city, date(2026, 3, 12))

    assert {planned for planned, _to in scene.told(rule="deadline")} == {date(2026, 3, 9), date(2026, 3, 10)}
    assert {planned for planned, _to in scene.told(rule="overdue")} == {date(2026, 3, 10), date(2026, 3, 11)}
    assert len([each for each in scene.mails() if each.to == drafter.email]) == 1


def test_on_a_closed_day_nobody_is_told_anything(city, two):
    for day in (7, 8, 20):
        assert scene.sweep(city, date(2026, 3, day)).letters == {}


def test_an_address_that_is_missing_is_named_and_keeps_nobody_else_waiting(city, two, drafter):
    AccessLink.unscoped.filter(purpose=Purpose.CONSENT).update(email="")

    morning = scene.sweep(city, MONDAY)

    assert list(morning.letters) == [drafter.email]
    assert {each.item.rule for each in morning.unreachable} == {"consent", "deadline_firm"}
    event = Event.objects.get(tenant_id=city.pk, action="reminders.queued")
    assert two[0].contractor.full_name in event.data


def test_the_firms_link_opens_its_inbox_with_every_matter(city, two):
    scene.sweep(city, MONDAY)
    (text,) = [text for text in deliver(city, day=MONDAY) if "/tosu/inbox/" in text]
    (path,) = set(re.findall(r"https?://[^/]+(/tosu/inbox/\S+)", text))
    # 三月の朝に送ったリンクを、いま開く
    for links in (InboxLink, AccessLink):
        links.unscoped.update(expires_at=scene.moment(date(2099, 1, 1)))

    browser = Client()
    assert browser.get(path).status_code == 200
    page = browser.post(path, follow=True)

    assert Inbox.unscoped.get().email == FIRM
    assert [title in page.content.decode() for title in ("橋の補修工事", "道路改良工事")] == [True, True]


def test_whoever_is_asked_again_can_answer_even_where_the_first_link_has_run_out(city, two):
    rows = AccessLink.unscoped.filter(purpose=Purpose.CONSENT)
    rows.update(expires_at=scene.moment(FRIDAY))
    first = rows.order_by("pk").first()
    rows.filter(pk=first.pk).update(revoked_at=scene.moment(FRIDAY))

    scene.sweep(city, MONDAY)

    assert [link.is_live(at=scene.moment(TUESDAY)) for link in rows.order_by("pk")] == [False, True]


def test_what_is_done_before_the_mail_leaves_falls_out_of_it(city, two, drafter):
    _later, sooner = two
    scene.sweep(city, MONDAY)
    Case.unscoped.filter(pk=sooner.pk).update(state=CaseState.PAPER)
    Consent.unscoped.filter(case=sooner).update(state=ConsentState.VOID_BY_PAPER)

    texts = deliver(city, day=MONDAY)

    assert len(texts) == 2
    assert all("橋の補修工事" in text and "道路改良工事" not in text for text in texts)


def test_a_mail_of_which_nothing_is_left_is_not_sent(city, two):
    scene.sweep(city, MONDAY)
    Case.unscoped.update(state=CaseState.PAPER)
    Consent.unscoped.update(state=ConsentState.VOID_BY_PAPER)

    assert deliver(city, day=MONDAY) == []
    assert {each.state for each in scene.mails()} == {DeliveryState.CANCELLED}


def test_a_mail_that_leaves_a_day_late_says_how_many_days_are_left_then(city, two, drafter):
    scene.sweep(city, MONDAY)
    before = str(digest(drafter.email).context)

    texts = "".join(deliver(city, day=TUESDAY))

    assert "契約締結期限：令和8年3月10日（あと1日）" in before
    assert "契約締結期限：令和8年3月10日（きょう）" in texts
    assert "契約締結期限：令和8年3月9日（1日過ぎています）" in texts


def test_what_was_queued_stands_in_the_log(city, two):
    scene.sweep(city, MONDAY)

    event = Event.objects.get(tenant_id=city.pk, action="reminders.queued")
    assert (event.label, event.thread) == ("朝のお知らせを用意", "city")
    assert '"mails":2' in event.data.replace(" ", "")


def test_a_firm_that_is_also_staff_reads_it_all_as_staff(city, two, drafter):
    AccessLink.unscoped.filter(purpose=Purpose.CONSENT).update(email=drafter.email)

    scene.sweep(city, MONDAY)

    assert [(each.to, each.template) for each in scene.mails()] == [(drafter.email, "contracts/morning_staff")]


def test_more_than_forty_matters_are_only_counted(city, drafter):
    by = factories.actor(drafter, city)
    cases = [scene.case(city, awarded=date(2026, 3, 4), by=by) for _ in range(42)]

    scene.sweep(city, MONDAY)

    context = digest(drafter.email).context
    assert (len(context["matters"]), context["matter_count"], context["others"]) == (40, len(cases), 2)
    said = wordings.said(digest(drafter.email), link="http://localhost/", code=None)
    assert "このほかに2件あります" in said.text
