"""A short true day of each role of a city, at a desk and on a phone: its main deed, and what came of it."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Membership, Role
from contracts.services.signatures import concluding, sealing
from contracts.services.versions import drafting
from contracts.states import StepState, VersionState
from guarantees.states import GuaranteeState
from notifications.models import Delivery
from signing import setup
from tests import factories
from tests.contracts.browsing import chromium as chromium
from tests.contracts.pages.conftest import user_of
from tests.days.sitting import go
from tests.days.sitting import seat as seat
from tests.guarantees.conftest import READ, submitted
from tests.journeys.people import fill, press
from tests.race import stage
from tests.race.moves import QuickSealer
from tests.stories import Story, story

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("days")]


@pytest.fixture
def tosu() -> Story:
    return story()


def take_up(page: Page, deed: str) -> None:
    """Take up what waits on the first page."""
    page.get_by_role("main").get_by_role("link", name=deed, exact=True).first.click()


def seal(told: Story) -> None:
    while sealing.seal_next(tenant_id=told.tenant.pk, at=timezone.now(), appoint=factories.appointing(QuickSealer())):
        pass


def nothing_waits(page: Page) -> None:
    expect(go(page, "/").get_by_text("あなたの番の仕事が")).to_have_count(0)


def test_a_drafter_drafts_the_contract_and_asks_for_its_approval(tosu, seat):
    with stage.ready_made():
        page = seat.staff(user_of(tosu.accepted().drafter))
        take_up(page, "契約書を起案する")
        page.get_by_role("link", name="契約書を起案する").click()
        fill(page, signatory="向門")
        press(page, "起案を始める")
        fill(page, amount="１２，１００，０００円")
        press(page, "保存する")
        expect(page.get_by_text("保存しました")).to_be_visible()
        go(page, f"/cases/{tosu.case.pk}/")
        press(page, "庁内の承認を依頼する")
        expect(page.get_by_text("庁内承認待ち").first).to_be_visible()

    assert (tosu.version.amount, tosu.version.state) == (12_100_000, VersionState.IN_APPROVAL)
    nothing_waits(page)


def test_an_approver_reads_the_contract_and_approves_it(tosu, seat):
    with stage.ready_made():
        tosu.accepted()
        version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
        drafting.submit(version, actor=tosu.drafter, at=timezone.now())
    page = seat.staff(user_of(tosu.approver))

    take_up(page, f"決裁する：{tosu.version.approval_steps.get(order=1).label}")
    page.get_by_role("link", name="工事請負契約書").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("工事請負契約書")
    go(page, f"/cases/{tosu.case.pk}/")
    page.get_by_label("意見").fill("金額を確かめました。")
    press(page, "承認する（可）")

    expect(page.get_by_text("決裁が済み、受注者へ署名を依頼しました")).to_be_visible()
    told = page.locator(".case__minor").filter(has_text="金額を確かめました。")
    told.locator("summary").click()
    expect(told.locator(".case__note").first).to_contain_text("承認: 可")
    assert tosu.version.state == VersionState.SENT
    nothing_waits(page)


def test_a_signatory_signs_and_sees_the_contract_concluded(tosu, seat):
    with stage.ready_made(), stage.unverified():
        tosu.signed()
        seal(tosu)
        page = seat.staff(tosu.signatory)
        take_up(page, "署名する")
        press(page, "完了する")
        press(page, "署名手続きを完了する")
        expect(page.get_by_role("heading", name="署名の指示を受け付けました")).to_be_visible()
        assert tosu.step(2).state == StepState.INSTRUCTED
        seal(tosu)
        concluding.conclude(tosu.version, at=timezone.now(), trust=setup.trust())

    expect(page.get_by_text("契約が締結されました")).to_be_visible(timeout=10_000)
    nothing_waits(page)


def test_a_guarantee_officer_compares_a_guarantee_and_accepts_it(seat):
    guarantee = submitted()
    page = seat.staff(factories.member(guarantee.tenant, Role.GUARANTEE_OFFICER))

    take_up(page, "保証を照合する")
    for name in ("種類", "保証契約番号", "被保証者", "工事名"):
        page.get_by_label(f"契約と同じ（{name}）").check()
    fill(page, amount="４０，０００，０００円", guaranteed_until=READ["guaranteed_until"].isoformat())
    press(page, "照合する")
    expect(page.get_by_text("すべて適合しています")).to_be_visible()
    press(page, "保証を受理する")

    expect(page.get_by_text("保証を受理しました")).to_be_visible()
    guarantee.refresh_from_db()
    assert guarantee.state == GuaranteeState.DEEMED_DEPOSITED
    nothing_waits(page)


def test_an_auditor_finds_a_contract_and_has_its_signatures_verified(tosu, seat):
    tosu.concluded()
    page = seat.staff(factories.member(tosu.tenant, Role.AUDITOR))

    go(page, "/archive/")
    page.get_by_role("searchbox").first.fill("道路改良 1000万円以上")
    press(page, "探す")
    found = page.get_by_role("row").filter(has_text=tosu.case.number)
    found.get_by_role("link").first.click()
    page.get_by_role("link", name="工事請負契約書").first.click()
    press(page, "署名を検証する")

    expect(page.get_by_text("署名済みであり、すべての署名が有効です。").first).to_be_visible()
    go(page, "/log/")
    expect(page.get_by_text("検証").first).to_be_visible()


def test_an_administrator_registers_a_colleague_and_gives_a_second_role(tosu, seat):
    page = seat.staff(factories.member(tosu.tenant, Role.ADMINISTRATOR))

    go(page, "/people/")
    page.get_by_role("link", name="職員を登録する").click()
    fill(page, name="新任　一郎", email="shinnin@tosu.example.jp")
    page.get_by_label("起案者").check()
    press(page, "登録してメールを送る")
    expect(page.get_by_text("新任　一郎さんを登録し、パスワードを決めるメールを送りました。")).to_be_visible()
    page.get_by_role("link", name="役割を加える").click()
    fill(page, role="契約検査担当")
    press(page, "役割を加える")

    expect(page.get_by_text("さんに「契約検査担当」の役割を加えました。")).to_be_visible()
    held = Membership.unscoped.filter(user__email="shinnin@tosu.example.jp").values_list("role", flat=True)
    assert set(held) == {Role.DRAFTER, Role.GUARANTEE_OFFICER}
    assert Delivery.unscoped.filter(to="shinnin@tosu.example.jp").exists()
